"""How long practice lives, and what it brings: P1 to P3, regimes, dispositions."""

from __future__ import annotations

import numpy as np

from partnersim.analysis.survival import REGIMES
from partnersim.model import outcomes
from partnersim.validation.playing import DISTRICT, Lab, Measure, Statistics, first_dispositions, mean, over, ratio


def hazard(lab: Lab) -> Measure:
    """P1: breaks are most likely early. Annual hazard of months 1-36 over that of months 84-180; hazard of months 180-228."""
    times = 3
    low = lab.play(DISTRICT, years=20, times=times).low
    first = np.where(low.any(axis=1), low.argmax(axis=1), 12 * 20)

    def rate(kept: np.ndarray, begin: int, end: int) -> float:
        month = first[lab.each(kept, times)]
        lived = np.clip(month, begin, end) - begin
        return ratio(12 * ((begin <= month) & (month < end)), lived)

    return lambda kept: {
        "hazard, years 1-3": rate(kept, 0, 36),
        "hazard, years 1-3 minus 1.5 x years 8-15": rate(kept, 0, 36) - 1.5 * rate(kept, 84, 180),
        "hazard, years 1-3 over 8-15": over(rate(kept, 0, 36), rate(kept, 84, 180)),
        "hazard, years 16-19": rate(kept, 180, 228),
    }


def bands(lab: Lab) -> Measure:
    """P2: survival of pseudo-participation, default and all sustaining factors at five years; of the default at three."""
    poor = {
        "authority.ceiling": 0.2, "capability.sessions_per_year": 0.25, "capability.induction": 0, "support.national": 0.2,
        "support.community": 0.3, "support.facilitation": 0.2,
    }  # fmt: skip
    rich = {
        "capability.sessions_per_year": 1.5, "capability.induction": 1, "support.national": 0.8, "support.community": 0.7,
        "support.facilitation": 0.8, "succession.outside": 0.2, "succession.middle_disposition": 0.1,
    }  # fmt: skip
    pseudo = lab.play(DISTRICT.replace(start={"language": 0.1, "board": 0.4}, parameters=poor), years=6)
    sustained = lab.play(DISTRICT.replace(start={"language": 0.5}, parameters=rich), years=6)
    default = lab.usual()
    return lambda kept: {
        "alive at 5 years, pseudo": mean(~pseudo.broke(1, 60)[kept]),
        "alive at 5 years, default": mean(~default.broke(1, 60)[kept]),
        "alive at 5 years, all factors": mean(~sustained.broke(1, 60)[kept]),
        "alive at 3 years, default": mean(~default.broke(1, 36)[kept]),
    }


def honeymoon(lab: Lab) -> Measure:
    """P3: gains over those of no programme, six months' mean: what is left at month 48 of the peak, with and without renewal."""
    no_renewal = {"capability.sessions_per_year": 4, "capability.induction": 0, "structures.retreat_meetings": 0}
    launch = DISTRICT.replace(parameters=no_renewal).with_event(7, "training_changed", sessions_per_year=0, induction=0)
    renewal = DISTRICT.replace(parameters={"capability.induction": 1})
    without = DISTRICT.replace(start={"exists": 0}, parameters={"structures.founding": 0})
    base, once, yearly = (lab.play(s, years=5)["joint_gains"] for s in (without, launch, renewal))

    def curve(gains: np.ndarray, kept: np.ndarray) -> np.ndarray:
        net = (gains - base)[kept].mean(axis=0)[1:49]
        return np.convolve(net, np.ones(6) / 6, mode="valid")  # month n + 6 at n

    def measure(kept: np.ndarray) -> Statistics:
        fading, kept_up = curve(once, kept), curve(yearly, kept)
        return {
            "month of the peak": float(fading.argmax() + 6),
            "left at month 12, no renewal": float(fading[6] / fading.max()),
            "left at month 48, no renewal": float(fading[-1] / fading.max()),
            "left at month 48, renewal": float(kept_up[-1] / kept_up.max()),
            "gain at month 48, renewal": float(kept_up[-1]),
        }

    return measure


def dispositions(lab: Lab) -> Measure:
    """Share of the variance of practice over ten years that the leaders' first dispositions explain, squares and product included."""
    runs = lab.play(DISTRICT, years=10, look=first_dispositions, at=(0,))
    start, practice = runs.seen[0], runs.mean("alive_index", 1, 120)

    def measure(kept: np.ndarray) -> Statistics:
        y, (union, management) = practice[kept], start[kept].T
        table = np.stack([np.ones(len(kept)), union, management, union**2, management**2, union * management], axis=1)
        left = y - table @ np.linalg.lstsq(table, y, rcond=None)[0]
        return {"explained by leaders' dispositions": float(1 - left.var() / y.var())}

    return measure


def regimes(lab: Lab) -> Measure:
    """Shares of regimes of default districts at twenty years."""
    runs = lab.usual()
    where = np.array([outcomes.regime(series) for series in runs.series])
    return lambda kept: (
        {name: mean(where[kept] == name) for name in REGIMES} | {"paper or mixed": mean(np.isin(where[kept], ["paper", "mixed"]))}
    )
