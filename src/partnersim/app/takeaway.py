"""What a class takes home: series as CSV, the story as text, and a replay that is one page and needs no server."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html import escape
from importlib.resources import files

from partnersim import __version__
from partnersim.app import charts, words
from partnersim.app.catalogue import differences
from partnersim.app.drawing import District, labels, months_of
from partnersim.app.session import Setup
from partnersim.app.worlds import Fan, Shown
from partnersim.model import outcomes
from partnersim.model.outcomes import ALIVE

__all__ = ["replay", "series_csv"]

REPLAYED = ("alive_index", "trust_union_strategic", "trust_union_workplace", "member_support")


def series_csv(shown: dict[str, Shown]) -> str:
    """Return every outcome of the shown worlds by month; units stand in the names."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["district", "replicate", "month", *(f"{o.name} [{o.unit}]" for o in outcomes.OUTCOMES)])
    for side, world in shown.items():
        for month, row in enumerate(world.series):
            writer.writerow([side, world.replicate, month, *(repr(float(value)) for value in row)])
    return out.getvalue()


def replay(
    setup: Setup,
    shown: dict[str, Shown],
    fans: dict[str, Fan],
    drawn: District,
    story: str,
    label: Callable[[str], str] = str,
) -> str:
    """Return a page that plays the two districts again, with everything it needs inside."""
    data = {
        "months": setup.months,
        "names": [[name, label(words.CHART_LABELS.get(name, charts.BY_NAME[name].label))] for name in REPLAYED],
        "sides": {side: charts.lines(REPLAYED, world, fans.get(side)) for side, world in shown.items()},
        "thin": charts.THIN,
        "marks": charts.marks(shown["b"], setup.events, label),
        "drawn": drawn.to_json(),
        "labels": {**labels(label), "open": ""},
        "alive": [ALIVE, words.ALIVE],
        "legend": [label(text) for text in words.LEGEND],
        "frames": {side: months_of(drawn, world) for side, world in shown.items()},
    }
    # a "<" inside a script could end it
    inside = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    title = setup.variant.heading
    page = files(__package__).joinpath("static/replay.html").read_text(encoding="utf-8")
    filled = {
        "TITLE": escape(label(title)),
        "FATES": " ".join(
            f'<span class="tag {side}">{side.upper()}</span> {escape(label(words.fate(world.life)))}&emsp;' for side, world in shown.items()
        ),
        "CHANGES": escape(label(words.DIFFERS.format(changes="; ".join(differences(setup))))) if setup.changed else "",
        "WHO": escape(f"World {setup.replicate} of seed {setup.seed}, {setup.years} years; partnersim {__version__}."),
        "LIMITS": escape(words.LIMITS),
        "STORY": escape(label(story)),
        "DATA": inside,
        "SHAPES": files(__package__).joinpath("static/drawing.js").read_text(encoding="utf-8"),
    }
    return re.sub(r"%%([A-Z]+)%%", lambda found: filled[found[1]], page)  # in one go: nothing that is filled in is filled again
