"""Sessions for the classroom's tests."""

import pytest
from districts import small

from partnersim.app.session import Session, Setup


@pytest.fixture
def session():
    return Session(Setup(small(), years=6))


@pytest.fixture
def shipped():
    return Session()
