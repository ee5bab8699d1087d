"""A published result is a hash that anyone can check, on any machine: when it changes, the changelog says so."""

import hashlib
from pathlib import Path

import partnersim as ps

CHANGELOG = (Path(__file__).parents[2] / "CHANGELOG.md").read_text()


def test_ten_worlds_of_the_typical_district_have_the_hash_that_the_changelog_gives():
    """Same bits compiled for this processor and for a generic one."""
    series = ps.run("typical-district", replicates=10, years=20, seed=1, point=True).histories.series
    assert f"`{hashlib.sha256(series.tobytes()).hexdigest()[:16]}`" in CHANGELOG.split("\n## ")[1]
