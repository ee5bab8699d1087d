"""What users wait for stays within its budget, and the model stays ahead of its peers, in units of a control (see `measure.py`).

Budgets in seconds hold on the machine where the controls take `PYTHON_SECONDS` and `SPIN_SECONDS`; elsewhere they scale with it.
"""

import pytest
from measure import SIZES, beside_mesa, by_size, equal_work, memory, run_time, start_up, steps, two_threads

pytestmark = pytest.mark.slow


def within(timing, seconds):
    """Whether a timing keeps its budget; on a crowded machine one that does not tells nothing."""
    if timing.there >= seconds and timing.crowding > 1.15:
        pytest.skip(f"the machine is too crowded to tell: {timing}")
    return timing.there < seconds


@pytest.fixture(scope="module")
def waits():
    return {timing.what: timing for timing in start_up()}


@pytest.mark.parametrize(
    ("what", "seconds"),
    [("import partnersim", 0.3), ("first result, cold", 40.0), ("first result, warm", 3.0)],
)
def test_users_do_not_wait_longer(waits, what, seconds):
    """Cold was meant to take 15 s; it takes 33, nearly all of it numba's compiler, and grows with the model (see CHANGELOG)."""
    assert within(waits[what], seconds), waits[what]


def test_a_run_of_a_thousand_agents_takes_at_most_25_milliseconds():
    """The target to reach for is 12."""
    timing = run_time()
    assert within(timing, 0.025), timing


def test_an_agents_month_is_ten_times_faster_than_that_of_a_mesa_peer_that_does_far_less():
    here, there = beside_mesa()
    assert there / here > 10, (here, there)


def test_equal_work_is_a_hundred_times_faster_than_in_mesa_with_equal_results():
    here, there, apart = equal_work()
    assert apart < 1e-12
    assert there / here > 100, (here, there)


def test_the_cost_of_an_agents_month_does_not_grow_with_the_district():
    """Six schools are dearer, because the leaders and what is the district's own cost the same in any district."""
    cost = by_size()
    small, usual, large = (cost[sites] for sites in SIZES)
    assert large < 1.3 * usual, cost
    assert max(cost.values()) < 1.6 * min(cost.values()), cost
    assert small > 0.8 * usual, cost


def test_memory_grows_only_with_results():
    """150 runs more: a world used again takes nothing, a set of runs what its results take; a world leaking 1 % of them would show."""
    used = memory()
    assert used.world < 0.01 * used.results, used
    assert not used.process > 0.05 * used.results, used  # nan where the system does not tell
    assert used.kept < 1.1 * used.results, used


def test_the_steps_account_for_a_run():
    """The table of where the time goes is believed only if its lines add up to the run, or nearly."""
    whole, taken = steps()
    assert 0.7 * whole < sum(taken.values()) < 1.2 * whole, (whole, taken)


def test_two_threads_gain_nine_tenths_of_what_a_control_loop_gains():
    control, model = two_threads()
    if control < 1.8:
        pytest.skip(f"the machine has no two cores to give: its control gained {control:.2f}")
    assert model > 0.9 * control, (model, control)
