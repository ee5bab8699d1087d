"""Which parameters matter: tornado, effects, indices; a map of two; skill of early warnings; how an estimate settles."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from matplotlib.patches import Rectangle

from partnersim.plots.style import BAND_ALPHA, GROUPS, INK, LIVES, QUIET, SCENARIOS, around, look, new_figure, size, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_map", "plot_roc", "plot_running", "plot_sensitivity"]

FRAME = "#d9601f"
SHOWN = 20
"""Parameters drawn; the others are in the table."""


class SensitivityResult(Protocol):
    """What the figure needs."""

    @property
    def method(self) -> str: ...
    @property
    def table(self) -> pd.DataFrame: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def replicates(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def footer(self) -> str: ...


def plot_sensitivity(result: SensitivityResult, ax: Axes | None = None, style: str = "page") -> Axes:
    """Draw the table of a sensitivity analysis: a tornado, effects (Morris) or indices (Sobol), with 95 % intervals.

    Where the result has `labels`, `units` and `space` (the range of each parameter), parameters are told in words with them.
    """
    with look(style):
        table = result.table.head(round(SHOWN / size() ** 2))
        y = np.arange(len(table))[::-1]
        names = [_named(result, row) for row in table.to_dict("records")]
        if ax is None:
            # letters keep their size on a smaller sheet, so that names need the same room
            lines = max(1 + name.count("\n") for name in names)
            ax = new_figure(8.6, 2.0 + size() * len(names) * (0.12 * lines + 0.15)).add_subplot()
        xlabel, told = {"tornado": _tornado, "morris": _effects, "sobol": _indices}[result.method](ax, table, y, result.label)
        ax.set_yticks(y, labels=names, fontsize=7.5)
        ax.set_ylim(-0.7, len(table) - 0.3)
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")
        ax.set_xlabel(wrapped([xlabel], 64), loc="right")
        ax.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)
        rest = len(result.table) - len(table)
        more = f" The {len(table)} strongest of {len(result.table)} parameters." if rest else ""
        notes = [f"n = {result.replicates} worlds a point. {told} Lines: 95 % intervals.{more}", *result.notes]
        around(ax.figure, f"What matters: {result.title}", notes, result.footer)
    return ax


def _named(result: SensitivityResult, row: Mapping[Hashable, Any]) -> str:
    """Say a parameter in words, with its name, its range and its unit, as far as they are known."""
    name = str(row["parameter"])
    words, unit = (getattr(result, known, {}).get(name, "") for known in ("labels", "units"))
    ends = getattr(result, "space", {}).get(name)
    parts = [name] if size() == 1 or not words else []  # the back row needs no names of parameters
    if ends is not None:
        parts.append(f"{ends[0]:.3g} to {ends[1]:.3g}{'' if unit in ('', '-') else ' ' + unit}")
    sign = {1: "; raises it", -1: "; lowers it"}.get(int(np.sign(row.get("direction", 0.0))), "")
    return "\n".join(line for line in (wrapped([words], 46), ", ".join(parts) + sign) if line)


def _tornado(ax: Axes, table: pd.DataFrame, y: np.ndarray, label: str) -> tuple[str, str]:
    for end, line, hatch, shift in (("low", LIVES["form"], "//", 0.19), ("high", LIVES["practice"], "", -0.19)):
        ax.barh(y + shift, table[f"at_{end}"], height=0.36, color=line.colour, hatch=hatch, edgecolor="white", label=f"at its {end} end")
        ax.hlines(y + shift, table[f"at_{end}_low"], table[f"at_{end}_high"], color=INK, linewidth=1.2)
    ax.axvline(0, color=INK, linewidth=0.9)
    return f"Difference in: {label}", "Bars: mean difference from the scenario in the same worlds."


def _effects(ax: Axes, table: pd.DataFrame, y: np.ndarray, label: str) -> tuple[str, str]:
    ax.barh(y, table["effect"], height=0.6, color=LIVES["practice"].colour, alpha=2 * BAND_ALPHA, label="mean absolute effect")
    ax.hlines(y, table["low"], table["high"], color=INK, linewidth=1.4)
    mark: dict[str, Any] = {
        "color": LIVES["form"].colour,
        "markersize": 5,
        "markerfacecolor": "white",
        "label": "spread: it bends, or depends on others",
    }
    ax.plot(table["spread"], y, "D", **mark)
    ax.set_xlim(left=0)
    return f"Effect of its whole range on: {label}", "Raises, lowers: what a higher value does on average."


def _indices(ax: Axes, table: pd.DataFrame, y: np.ndarray, label: str) -> tuple[str, str]:
    for column, line, shift, mark in (("first", LIVES["form"], 0.14, "D"), ("total", LIVES["practice"], -0.14, "o")):
        ax.hlines(y + shift, table[f"{column}_low"], table[f"{column}_high"], color=line.colour, linewidth=1.8)
        said = "alone (first-order index)" if column == "first" else "with others (total index)"
        inside = "white" if mark == "D" else line.colour
        ax.plot(table[column], y + shift, mark, color=line.colour, markersize=5.5, markerfacecolor=inside, label=said)
    ax.axvline(0, color=INK, linewidth=0.9)
    ax.xaxis.set_major_formatter(lambda x, _: f"{100 * x:.0f}")
    return f"Share of the variance it explains (%) of: {label}", "Marks: Sobol's indices over the ranges given."


def plot_map(
    table: pd.DataFrame,
    what: str,
    labels: dict[str, str] | None = None,
    source: str = "",
    boxes: Sequence[Mapping[str, tuple[float, float]]] = (),
    ax: Axes | None = None,
    style: str = "page",
) -> Axes:
    """Draw a map of two parameters: `table` of `partnersim.analysis.discovery.map_of_two`; dark is dangerous, numbers are per cent.

    Those of `boxes` (the limits of each) that restrict nothing but these two parameters are drawn as frames.
    """
    words = labels or {}
    first, second = table.attrs["first"], table.attrs["second"]
    cells = round(len(table) ** 0.5)
    x = np.append(np.unique(table["first_low"]), table["first_high"].max())
    y = np.append(np.unique(table["second_low"]), table["second_high"].max())
    share = table["share"].to_numpy().reshape(cells, cells).T
    with look(style):
        if ax is None:
            ax = new_figure(6.6, 5.6).add_subplot()
        ax.set_facecolor("#d8d8d8")  # where no point lies
        mesh = ax.pcolormesh(x, y, np.ma.masked_invalid(share), cmap="Blues", vmin=0, vmax=1)
        for row in table.itertuples():
            if row.n:
                ink = "white" if row.share > 0.55 else INK
                middle = (row.first_low + row.first_high) / 2, (row.second_low + row.second_high) / 2
                ax.text(*middle, f"{100 * row.share:.0f}", ha="center", va="center", fontsize=7, color=ink, zorder=5)
        ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        framed = [limits for limits in boxes if limits and set(limits) <= {first, second}]
        for limits in framed:
            (left, right), (low, high) = limits.get(first, (x[0], x[-1])), limits.get(second, (y[0], y[-1]))
            for colour, width in (("white", 5.0), (FRAME, 2.6)):
                frame = Rectangle((left, low), right - left, high - low, fill=False, edgecolor=colour, linewidth=width, clip_on=False)
                ax.add_patch(frame)
        ax.figure.colorbar(mesh, ax=ax, format=lambda value, _: f"{100 * value:.0f} %", label=f"Share of runs in which {what}")
        ax.grid(visible=False)
        ax.set_xlabel(wrapped([f"{words.get(first, first)} ({first})"], 56))
        ax.set_ylabel(wrapped([f"{words.get(second, second)} ({second})"], 44))
        notes = [
            f"n = {int(table['n'].sum())} points; the other parameters vary over their ranges. Grey, without a number: no point there."
        ]
        if framed:
            notes.append(f"Frame{'s' if len(framed) > 1 else ''}: conditions under which it is most common, found by PRIM.")
        around(ax.figure, f"Where {what}", notes, source)
    return ax


def plot_roc(
    table: pd.DataFrame,
    curves: dict[str, pd.DataFrame],
    source: str = "",
    label: str | None = None,
    ax: Axes | None = None,
    style: str = "page",
) -> Axes:
    """Draw the ROC curves of early warnings: `table` and `curves` of `partnersim.analysis.early_warning`."""
    lines = [*GROUPS.values(), SCENARIOS[4]]
    with look(style):
        if ax is None:
            ax = new_figure(5.6, 5.6).add_subplot()
        ax.plot([0, 1], [0, 1], color=QUIET, linewidth=0.8, linestyle=(0, (1, 2)))
        for row, line in zip(table.itertuples(), lines, strict=False):
            curve = curves[row.indicator]
            said = f"{row.indicator}: {row.skill:.2f} [{row.low:.2f}, {row.high:.2f}]"
            ax.plot(curve["false_alarms"], curve["hits"], color=line.colour, linestyle=line.style, label=said)
        ax.set(
            xlim=(0, 1), ylim=(0, 1), xlabel="False alarms (share of looks without a death)", ylabel="Hits (share of looks before a death)"
        )
        ax.set_aspect("equal")
        ax.legend(frameon=False, fontsize=8, loc="lower right", title="skill (.5: guessing)", title_fontsize=8)
        first = table.iloc[0]
        at = table.attrs
        notes = [
            f"n = {first['runs']} runs; {first['looks']} looks, {first['deaths']} up to {at['ahead']} months before a death.",
            f"Watched: {label or at['outcome']}, over {at['window']} months. Brackets: 95 % interval.",
        ]
        around(ax.figure, "Does practice give a warning?", notes, source)
    return ax


def plot_running(table: pd.DataFrame, label: str, source: str = "", ax: Any = None, style: str = "page") -> Any:
    """Draw how a mean settles as replicates are added: `table` of `partnersim.analysis.precision.running`."""
    with look(style):
        if ax is None:
            ax = new_figure(6.4, 3.6).add_subplot()
        line = LIVES["practice"]
        shown = table[table["n"] >= 5]
        ax.fill_between(shown["n"], shown["low"], shown["high"], color=line.colour, alpha=BAND_ALPHA, linewidth=0)
        ax.plot(shown["n"], shown["mean"], color=line.colour)
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.set_xlabel("Replicates (runs)")
        ax.set_ylabel(wrapped([label], 40))
        around(ax.figure, "Has it settled?", ["Line: mean of the first n replicates. Band: 95 % confidence interval."], source)
    return ax
