"""What makes two runs the same run: the band they go over, and a name for each point that says what it is."""

from __future__ import annotations

import hashlib
import itertools
import json
import struct
from typing import TYPE_CHECKING

from partnersim.model import band
from partnersim.scenarios.scenario import Scenario
from partnersim.study.design import (
    Columns,
)

if TYPE_CHECKING:
    from partnersim.study.study import Study


def band_of(point: bool) -> str | None:
    """Return the hash of the band that the runs go over; None at the default parameters."""
    chosen_band = band.choose(point=point)
    return None if chosen_band is None else chosen_band.digest


def point_ids(study: Study, columns: Columns) -> list[str]:
    """Return a name for each point that says what it is: the same point has the same name in every study."""
    bases = {}
    for scenario in study.scenarios:
        bare = Scenario(**scenario.fields() | {"title": "", "summary": "", "sources": (), "words": "school"})  # words change no run
        text = json.dumps([scenario.name, bare.to_toml(beside=True), study.seed, study.years])
        bases[scenario.name] = hashlib.sha256(text.encode())
    keys = sorted(key for key in columns if key != "scenario")
    rows = zip(*(columns[key] for key in keys), strict=True) if keys else itertools.repeat(())
    out = []
    for name, row in zip(columns["scenario"], rows, strict=False):
        digest = bases[str(name)].copy()
        there = [(key, value) for key, value in zip(keys, row, strict=True) if value is not None]
        words = [key if isinstance(value, float | int) and not isinstance(value, bool) else f"{key}={value!r}" for key, value in there]
        numbers = [value for _, value in there if isinstance(value, float | int) and not isinstance(value, bool)]
        digest.update("\n".join(words).encode() + struct.pack(f"<{len(numbers)}d", *numbers))
        out.append(digest.hexdigest()[:16])
    times: dict[str, int] = {}
    for n, name in enumerate(out):  # a drawn point may come again: each time it is a point of its own
        times[name] = again = times.get(name, -1) + 1
        if again:
            out[n] = f"{name}-{again}"
    return out
