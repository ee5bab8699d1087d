"""One run told: its dated events, its practice year by year, and what moved trust and will before its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnersim.model import outcomes
from partnersim.model.columns import GROUPS
from partnersim.model.outcomes import Life
from partnersim.model.stance import WILL_INPUTS
from partnersim.results import Histories, RunSet
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import checked_years, open_world

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Story", "tell"]

WINDOW = 12
"""Months before the end that the ledger looks at."""
BIGGEST = 3
"""Pivotal events told, of the leaders and of the schools each."""
REPEATED = 2
"""From this many events of one kind in a year on, one sentence tells of them all."""
LEADERS = {"union": "the union president", "management": "the superintendent"}
STAFF = {"principal replaced": "principals", "building rep replaced": "building representatives"}
TOLD = {
    "partnership founded": "The leaders found a partnership, after {size:.0f} of 12 months of working together.",
    "partnership dissolved": "The partnership is dissolved, after {size:.0f} of 12 months with a leader contesting.",
    "partnership suspended": "{leader}, trusting little ({size:.2f}), contests outside procedure: the partnership is suspended.",
    "partnership resumed": "The partnership is resumed, after {size:.0f} months.",
    "union leader replaced": "The union president leaves after {years:.1f} years; the successor comes {cause}.",
    "superintendent replaced": "The superintendent leaves after {years:.1f} years; the successor comes {cause}.",
    "union leader voted out": "The union president loses the election (members' approval {size:.2f}).",
    "board election": "A board election changes {size:.0f} of 7 seats ({cause}).",
    "board majority flips": "The board's majority turns against the course: {size:.0f} of 7 seats.",
    "recession": "A recession begins; it opens a gap of up to {percent:.0f} % of the budget.",
    "recovery": "The recession ends.",
    "pay cut": "Pay is cut by {percent:.1f} %, {cause}.",
    "return of pay put off": "The return of {percent:.1f} % of pay is put off.",
    "return of pay honoured": "The {percent:.1f} % of pay that was given up is returned as promised.",
    "return of pay withheld": "The return of {percent:.1f} % of pay is withheld: a promise broken.",
    "strike": "The teachers strike.",
    "breach": "{leader} contests outside procedure: a breach (severity {size:.2f}).",
}
SCENARIO = "by scenario"
TIERS = {"strategic": "Leaders", "workplace": "Schools"}
STOCKS = {"trust": ("trust", "log-odds"), "relationship value": ("value", "gu"), "will to collaborate": ("", "gu")}
"""What is explained: the followed column behind it (the will has none) and its unit."""
SHOWN = 0.005
"""Smaller lines of the ledger are printed together."""


@dataclass(frozen=True)
class Story:
    """One run, told; `print` it or use its tables.

    events: month, sentence. years: year and the mean over its months of the alive index, practice in schools, leaders'
    collaboration and form. ledger: tier, stock, line, change; the lines of a stock add up to its change over the
    months `window`. ending: cause of death, or survival.
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
        out += [f"  {_date(row.month):<16} {row.sentence}" for row in self.events.itertuples()]
        out += ["", "Practice by year (mean over the months; alive while C stays at .30 or above)", ""]
        out += ["  year     C  schools  leaders  form"]
        for row in self.years.itertuples():
            bar = "#" * round(20 * row.alive_index)
            figures = f"{row.practice_workplace:.2f}     {row.leaders_collaborate:.2f}  {row.form:.2f}"
            out.append(f"  {row.year:>4}   {row.alive_index:.2f}     {figures}  {bar}")
        out += ["", f"What moved it, {_date(first)} to {_date(last)} (lines add up to the change)"]
        for (tier, stock), part in self.ledger.groupby(["tier", "stock"], sort=False):
            change = part["change"].sum()
            out += ["", f"  {TIERS[tier]}: {stock} {change:+.3f} {part['unit'].iloc[0]}"]
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

    months = 12 * checked_years(years)
    opened = open_world(scenario, seed=seed, replicate=replicate, months=months, ledger=True)
    opened.advance(months)
    histories = Histories.empty(1, months, opened.world.plan, ledger=True)
    histories.keep(0, opened.world, founded=opened.settings.founded)
    if histories.practice[0].died:
        histories.find_cause(0, opened.world)
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
            told = f"A pivotal issue divides {where} (stake {row.size:.2f} gu, among the biggest of the run)."
            out.append((int(row.month), told))
    skipped = {"pivotal event", *STAFF}
    top = events[~events["kind"].isin(skipped) & (events["level"] == "strategic")]
    for _, alike in top.groupby(["kind", (top["month"] - 1) // 12], sort=False):
        if len(alike) < REPEATED:
            out += [(int(row["month"]), _sentence(row)) for _, row in alike.iterrows()]
            continue
        worst = alike.loc[alike["size"].idxmax()]
        out.append((int(worst["month"]), f"{_sentence(worst)[:-1]}, the worst of {len(alike)} this year."))
    return out


def _sentence(event: pd.Series) -> str:
    kind, cause, size = event["kind"], event["cause"], event["size"]
    if cause == SCENARIO:
        return f"By scenario: {kind.replace('_', ' ')}."
    leader = LEADERS.get(event["side"], "a leader")
    told = TOLD.get(kind)
    if told is not None:
        return told.format(size=size, cause=cause, years=size / 12, percent=100 * size, leader=_capital(leader))
    details = ", ".join(part for part in (f"by {leader}" if event["side"] else "", cause, f"size {size:.2f}") if part)
    return f"{_capital(kind)} ({details})."


def _staff(events: pd.DataFrame, years: int) -> list[tuple[int, str]]:
    """One sentence every five years for those who come and go in schools."""
    out = []
    for first in range(1, years + 1, 5):
        last = min(first + 4, years)
        here = events[events["month"].between(12 * (first - 1) + 1, 12 * last)]
        counts = [(int((here["kind"] == kind).sum()), who) for kind, who in STAFF.items()]
        told = " and ".join(f"{count} {who}" for count, who in counts)
        years_told = f"years {first} to {last}" if last > first else f"year {first}"
        out.append((12 * last, f"In {years_told}, {told} were replaced."))
    return out


def _ledger(histories: Histories, window: tuple[int, int]) -> pd.DataFrame:
    """Sum the booked changes over the months of the window, the most harmful first."""
    import pandas as pd

    plan, ledger, will = histories.plan, histories.ledger[0], histories.will[0]
    months = slice(window[0], window[1] + 1)
    booked = ledger[months].sum(axis=0)
    wills = outcomes.parts_of_will(ledger, will, months, plan.lines, plan.stocks, WILL_INPUTS)
    rows = []
    for g, tier in enumerate(GROUPS):
        for what, (stock, unit) in STOCKS.items():
            moved = dict(zip(plan.lines, booked[g, plan.stocks.index(stock)].tolist(), strict=True)) if stock else wills[g]
            rows += [(tier, what, unit, line, change) for line, change in moved.items() if change != 0.0]
    frame = pd.DataFrame(rows, columns=["tier", "stock", "unit", "line", "change"])
    place = frame.groupby(["tier", "stock"], sort=False).ngroup()
    return frame.assign(place=place).sort_values(["place", "change"]).drop(columns="place").reset_index(drop=True)


def _ending(practice: Life, form: Life, cause: str, last: float, months: int) -> str:
    if practice.born < 0:
        return f"Practice was never born in {months} months."
    if form.died:
        on_paper = f"The form died in {_date(form.end)}."
    else:
        on_paper = "The form lived on." if form.born >= 0 else "There was no form."
    if practice.died:
        when = f"{_date(practice.end)}, after {practice.months} months"
        return f"Practice died in {when}. Cause of death: {cause or 'not recorded'}. {on_paper}"
    since = f"{practice.months} months after it was born"
    return f"Practice survived: alive at month {months} with C = {last:.2f}, {since}. {on_paper}"


def _date(month: int) -> str:
    return f"year {(month - 1) // 12 + 1} month {(month - 1) % 12 + 1}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
