"""The figure of a calibration: what the accepted vectors leave of each parameter's prior."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from partnersim.plots.style import BAND_ALPHA, INK, LIVES, QUIET, heading, look, new_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_calibration"]


def plot_calibration(priors: Mapping[str, tuple[float, float]], band: pd.DataFrame) -> Axes:
    """Draw a row a parameter: the prior as a bar, every accepted value as a tick, the middle 90 % as a line and the median as a dot."""
    colour = LIVES["practice"].colour
    with look():
        figure = new_figure(9.0, 1.4 + 0.27 * len(priors))
        ax = figure.subplots()
        for y, (name, (low, high)) in enumerate(priors.items()):
            values = (band[name].to_numpy() - low) / (high - low)
            q05, median, q95 = np.quantile(values, [0.05, 0.5, 0.95])
            ax.barh(y, 1.0, height=0.66, color=QUIET, alpha=BAND_ALPHA, linewidth=0)
            ax.plot(values, np.full(len(values), y), "|", color=colour, markersize=8, alpha=0.35, markeredgewidth=0.8)
            ax.plot([q05, q95], [y, y], color=colour, linewidth=1.6)
            ax.plot(median, y, "o", color=colour, markersize=5)
            ax.text(-0.02, y, name, ha="right", va="center", fontsize=8, color=INK)
            ax.text(0.005, y + 0.42, f"{low:g}", fontsize=5.5, color=QUIET, va="center")
            ax.text(0.995, y + 0.42, f"{high:g}", fontsize=5.5, color=QUIET, va="center", ha="right")
        ax.set(xlim=(-0.01, 1.01), ylim=(len(priors) - 0.3, -0.7), xticks=[], yticks=[])
        ax.grid(visible=False)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        heading(
            ax,
            f"What {len(band)} accepted parameter vectors leave of the priors",
            ["bar: prior; ticks: accepted values; line: their middle 90 %; dot: median"],
        )
    return ax
