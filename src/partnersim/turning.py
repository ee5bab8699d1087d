"""Was it lost, when, and what would have saved it: branches of one run with fresh luck, and single changes on the same luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from partnersim import __version__
from partnersim.analysis.narrative import date
from partnersim.analysis.plain import plain
from partnersim.analysis.precision import needed
from partnersim.errors import ParameterError
from partnersim.model import outcomes
from partnersim.model.band import AT_POINT
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import OpenWorld, Settings, checked_years
from partnersim.threads import in_threads, threads_for

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHANGES", "Change", "Turning", "turning_points"]

LOST, FRESH = 0.10, 7919
"""Share of futures up to which a run counts as lost; step between seeds of fresh luck."""
SPAN = 12
"""Months over which a fall of the chances is told: from one month to the next they also move by luck."""
WANTED = 0.10
"""Half-width at which a share of futures is well known."""
TOLD = 3
"""Changes told in sentences; the others are in the table."""
BEFORE = (36, 24, 12)
"""Months before death at which single changes are tried, besides the start."""


@dataclass(frozen=True)
class Change:
    """One thing the parties or their supporters could have done, from a month on: levers raised to a value (lowered to 0), or an event."""

    name: str
    words: str
    levers: tuple[tuple[str, float], ...] = ()
    event: tuple[tuple[str, Any], ...] = ()


CHANGES = (
    Change("leaders_stay", "neither leader had retired or moved on",
           (("succession.management_tenure_months", 5000), ("succession.union_tenure_months", 5000))),
    Change("inside", "superintendents had come from within", (("succession.outside", 0),)),
    Change("training", "there had been two training sessions a year and every newcomer had been trained",
           (("capability.sessions_per_year", 2), ("capability.induction", 1))),
    Change("meetings", "leaders, teams and schools had met weekly",
           (("structures.strategic_meetings", 6), ("structures.team_meetings", 4), ("structures.workplace_meetings", 4))),
    Change("facilitation", "facilitators had been at hand", (("support.facilitation", 1),)),
    Change("community", "the community had stood behind it", (("support.community", 1),)),
    Change("national", "the national union had stood behind it", (("support.national", 1),)),
    Change("dual_track", "contest and joint work had been kept apart", (("pivotal_events.dual_track", 1),)),
    Change("transparency", "joint decisions had been made openly", (("politics.transparency", 1),)),
    Change("release_time", "representatives had had forty hours a month", (("members.release_hours", 40),)),
    Change("authority", "management had shared all authority it may", (("authority.ceiling", 1),)),
    Change("promise_kept", "what was owed had been paid back", event=(("event", "sacrifice_restored"),)),
    Change("board", "the board had stood behind the course", event=(("event", "board_changed"), ("support", 1.0))),
    Change("language", "enabling language had been agreed", event=(("event", "contract_language"), ("level", 0.9))),
)  # fmt: skip
"""What could have been done; each alone, everything else and all luck as they were."""


@dataclass(frozen=True)
class Told:
    """A sentence and its facts: "table/row/column" -> number."""

    text: str
    facts: dict[str, float]


@dataclass(frozen=True, eq=False, repr=False)
class Turning:
    """When a run was lost and what would have saved it.

    chances
        month, survive (share of fresh futures from this month in which practice is alive at the end), low, high (95 %), n.
    changes
        change, words, at_month, practice_alive_months, gained (months), alive (at the end), fresh_without and fresh_with (the same with
        fresh luck from that month; not-a-number where the same luck was not enough), fresh_low, fresh_high (of their difference, widened so
        that all hold together with 95 %: Agresti & Min 2005, Sidak 1967), n.
    band_member
        Number of its parameter vector in the band; -1 at the default parameters.
    """

    scenario: Scenario
    replicate: int
    seed: int
    years: int
    band_member: int
    born: bool
    died: bool
    end: int
    chances: pd.DataFrame
    changes: pd.DataFrame

    @property
    def title(self) -> str:
        """Heading of figures."""
        return f"{self.scenario.heading}, replicate {self.replicate}"

    @property
    def values_used(self) -> str:
        """Which parameter values the run and its branches have, in words."""
        return "default parameters" if self.band_member == AT_POINT else f"band member {self.band_member}"

    @property
    def footer(self) -> str:
        """Where a figure comes from."""
        return (
            f"partnersim {__version__}, model {self.scenario.plan.digest[:12]}; scenario {self.scenario.name}; replicate {self.replicate}, "
            f"{self.years} years, seed {self.seed}, {self.values_used}."
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What too few futures leave open; none if nothing is."""
        n, reach = int(self.chances["n"].iloc[0]), float(((self.chances["high"] - self.chances["low"]) / 2).max())
        if reach <= WANTED:
            return ()
        more = needed(reach, WANTED, n)
        return (
            f"Too few futures for fine points: {n} give shares to within {100 * reach:.0f} points; {100 * WANTED:.0f} would take {more}.",
        )

    @property
    def point_of_no_return(self) -> int | None:
        """First look from which on, up to the death, at most a tenth of futures survive; None if there is none."""
        lost = (self.chances["survive"] <= LOST).to_numpy()
        if not self.died or not lost[-1]:
            return None
        at = len(lost) - 1
        while at > 0 and lost[at - 1]:
            at -= 1
        return int(self.chances["month"].iloc[at])

    @property
    def sentences(self) -> tuple[Told, ...]:
        """What was found, in words; every number is a cell of a table."""
        first, out = self.chances.iloc[0], []
        facts = {f"chances/0/{name}": 100 * float(first[name]) for name in ("survive", "low", "high")} | {"chances/0/n": float(first["n"])}
        fate = f"in this run practice died in {date(self.end)} (month {self.end})" if self.died else "in this run practice lived to the end"
        fate = fate if self.born else "in this run practice was never born"
        if self.died:
            facts["life/0/end"] = float(self.end)
        within = f"[{facts['chances/0/low']:.0f}-{facts['chances/0/high']:.0f}]"
        share = f"{facts['chances/0/survive']:.0f} % {within} of {facts['chances/0/n']:.0f} futures"
        out.append(Told(f"Begun with other luck, it survives to the end of the run in {share}; {fate}.", facts))
        if not self.died:
            return tuple(out)
        months = self.chances["month"].to_numpy()
        chance = self.chances["survive"].to_numpy()
        until = np.minimum(np.searchsorted(months, months + SPAN), len(months) - 1)
        falls = chance - chance[until]
        worst, end = int(falls.argmax()), int(until[falls.argmax()])
        if falls[worst] > 0:
            before, after = 100 * float(chance[worst]), 100 * float(chance[end])
            text = (
                f"Its chances fell most between months {months[worst]} and {months[end]} ({_when(months[worst])} to "
                f"{_when(months[end])}): from {before:.0f} % to {after:.0f} %."
            )
            facts = {f"chances/{worst}/month": float(months[worst]), f"chances/{end}/month": float(months[end])}
            out.append(Told(text, {**facts, f"chances/{worst}/survive": before, f"chances/{end}/survive": after}))
        point = self.point_of_no_return
        if point is None:
            last = 100 * float(self.chances["survive"].iloc[-1])
            text = f"There was no point of no return: even at the last look {last:.0f} % of futures recovered."
            out.append(Told(text, {f"chances/{len(months) - 1}/survive": last}))
        else:
            row = int(np.flatnonzero(months == point)[0])
            lasting = self.chances.iloc[row:]["survive"]
            worst = row + int(lasting.to_numpy().argmax())
            most = 100 * float(lasting.max())
            text = (
                f"From month {point} on ({_when(point)}) it was lost: in no later month did more than {most:.0f} % of futures survive "
                f"(lost: {100 * LOST:.0f} % or less)."
            )
            out.append(Told(text, {f"chances/{row}/month": float(point), f"chances/{worst}/survive": most, "rule/lost": 100 * LOST}))
        saved = self.changes[self.changes["alive"]]
        if saved.empty:
            best = self.changes.loc[self.changes["gained"].idxmax()]
            if best["gained"] > 0:
                text = (
                    f"No single change of the {self.changes['change'].nunique()} tried would have saved it on the same luck; most time, "
                    f"{best['gained']:.0f} months, was to be won if from month {best['at_month']} on {best['words']}."
                )
                row = self.changes.index.get_loc(best.name)
                facts = {f"changes/{row}/gained": float(best["gained"]), f"changes/{row}/at_month": float(best["at_month"])}
                out.append(Told(text, {**facts, "changes/count": float(self.changes["change"].nunique())}))
            else:
                text = f"No single change of the {self.changes['change'].nunique()} tried would have helped it on the same luck."
                out.append(Told(text, {"changes/count": float(self.changes["change"].nunique())}))
            return tuple(out)
        latest = saved.loc[saved.groupby("change", sort=False)["at_month"].idxmax()]
        clear = (latest["fresh_low"] > 0).to_numpy()
        order = np.lexsort((-latest["at_month"].to_numpy(), ~clear))
        for late in (latest.iloc[n] for n in order[:TOLD]):
            row, base, better = int(late.name), 100 * late["fresh_without"], 100 * late["fresh_with"]
            text = (
                f"It would have lived if from month {late['at_month']} on ({date(late['at_month'])}) {late['words']}; with other luck from "
                f"then on {better:.0f} % of futures survive with this change and {base:.0f} % without "
                f"(difference [{100 * late['fresh_low']:.0f}, {100 * late['fresh_high']:.0f}])"
            )
            if late["fresh_low"] <= 0:
                text += ", which is no clear difference: on this luck the change was enough, in general it is not shown to help"
            facts = {
                f"changes/{row}/{name}": 100 * float(late[name]) for name in ("fresh_with", "fresh_without", "fresh_low", "fresh_high")
            }
            out.append(Told(f"{text}.", {f"changes/{row}/at_month": float(late["at_month"]), **facts}))
        rest = len(latest) - TOLD
        if rest > 0:
            more = f"{rest} more single change{'s' if rest > 1 else ''} would have saved it on the same luck (table of changes)."
            out.append(Told(more, {"changes/more": float(rest)}))
        return tuple(out)

    def __str__(self) -> str:
        import textwrap

        return "\n".join(
            [textwrap.fill(self.scenario.say(told.text), 120, subsequent_indent="  ") for told in self.sentences] + [*self.notes, ""]
        )

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""

        return {
            "band_member": self.band_member,
            "died": self.died,
            "end": self.end,
            "point_of_no_return": self.point_of_no_return,
            "chances": plain(self.chances.to_dict("records")),
            "changes": plain(self.changes.to_dict("records")),
            "sentences": [{"text": self.scenario.say(told.text), "facts": told.facts} for told in self.sentences],
            "notes": list(self.notes),
        }


