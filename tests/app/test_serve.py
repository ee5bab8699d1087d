"""The door: it opens on this machine alone unless told otherwise, and says what keeps it shut."""

import socket
import sys

import pytest

from partnersim.app import words
from partnersim.app.serve import _check_free, serve
from partnersim.errors import PartnersimError


def test_a_taken_port_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PartnersimError, match="--port"):
            _check_free("127.0.0.1", taken.getsockname()[1])


def test_without_nicegui_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "nicegui", None)
    with pytest.raises(PartnersimError, match="partnersim.app"):
        serve()


def test_whoever_opens_the_door_to_others_is_warned():
    assert "{host}" in words.OPEN_TO_OTHERS
    assert "127.0.0.1" in words.OPEN_TO_OTHERS
