"""Answers as plain data hold nothing that JSON cannot say."""

import json
import math

from partnersim.analysis.plain import plain


def test_numbers_that_are_none_become_none_at_any_depth():
    found = {"a": math.nan, "b": [1.5, math.nan, {"c": (math.nan, 0.0, "nan")}], "d": True, "e": None}
    assert plain(found) == {"a": None, "b": [1.5, None, {"c": [None, 0.0, "nan"]}], "d": True, "e": None}
    assert json.loads(json.dumps(plain(found), allow_nan=False))["b"][1] is None
