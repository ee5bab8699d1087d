"""Studies add little to the engine, use both cores, and need no more memory for more runs (see `studies.py`)."""

import pytest
from studies import large, overhead, two_workers

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scattered", [False, True], ids=["one point", "a point a run"])
def test_a_study_adds_less_than_a_tenth_to_runs_of_ten_milliseconds(scattered):
    found = overhead(scattered=scattered)
    print(f"{1000 * found.bare:.2f} ms bare, {1000 * found.study:.2f} ms in a study: {found.share:+.1%}")
    assert 0.002 < found.bare < 0.050, found
    assert found.share < 0.10, found


def test_two_workers_gain_nine_tenths_of_what_a_control_loop_gains():
    control, study = two_workers()
    print(f"two workers: control {control:.2f}, study {study:.2f}, ratio {study / control:.2f}")
    if control < 1.6:
        pytest.skip(f"the machine has no two cores to give: its control gained {control:.2f}")
    assert study > 0.9 * control, (study, control)


def test_memory_is_flat_from_a_thousand_to_a_hundred_thousand_runs():
    """Short runs, as it is their number that counts; one byte a run for the plan of what is done is what grows."""
    few, many = large(1000, years=1), large(100_000, years=1)
    print(few, many, sep="\n")
    assert many.peak < 1.15 * few.peak + 64e6, (few, many)


def test_a_hundred_thousand_runs_of_a_small_district_end_and_open_as_a_frame_in_seconds():
    found = large(100_000, years=20)
    print(found)
    assert found.opening < 20
    assert found.filtered < 5
    assert found.counted < 5
