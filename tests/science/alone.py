"""One function of the model alone, uncompiled, with the default parameters of its mechanism."""

from __future__ import annotations


class Values:
    """Values of a mechanism's parameters, as a step sees them."""

    on = 1.0

    def __init__(self, mechanism, **changed):
        for parameter in mechanism.parameters:
            setattr(self, parameter.name, changed.get(parameter.name, parameter.default))


def plain(function):
    """Return the Python function behind a compiled one."""
    return getattr(function, "py_func", function)
