"""When a run was lost: the chances of survival along its life, and what would have saved it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from partnersim.plots.style import BAND_ALPHA, INK, LIVES, QUIET, around, dated, events_on, look, new_figure, size, wrapped, year_ticks

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["plot_turning"]

SHOWN = 12


class TurningResult(Protocol):
    """What the figure needs."""

    @property
    def scenario(self) -> Any: ...
    @property
    def died(self) -> bool: ...
    @property
    def end(self) -> int: ...
    @property
    def chances(self) -> pd.DataFrame: ...
    @property
    def changes(self) -> pd.DataFrame: ...
    @property
    def title(self) -> str: ...
    @property
    def footer(self) -> str: ...
    @property
    def point_of_no_return(self) -> int | None: ...


def plot_turning(result: TurningResult, figure: Any = None, style: str = "page") -> np.ndarray:
    """Draw the share of fresh futures that survive, month by month, and the months that single changes would have won."""
    chances, changes = result.chances, result.changes
    line = LIVES["practice"]
    with look(style):
        # of the dates of a change the one that won most, and the last of equals
        best = changes.sort_values(["gained", "at_month"], ascending=False, kind="stable").drop_duplicates("change")
        brief = size() > 1  # for the back row: fewer changes, fewer words
        gained = best.head(SHOWN // 2 if brief else SHOWN)
        if figure is None:
            figure = new_figure(8.4, (5.6 if brief else 4.2) + (0.8 if brief else 0.36) * len(gained))
        ratio = (1.0, (0.18 if brief else 0.1) * len(gained) + 0.05) if len(gained) else (1.0,)
        axes = np.atleast_1d(figure.subplots(len(ratio), 1, gridspec_kw={"height_ratios": ratio}))
        ax = axes[0]
        x = chances["month"] / 12
        ax.fill_between(x, chances["low"], chances["high"], color=line.colour, alpha=BAND_ALPHA, linewidth=0)
        ax.plot(x, chances["survive"], color=line.colour, marker="o", markersize=3.5)
        ax.set_ylim(0, 1.02)
        ax.set_xlim(0, max(float(x.iloc[-1]) * 1.02, 1))
        ax.set_xticks(year_ticks(float(x.iloc[-1])))
        ax.set_yticks([0, 0.25, 0.5, 0.75, 1.0], labels=["0", "25", "50", "75", "100"])
        ax.set_ylabel("Futures that survive (%)")
        ax.set_xlabel("Years since the start")
        events = [(month, words) for month, words in dated(result.scenario.timeline) if month <= result.end]
        point = result.point_of_no_return
        if point is not None:
            events.append((point, "point of no return"))
        if result.died:
            events.append((result.end, "death of practice"))
        events_on(ax, events)
        if len(gained):
            below = axes[1]
            y = np.arange(len(gained))[::-1]
            saved = gained["alive"].to_numpy()
            below.barh(y, gained["gained"], height=0.62, color=[line.colour if one else QUIET for one in saved])
            for row, at in zip(gained.itertuples(), y, strict=True):
                word = "alive at the end" if row.alive else f"{row.gained:+.0f}"
                text = f"{word}, from month {row.at_month} on" if row.gained else "0"
                if row.fresh_with == row.fresh_with and not brief:
                    text += f"\nother luck: {100 * row.fresh_without:.0f} to {100 * row.fresh_with:.0f} %"
                place = {"xytext": (4, 0), "textcoords": "offset points", "va": "center"}
                below.annotate(text, (max(row.gained, 0), at), fontsize=7, color=INK, annotation_clip=False, **place)
            below.set_yticks(y, labels=[wrapped([words], 40) for words in gained["words"]], fontsize=8)
            below.xaxis.get_major_locator().set_params(integer=True)
            if saved.any():  # what is written beside these needs room
                below.set_xlim(0, 1.65 * float(gained["gained"].max()))
            below.grid(visible=True, axis="x")
            below.grid(visible=False, axis="y")
            below.set_xlabel("Months of practice won by this change alone, on the same luck")
        notes = [
            f"n = {int(chances['n'].iloc[0])} futures with fresh luck from each month. Above: share in which practice is alive at the end; "
            "band: 95 % interval.",
        ]
        if len(gained):
            notes.append("Below: the best of its dates for each change; dark: practice is alive at the end of the run.")
            if not brief and gained["fresh_with"].notna().any():
                notes.append("Other luck: share of futures that survive from that month on, without the change and with it.")
        around(figure, f"When it was lost: {result.title}" if result.died else f"How safe it was: {result.title}", notes, result.footer)
    return axes
