"""One run told: its dated events in sentences, its practice year by year, and what moved trust and will before its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from partnersim.model import outcomes
from partnersim.model.columns import GROUPS
from partnersim.model.outcomes import Life
from partnersim.model.stance import WILL_INPUTS
from partnersim.results import Histories, RunSet
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import open_world

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Story", "tell"]

WINDOW = 12
"""Months before the end that the ledger looks at."""
BIGGEST = 3
"""Pivotal events told, of the leaders and of the schools each."""
LEADERS = {"union": "the union president", "management": "the superintendent"}
STAFF = {"middle manager replaced": "principals", "steward replaced": "building representatives"}
TOLD = {
    "partnership founded": "The leaders found a partnership.",
    "partnership dissolved": "The partnership is dissolved, after {size:.0f} of 12 months with a leader contesting.",
    "recession": "A recession begins; it opens a gap of up to {size:.0%} of the budget.",
    "recovery": "The recession ends.",
    "strike": "The teachers strike.",
}
WILL = "will to collaborate"
UNITS = {"trust": "log-odds"}
SHOWN = 0.005
"""Smaller lines of the ledger are printed together."""


@dataclass(frozen=True)
class Story:
    """One run, told; `print` it or use its tables.

    events: month, sentence. years: year and the mean over its months of the alive index, practice in schools, leaders'
    collaboration and form. ledger: tier, stock, line, change - the lines of a stock add up to its change over the months
    `window`. ending: cause of death, or survival.
    """

    scenario: Scenario
    seed: int
    replicate: int
    events: pd.DataFrame
    years: pd.DataFrame
    ledger: pd.DataFrame
    window: tuple[int, int]
    ending: str

    def __str__(self) -> str:
        first, last = self.window
        out = [f"{self.scenario.title or self.scenario.name}: replicate {self.replicate}, seed {self.seed}", ""]
        out += [f"  {_date(row.month)}  {row.sentence}" for row in self.events.itertuples()]
        out += ["", "Practice by year (mean over the months; alive while C stays at .30 or above)", ""]
        out += ["  year     C  schools  leaders  form"]
        for row in self.years.itertuples():
            bar = "#" * round(20 * row.alive_index)
            out.append(f"  {row.year:>4}   {row.alive_index:.2f}     {row.practice_workplace:.2f}     {row.leaders_collaborate:.2f}  {row.form:.2f}  {bar}")
        out += ["", f"What moved it, {_date(first).strip()} to {_date(last).strip()} (lines add up to the change)"]
        for (tier, stock), part in self.ledger.groupby(["tier", "stock"], sort=False):
            change = part["change"].sum()
            out += ["", f"  {tier}: {stock} {change:+.3f} {part['unit'].iloc[0]}"]
            big = part[part["change"].abs() >= SHOWN]
            out += [f"      {change:+8.3f}  {line}" for line, change in zip(big["line"], big["change"], strict=True)]
            if rest := len(part) - len(big):
                out.append(f"      {change - big['change'].sum():+8.3f}  {rest} smaller line{'s' if rest > 1 else ''}")
        return "\n".join([*out, "", self.ending, ""])

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "scenario": self.scenario.name,
            "seed": self.seed,
            "replicate": self.replicate,
            "events": self.events.to_dict("records"),
            "years": self.years.to_dict("records"),
            "window": {"first_month": self.window[0], "last_month": self.window[1]},
            "ledger": self.ledger.to_dict("records"),
            "ending": self.ending,
        }


def tell(scenario: Scenario, *, replicate: int, seed: int, years: int) -> Story:
    """Simulate one replicate with its ledger and tell it."""
    import pandas as pd

    months = 12 * years
    opened = open_world(scenario, seed=seed, replicate=replicate, months=months, ledger=True)
    opened.advance(months)
    histories = Histories.empty(1, months, opened.world.plan, ledger=True)
    histories.keep(0, opened.world, founded=opened.settings.founded)
    result = RunSet(scenario=scenario, years=years, seed=seed, histories=histories, seconds=0.0)
    series = result.series
    life = histories.practice[0]
    end = life.end if life.died else months
    window = max(1, end - WINDOW + 1), end
    sentences = sorted([*_sentences(result.events), *_staff(result.events, years)], key=lambda told: told[0])
    shown = ["alive_index", "practice_workplace", "leaders_collaborate", "form"]
    lived = series[series["month"] > 0]
    by_year = lived[shown].groupby((lived["month"] - 1) // 12 + 1).mean().rename_axis("year").reset_index()
    return Story(
        scenario=scenario,
        seed=seed,
        replicate=replicate,
        events=pd.DataFrame(sentences, columns=["month", "sentence"]),
        years=by_year,
        ledger=_ledger(histories, window),
        window=window,
        ending=_ending(life, histories.form[0], histories.cause[0], series["alive_index"].iloc[-1], months),
    )


def _sentences(events: pd.DataFrame) -> list[tuple[int, str]]:
    """Every event of the leaders and the district but pivotal ones, of which only the biggest are told."""
    pivotal = events[events["kind"] == "pivotal event"]
    out = []
    for level, who in (("strategic", "the leaders"), ("workplace", "a school")):
        for row in pivotal[pivotal["level"] == level].nlargest(BIGGEST, "size").itertuples():
            where = f"school {row.site + 1}" if row.site >= 0 else who
            out.append((int(row.month), f"A pivotal issue divides {where} (stake {row.size:.2f} gu, among the biggest of the run)."))
    skipped = {"pivotal event", *STAFF}
    for row in events[~events["kind"].isin(skipped) & (events["level"] == "strategic")].itertuples():
        out.append((int(row.month), _sentence(row)))
    return out


def _sentence(event: Any) -> str:
    leader = LEADERS.get(event.side, "a leader")
    if event.kind == "leader replaced":
        office = f"after {event.size / 12:.1f} years in office"
        if event.cause == "defeated":
            return f"{_capital(leader)} loses the election {office}; a challenger follows."
        return f"{_capital(leader)} leaves {office}; the successor comes {event.cause or 'from somewhere'}."
    if event.kind == "breach":
        return f"{_capital(leader)} contests outside procedure: a breach (severity {event.size:.2f})."
    if event.kind in TOLD:
        return TOLD[event.kind].format(size=event.size)
    details = [f"by {leader}" if event.side else "", event.cause, f"size {event.size:.2f}" if event.size else ""]
    told = ", ".join(part for part in details if part)
    return f"{_capital(event.kind)}{f' ({told})' if told else ''}."


def _staff(events: pd.DataFrame, years: int) -> list[tuple[int, str]]:
    """One sentence every five years for those who come and go in schools."""
    out = []
    for first in range(1, years + 1, 5):
        last = min(first + 4, years)
        here = events[events["month"].between(12 * (first - 1) + 1, 12 * last)]
        counts = [(int((here["kind"] == kind).sum()), who) for kind, who in STAFF.items()]
        told = " and ".join(f"{count} {who}" for count, who in counts)
        out.append((12 * last, f"In years {first} to {last}, {told} were replaced."))
    return out


def _ledger(histories: Histories, window: tuple[int, int]) -> pd.DataFrame:
    """Sum the booked changes over the months of the window."""
    import pandas as pd

    plan = histories.plan
    months = slice(window[0], window[1] + 1)
    stocks, will = histories.ledger[0][months].sum(axis=0), histories.will[0][months].sum(axis=0)
    rows = []
    for g, tier in enumerate(GROUPS):
        for stock in ("trust", "value"):
            moved = zip(plan.lines, stocks[g, plan.stocks.index(stock)], strict=True)
            unit = UNITS.get(stock, plan.columns[stock].unit)
            rows += [(tier, "relationship value" if stock == "value" else stock, unit, line, change) for line, change in moved]
        rows += [(tier, WILL, "gu", line, change) for line, change in zip(WILL_INPUTS, will[g], strict=True)]
    frame = pd.DataFrame(rows, columns=["tier", "stock", "unit", "line", "change"])
    frame = frame[frame["change"] != 0.0]
    order = np.lexsort((frame["change"], frame["stock"].map({"trust": 0, "relationship value": 1, WILL: 2}), frame["tier"].map(GROUPS.index)))
    return frame.iloc[order].reset_index(drop=True)


def _ending(practice: Life, form: Life, cause: str, last: float, months: int) -> str:
    if practice.born < 0:
        return f"Practice was never born in {months} months."
    on_paper = f"the form died in {_date(form.end).strip()}" if form.died else "the form lived on" if form.born >= 0 else "there was no form"
    if practice.died:
        return f"Practice died in {_date(practice.end).strip()}, after {practice.months} months. Cause of death: {cause or 'not recorded'}. {_capital(on_paper)}."
    return f"Practice survived: alive at month {months} with C = {last:.2f}, {practice.months} months after it was born. {_capital(on_paper)}."


def _date(month: int) -> str:
    return f"year {(month - 1) // 12 + 1:>2} month {(month - 1) % 12 + 1:>2}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
