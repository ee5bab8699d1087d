"""One run told: phase by phase in sentences, year by year in a table, and month by month for whoever asks."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

from partnersim.analysis.accounts import WILL, Accounts, lives_of
from partnersim.analysis.narrative import LABELS, TOLD_EVENTS, Sentence, date, ending, label, leaders, tale
from partnersim.analysis.phases import Phase, phases_of
from partnersim.errors import ParameterError
from partnersim.model import outcomes
from partnersim.model.band import AT_POINT
from partnersim.model.columns import GROUPS
from partnersim.model.outcomes import SPELL
from partnersim.model.stance import WILL_INPUTS
from partnersim.results import Histories, RunSet
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import checked_years, open_world

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Story", "tell"]

WIDTH, PAGE = 120, 60
"""Width of the print, and lines that fit on a page: a story that is longer tells fewer events."""
ROWS = 10
"""Rows of the table by year; in longer runs a row is several years."""
SHOWN = 0.005
"""Smaller lines of a month are printed together."""
TIERS = {"strategic": "leaders", "workplace": "schools"}
HEADS = {"school": "schools", "plant": "depts"}
"""Words for a narrow column."""
PHASES, FEWEST = (5, 4, 3), 2
"""Most phases of a story, and fewer if it does not fit on a page; events that are told, and fewer only if nothing else helps."""
PRINTED = ("trust", WILL)
KEY = (
    f"C: how alive practice is, dead below {outcomes.ALIVE:.2f} for a year. Changes of trust in log-odds, of will in gain units (gu); "
    "in brackets the mechanisms that did most."
)


@dataclass(frozen=True)
class Story:
    """One run, told in the words of its scenario; `print` it or use its tables.

    sentences
        month, phase (number of its row in `phases`, -1 for those about the whole run), about (leaders, state, moved, counts,
        event, death, ending), text, and facts: each number of the
        text with the address it was looked up at (`partnersim.analysis.accounts` says what addresses mean).
    phases
        name, first_month, last_month, and life: which life of practice it belongs to, from 0 (-1: none).
    events
        The dated events of the run, as in `RunSet.events`.
    ledger
        month, tier, stock, line, change, unit: every booked change of the whole run. Lines of a month add up to the change of
        the stock (mean of the tier, trust in log-odds). A line is the mechanism that made the change; for the will to
        collaborate it is the input through which it moved (trust, economic stake, peers ...).
    years
        year and the means over its months of the alive index, practice in schools, leaders' collaboration and form.
    moved_by_year
        first_month, last_month, tier, stock, line, change, unit: the ledger summed over each year, with the will too
        divided by mechanism, as the cause of death is found; `moved` does so for any months.
    window
        The twelve months before the first death of practice, or the last twelve.
    band_member
        Number of its parameter vector in the band; -1 at the default parameters.
    causes
        Cause of death of each life of practice, "" for the one alive at the end.
    ending
        Cause of death, or survival, in a sentence.
    """

    scenario: Scenario
    seed: int
    replicate: int
    band_member: int
    accounts: Accounts
    told: tuple[Sentence, ...]
    stretches: tuple[Phase, ...]
    causes: tuple[str, ...]
    years: pd.DataFrame

    # -- tables ---------------------------------------------------------------------------------------------------

    @cached_property
    def sentences(self) -> pd.DataFrame:
        """The sentences with their facts."""
        import pandas as pd

        rows = [(s.month, s.phase, s.about, s.text, s.facts) for s in self.told]
        return pd.DataFrame(rows, columns=["month", "phase", "about", "text", "facts"])

    @cached_property
    def phases(self) -> pd.DataFrame:
        """The phases of the run, in order and without gaps."""
        import pandas as pd

        rows = [(p.name, p.first, p.last, p.life) for p in self.stretches]
        return pd.DataFrame(rows, columns=["name", "first_month", "last_month", "life"])

    @property
    def events(self) -> pd.DataFrame:
        """The dated events of the run."""
        return self.accounts.events

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Every booked change of the run."""
        return self.accounts.ledger()

    @cached_property
    def moved_by_year(self) -> pd.DataFrame:
        """What each mechanism did in each year."""
        return self.accounts.moved_frame([(12 * y + 1, 12 * y + 12) for y in range(self.accounts.months // 12)])

    def moved(self, first: int, last: int) -> pd.DataFrame:
        """Return what each mechanism did to each stock, and to the will, over months `first` to `last`."""
        self._check(first, last)
        return self.accounts.moved_frame([(first, last)])

    @property
    def window(self) -> tuple[int, int]:
        """First and last month of the year before death, or before the end of the run."""
        lives = self.accounts.lives
        end = lives[0].end if lives and lives[0].died else self.accounts.months
        return max(1, end - SPELL + 1), end

    @property
    def ending(self) -> str:
        """Cause of death, or survival."""
        return self.told[-1].text

    # -- print ----------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        values = "default parameters" if self.band_member == AT_POINT else f"band member {self.band_member}"
        heading = f"{self.scenario.heading}: replicate {self.replicate}, seed {self.seed}, {values}"
        out = [*textwrap.wrap(heading, WIDTH), *textwrap.wrap(KEY, WIDTH), ""]
        for one in self.told:
            if one.about == "leaders":
                out += textwrap.wrap(one.text, WIDTH, subsequent_indent="  ")
        for n, phase in enumerate(self.stretches):
            mine = [one for one in self.told if one.phase == n]
            heading = f"{phase.name.upper()}, {date(phase.first)} to {date(phase.last)} (months {phase.first} to {phase.last})."
            out += ["", *_wrapped([heading, *(one.text for one in mine if one.about in ("state", "moved", "counts"))])]
            for one in mine:
                if one.about == "event":
                    out += textwrap.wrap(one.text, WIDTH, initial_indent="  ", subsequent_indent="    ")
            out += _wrapped([one.text for one in mine if one.about == "death"])
        return "\n".join([*out, "", *self._table(), "", *_wrapped([self.ending]), ""])

    def _table(self) -> list[str]:
        """What moved trust and will by year: the change, and the mechanism that did most."""
        years = self.accounts.months // 12
        step = -(-years // ROWS)
        stocks = [(tier, stock) for stock in PRINTED for tier in TIERS]
        titles = [f"{stock.split()[0]}, {self._tier(tier)}" for tier, stock in stocks]
        out = ["What moved trust [log-odds] and the will to collaborate [gu] by year, and the mechanism that did most"]
        out.append(f"{'year':>5}  {'C':>4}  {HEADS[self.scenario.words]:<7}  form  " + "".join(f"{title:<23}" for title in titles).rstrip())
        for first in range(0, years, step):
            last = min(first + step, years)
            mean = self.years.iloc[first:last].mean()
            moved = self.accounts.moved(12 * first + 1, 12 * last)
            cells = "".join(f"{_cell(moved[stock]):<23}" for stock in stocks)
            name = f"{first + 1}" if step == 1 else f"{first + 1}-{last}"
            out.append(f"{name:>5}  {mean.alive_index:.2f}  {mean.practice_workplace:.2f}     {mean.form:.2f}  {cells}".rstrip())
        words = ", ".join(f"{word} = {name}" for name, word in LABELS.items() if name != "stance")
        return [*out, *_wrapped([f"Mechanisms as in `partnersim params`; {words}."])]

    def month_by_month(self, first: int, last: int) -> str:
        """Say for each month what moved trust, by mechanism, and the will, by what people had in mind; then the sum by mechanism."""
        self._check(first, last)
        out = [f"Month by month, {date(first)} to {date(last)}: trust [log-odds] by mechanism, will [gu] by what people have in mind"]
        frame = self.ledger[self.ledger["stock"].isin(PRINTED)]
        top = self.events[self.events["level"] == "strategic"]
        for month in range(first, last + 1):
            c = self.accounts.value(f"series/alive_index/{month}")
            kinds = ", ".join(dict.fromkeys(str(kind).replace("_", " ") for kind in top.loc[top["month"] == month, "kind"]))
            out += ["", f"{date(month)} (month {month}), C {c:.2f}{': ' + kinds if kinds else ''}"]
            here = frame[frame["month"] == month]
            for (stock, tier), lines in here.groupby(["stock", "tier"], sort=False):
                named = lines["line"] if stock == WILL else lines["line"].map(label)
                out += _lines(f"{self._tier(tier)}' {stock.split()[0]}", dict(zip(named, lines["change"], strict=True)))
        out += ["", f"Over months {first} to {last}, by mechanism"]
        moved = self.accounts.moved(first, last)
        for stock in PRINTED:
            for tier in GROUPS:
                named = {label(line): change for line, change in moved[tier, stock].items()}
                out += _lines(f"{self._tier(tier)}' {stock.split()[0]}", named)
        return "\n".join([*out, ""])

    def _tier(self, tier: str) -> str:
        return self.scenario.say(TIERS[tier])

    def _check(self, first: int, last: int) -> None:
        if not 1 <= first <= last <= self.accounts.months:
            raise ParameterError(
                f"months {first} to {last} are not months of this run",
                where="months",
                allowed=f"1 to {self.accounts.months}, the first one first",
            )

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "scenario": self.scenario.name,
            "seed": self.seed,
            "replicate": self.replicate,
            "band_member": self.band_member,
            "sentences": self.sentences.to_dict("records"),
            "phases": self.phases.to_dict("records"),
            "events": self.events.to_dict("records"),
            "years": self.years.to_dict("records"),
            "moved_by_year": self.moved_by_year.to_dict("records"),
            "window": {"first_month": self.window[0], "last_month": self.window[1]},
            "moved_in_window": self.moved(*self.window).to_dict("records"),
            "ledger": self.ledger.to_dict("records"),
            "causes_of_death": list(self.causes),
            "ending": self.ending,
        }


def tell(scenario: Scenario, *, replicate: int, seed: int, years: int, point: bool = False) -> Story:
    """Simulate one replicate with its ledger and tell it."""
    months = 12 * checked_years(years)
    opened = open_world(scenario, seed=seed, replicate=replicate, months=months, ledger=True, point=point)
    opened.advance(months)
    plan, founded = opened.world.plan, opened.settings.founded
    histories = Histories.empty(1, months, plan, ledger=True)
    histories.keep(0, opened.world, founded=founded)
    result = RunSet(scenario=scenario, years=years, seed=seed, band=opened.settings.band, histories=histories, seconds=0.0)
    series, booked, will = histories.series[0], histories.ledger[0], histories.will[0]
    lives = lives_of(series[:, outcomes.ALIVE_INDEX], founded=founded)
    accounts = Accounts(
        series=series,
        events=result.events.drop(columns=["scenario", "replicate"]),
        booked=booked,
        will=will,
        lines=plan.lines,
        stocks={name: "log-odds" if plan.columns[name].ledger == "log-odds" else plan.columns[name].unit for name in plan.stocks},
        inputs=WILL_INPUTS,
        timeline=sorted(scenario.timeline, key=lambda event: int(str(event["at_month"]))),
        lives=lives,
        form=histories.form[0],
    )
    causes = [outcomes.cause_of_death(booked, will, life.end, plan.lines, plan.stocks, WILL_INPUTS) if life.died else "" for life in lives]
    lived = result.series.iloc[1:]
    shown = ["alive_index", "practice_workplace", "leaders_collaborate", "form"]
    by_year = lived[shown].groupby((lived["month"] - 1) // 12 + 1).mean().rename_axis("year").reset_index()
    shorter = product(PHASES, range(TOLD_EVENTS, FEWEST - 1, -1))
    for parts, most in (*shorter, *((PHASES[-1], fewer) for fewer in range(FEWEST - 1, -1, -1))):
        phases = phases_of(series[:, outcomes.ALIVE_INDEX], lives, parts)
        plain = (*leaders(accounts), *tale(accounts, phases, causes, most), ending(accounts, causes))
        told = tuple(replace(one, text=scenario.say(one.text)) for one in plain)
        story = Story(scenario, seed, replicate, opened.band_member, accounts, told, tuple(phases), tuple(causes), by_year)
        if len(str(story).splitlines()) <= PAGE:
            break
    return story


def _wrapped(texts: list[str]) -> list[str]:
    return textwrap.wrap(" ".join(texts), WIDTH)


def _cell(lines: dict[str, float]) -> str:
    """Write the change of a stock and its largest line: "-0.31 economy -0.40"."""
    if not lines:
        return f"{0:+.2f}"
    most = max(lines, key=lambda line: abs(lines[line]))
    return f"{sum(lines.values()):+.2f} {label(most).split()[0]} {lines[most]:+.2f}"


def _lines(name: str, lines: dict[str, float]) -> list[str]:
    """Write a stock's lines, the largest first and the small ones together, wrapped."""
    big = sorted((line for line in lines if abs(lines[line]) >= SHOWN), key=lambda line: -abs(lines[line]))
    parts = [f"{line} {lines[line]:+.3f}" for line in big]
    rest = [lines[line] for line in lines if line not in big]
    parts += [f"{len(rest)} smaller {sum(rest):+.3f}"] if rest else []
    text = f"{name:<18} {sum(lines.values()):+.3f}  {', '.join(parts)}"
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent=" " * 29)
