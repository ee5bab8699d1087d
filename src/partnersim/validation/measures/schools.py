"""Below the top: ties, results, members and principals: P8 to P11, schools that join."""

from __future__ import annotations

import numpy as np

from partnersim.model import outcomes
from partnersim.validation.playing import (
    CONTACT,
    DELIVERED,
    DENSITY,
    DISTRICT,
    EXITS,
    FOR_SELF,
    PARTNERSHIP,
    POVERTY,
    SCORE,
    Lab,
    Measure,
    Statistics,
    mean,
    ratio,
    slope,
    ties,
)


def churn(lab: Lab) -> Measure:
    """P8: ties of those who stay, after four years in which half of the staff were replaced; the same under pressure; calm years."""
    calm = {
        "succession.management_tenure_months": 260, "succession.union_tenure_months": 400, "succession.team_exit": 0.004,
        "succession.manager_exit_low": 0.004, "succession.manager_exit_high": 0.004, "succession.steward_exit": 0.004,
    }  # fmt: skip
    restless = {
        "succession.management_tenure_months": 70, "succession.union_tenure_months": 70, "succession.team_exit": 0.0144,
        "succession.manager_exit_low": 0.0144, "succession.manager_exit_high": 0.0144, "succession.steward_exit": 0.0144,
    }  # fmt: skip
    base = DISTRICT.replace(start={"kind": "mature"}, parameters=calm)
    left = base
    for name, value in restless.items():
        left = left.with_event(61, "set", parameter=name, value=value)
    scenarios = {"calm": base, "churn": left, "pressed": left.with_event(61, "accountability_pressure", strength=0.6, months=60)}
    runs = {n: lab.play(s, years=9, look=ties, at=(60, 108)) for n, s in scenarios.items()}

    def kept_ties(name: str, which: int, kept: np.ndarray) -> float:
        before, after = runs[name].seen[60][kept], runs[name].seen[108][kept]
        stayed = after[:, :, 2] >= 48
        return ratio(after[:, :, which][stayed], before[:, :, which][stayed])

    def central(name: str, kept: np.ndarray) -> float:
        return mean(runs[name]["centralisation"][kept, 108]) - mean(runs[name]["centralisation"][kept, 60])

    def measure(kept: np.ndarray) -> Statistics:
        out = {}
        for name in scenarios:
            out[f"strong ties left, {name}"] = kept_ties(name, 0, kept)
            out[f"weak ties left, {name}"] = kept_ties(name, 1, kept)
        return out | {
            "centralisation, pressed minus churn": central("pressed", kept) - central("churn", kept),
            "authority at the top, pressed minus churn": mean(
                (runs["pressed"].mean("authority_strategic", 72, 108) - runs["churn"].mean("authority_strategic", 72, 108))[kept]
            ),
        }

    return measure


def through_density(lab: Lab) -> Measure:
    """P9: score on partnership, given poverty and district, without and with density, at twelve years; contact by partnership."""
    runs = lab.usual()
    # each school's mean over three years of partnership, density and contact, and of the published scores
    years = np.mean([runs.seen[m] for m in (120, 132, 143)], axis=0)
    alive = runs["alive_index"][:, 144] >= outcomes.ALIVE

    def measure(kept: np.ndarray) -> Statistics:
        table = years[kept[alive[kept]]]
        own = table - table.mean(axis=1, keepdims=True)
        score, partnership, poverty, density = (own[:, :, n] for n in (SCORE, PARTNERSHIP, POVERTY, DENSITY))
        without = slope(score, partnership, poverty)
        given = slope(score, partnership, poverty, density)
        every = years[kept].reshape(-1, years.shape[2])
        low, high = np.quantile(every[:, PARTNERSHIP], [1 / 3, 2 / 3])
        contact = every[:, CONTACT]
        return {
            "score on partnership": without,
            "score on poverty": slope(score, poverty, partnership),
            "share that density takes": 1 - given / without,
            "contact, top over bottom third": contact[every[:, PARTNERSHIP] >= high].mean() / contact[every[:, PARTNERSHIP] <= low].mean(),
            "sd of partnership within a district": float(partnership.std()),
        }

    return measure


def poverty_gap(lab: Lab) -> Measure:
    """P10: members' exits in months 120-143, top over bottom quarter of poverty, in the quarters of schools of least and most ties."""
    runs = lab.usual()
    window = np.array([runs.seen[m] for m in range(120, 144)])
    exits, density, poverty = window[..., EXITS].sum(axis=0) / 2, window[..., DENSITY].mean(axis=0), window[0, ..., POVERTY]

    def gap(where: np.ndarray, e: np.ndarray, p: np.ndarray) -> float:
        low, high = np.quantile(p[where], [0.25, 0.75])
        return float(e[where & (p >= high)].mean() / e[where & (p <= low)].mean())

    def measure(kept: np.ndarray) -> Statistics:
        e, d, p = exits[kept].ravel(), density[kept].ravel(), poverty[kept].ravel()
        low, high = np.quantile(d, [0.25, 0.75])
        return {
            "poor over rich, fewest ties": gap(d <= low, e, p),
            "poor over rich, most ties": gap(d >= high, e, p),
            "exits a year": float(e.mean()),
        }

    return measure


def middle(lab: Lab) -> Measure:
    """P11: principals' support for the institution's and for their own sake; gains where they resist; a layoff and a divided cabinet."""
    runs = lab.usual()
    years = np.mean([runs.seen[m] for m in (12, 24, 36, 48, 60)], axis=0)
    twin = lab.play(DISTRICT, years=3)
    layoff = lab.play(DISTRICT.with_event(24, "layoff", share=0.05), years=3)
    divided = lab.play(DISTRICT.replace(parameters={"succession.team_spread": 0.3}), years=3)

    def measure(kept: np.ndarray) -> Statistics:
        own, gain = years[kept, :, FOR_SELF].ravel(), years[kept, :, DELIVERED].ravel()
        low, high = np.quantile(own, [1 / 3, 2 / 3])
        return {
            "institution minus self, month 1": mean((twin["for_institution"] - twin["for_self"])[kept, 1]),
            "gain, lowest over highest third": gain[own <= low].mean() / gain[own >= high].mean(),
            "self-support, a year after a layoff": mean((layoff["for_self"] - twin["for_self"])[kept, 36]),
            "self-support, divided cabinet": mean((divided["for_self"] - twin["for_self"])[kept, 12]),
            "practice in schools, years 2-5": mean(runs.mean("practice_workplace", 13, 60)[kept]),
        }

    return measure


def coverage(lab: Lab) -> Measure:
    """Schools that have joined at two and five years, and years until nine in ten have, where a partnership begins at the top."""
    runs = lab.play(DISTRICT.replace(parameters={"structures.joined_at_start": 0}), years=12)
    covered = runs["joined"] >= 0.9
    years = np.where(covered.any(axis=1), covered.argmax(axis=1), 144) / 12
    return lambda kept: {
        "schools joined at two years": mean(runs["joined"][kept, 24]),
        "years to nine in ten schools": mean(years[kept]),
    }