def turning_points(
    scenario: Scenario,
    *,
    replicate: int,
    seed: int = 1,
    years: int = 20,
    futures: int = 40,
    every: int = 1,
    changes: Sequence[Change] = CHANGES,
    point: bool = False,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Turning:
    """Branch one run with fresh luck along its life, and try single changes on its own luck.

    Parameters
    ----------
    scenario, replicate, seed, years
        The run, as for `run`.
    futures
        Branches with fresh luck at each look; the same luck at every look.
    every
        Months between looks.
    changes
        What could have been done.
    point
        As for `run`; branches and changes have the parameters of the run.
    workers
        Threads.
    progress
        Called with the number of finished steps and of all steps.
    """
    import pandas as pd
    from scipy import stats

    months = 12 * checked_years(years)
    if futures < 5:
        raise ParameterError(f"futures = {futures} is too few", where="futures", allowed="5 or more")
    if every < 1:
        raise ParameterError(f"every = {every} is not possible", where="every", allowed="a whole number of months, 1 or more")
    settings = Settings.of(scenario, point=point)
    own = OpenWorld.of(settings, months=months, ledger=False).begin(seed=seed, replicate=replicate)
    own.advance(months)
    life = _life(own)
    end = life.end if life.died else months
    looks = sorted({*range(0, end, every), max(0, end - 1)})
    tried = _variants(scenario, changes, end) if life.died else []
    threads = threads_for(len(looks), workers)
    worlds: SimpleQueue[OpenWorld] = SimpleQueue()
    for _ in range(threads):
        worlds.put(OpenWorld.of(settings, months=months, ledger=False))
    steps, done = len(looks) + len(tried), 0

    def branches(of: Settings, month: int) -> np.ndarray:
        """Whether practice is alive at the end of each fresh future from a month on."""
        opened = worlds.get()
        try:
            opened.settings = of
            opened.begin(seed=seed, replicate=replicate).advance(month)
            kept = _kept(opened)
            out = np.zeros(futures, bool)
            for n in range(futures):
                _restore(opened, kept, (seed + FRESH * (n + 1)) % 2**32, replicate)
                opened.advance(months)
                found = _life(opened)
                out[n] = found.born >= 0 and not found.died
            return out
        finally:
            worlds.put(opened)

    def same_luck(variant: Scenario) -> tuple[int, bool, Settings]:
        opened = worlds.get()
        try:
            opened.settings = Settings.of(variant, point=point)
            opened.begin(seed=seed, replicate=replicate).advance(months)
            found = _life(opened)
            return found.months, found.born >= 0 and not found.died, opened.settings
        finally:
            worlds.put(opened)

    def told(count: int) -> None:
        if progress is not None:
            progress(done + count, steps)

    alive = dict(zip(looks, in_threads(lambda look: branches(settings, look), looks, threads, told), strict=True))
    done += len(looks)
    lived = in_threads(lambda one: same_luck(one[2]), tried, threads, told)
    done += len(tried)
    latest: dict[str, int] = {}  # of each change that saves it, the last month at which it does
    for n, ((change, at, _), (_, saved, _)) in enumerate(zip(tried, lived, strict=True)):
        if saved and (change.name not in latest or at > tried[latest[change.name]][1]):
            latest[change.name] = n
    missing = sorted({tried[n][1] - 1 for n in latest.values()} - set(alive))
    steps += len(missing) + len(latest)
    fresh = in_threads(lambda n: branches(lived[n][2], tried[n][1] - 1), list(latest.values()), threads, told)
    done += len(latest)
    usual = alive | dict(zip(missing, in_threads(lambda at: branches(settings, at), missing, threads, told), strict=True))
    rows = []
    for look in looks:
        hits = int(alive[look].sum())
        interval = stats.binomtest(hits, futures).proportion_ci(method="wilson")
        rows.append((look, hits / futures, float(interval.low), float(interval.high), futures))
    chances = pd.DataFrame(rows, columns=["month", "survive", "low", "high", "n"])
    differ = {n: _differ(usual[tried[n][1] - 1], with_it, len(latest)) for n, with_it in zip(latest.values(), fresh, strict=True)}
    kept = [
        (change.name, change.words, at, months_lived, months_lived - life.months, saved, *differ.get(n, (np.nan,) * 4), futures)
        for n, ((change, at, _), (months_lived, saved, _)) in enumerate(zip(tried, lived, strict=True))
    ]
    columns = ["change", "words", "at_month", "practice_alive_months", "gained", "alive", "fresh_without", "fresh_with", "fresh_low"]
    table = pd.DataFrame(kept, columns=[*columns, "fresh_high", "n"])
    return Turning(scenario, replicate, seed, years, settings.member(replicate), life.born >= 0, life.died, end, chances, table)


def _differ(without: np.ndarray, with_it: np.ndarray, comparisons: int) -> tuple[float, float, float, float]:
    """Return the shares that survive without and with a change, and the interval of their difference, as in paired comparisons."""
    from scipy import stats

    n, gained, lost = len(without), int((with_it & ~without).sum()), int((without & ~with_it).sum())
    centre = (gained - lost) / (n + 2)
    spread = np.sqrt(((gained + lost + 1) / (n + 2) - centre**2) / (n + 2))
    reach = float(stats.norm.isf((1.0 - 0.95 ** (1.0 / comparisons)) / 2.0) * spread)
    return float(without.mean()), float(with_it.mean()), max(-1.0, centre - reach), min(1.0, centre + reach)


def _when(month: int) -> str:
    return date(month) if month > 0 else "the start"


def _variants(scenario: Scenario, changes: Sequence[Change], end: int) -> list[tuple[Change, int, Scenario]]:
    """Return each change at each month it is tried, with its scenario; those that change nothing are left out."""
    out = []
    now = scenario.parameter_values()
    for change in changes:
        # nobody takes back what there is more of already
        levers = [(name, value) for name, value in change.levers if now[name] < value or value == 0 < now[name]]
        if change.levers and not levers:
            continue
        for at in sorted({1, *(end - before for before in BEFORE if end - before > 1)}):
            variant = scenario
            for name, value in levers:
                variant = variant.with_event(at, "set", parameter=name, value=value)
            if change.event:
                arguments = dict(change.event)
                variant = variant.with_event(at, str(arguments.pop("event")), **arguments)
            out.append((change, at, variant))
    return out


def _life(opened: OpenWorld) -> outcomes.Life:
    return outcomes.practice_life(opened.world.record.series[:, outcomes.ALIVE_INDEX], founded=opened.settings.founded)


Kept = tuple[int, dict[str, np.ndarray], dict[str, np.ndarray], tuple[Any, ...]]


def _kept(opened: OpenWorld) -> Kept:
    """Copy everything a world is at this month."""
    world = opened.world
    columns = {name: values.copy() for name, values in world.columns.items()}
    return world.month, columns, {name: values.copy() for name, values in world.record.arrays().items()}, world.params


def _restore(opened: OpenWorld, kept: Kept, seed: int, replicate: int) -> None:
    """Go back to what was kept, with other luck from here on."""
    world = opened.world
    world.month, columns, record, world.params = kept
    for name, values in columns.items():
        world.columns[name][...] = values
    for name, values in record.items():
        getattr(world.record, name)[...] = values
    world.key = (seed, replicate)
