"""One compiled toy world and one compiled plan of the real model for all tests of the engine."""

from __future__ import annotations

import pytest
import toys

from partnersim.engine.compose import Plan
from partnersim.model.columns import COLUMNS
from partnersim.model.month import SCHEDULE


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    toys.write(folder, toys.SOURCES)
    return toys.plan_of(folder)


@pytest.fixture(scope="session")
def real():
    return Plan(SCHEDULE, COLUMNS)
