"""What users wait for stays within its budget, in units of a control loop that runs beside it (see `measure.py`).

The budgets in seconds hold on the machine on which plain Python's control takes `measure.PYTHON_SECONDS`; elsewhere they scale with it.
"""

import pytest
from measure import PYTHON_SECONDS, engine, start_up

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def waits():
    return {timing.what: timing for timing in start_up()}


@pytest.mark.parametrize(
    ("what", "seconds"),
    [("import partnersim", 0.3), ("first result, cold", 30.0), ("first result, warm", 2.5)],
)
def test_users_do_not_wait_longer(waits, what, seconds):
    """Cold was meant to take 15 s; it takes about 20, nearly all of it numba's compiler (see CHANGELOG)."""
    timing = waits[what]
    assert timing.ratio * PYTHON_SECONDS < seconds, timing


def test_two_threads_gain_nine_tenths_of_what_a_control_loop_gains():
    timings, gain = engine()
    print(timings, gain)
    assert gain > 0.9
