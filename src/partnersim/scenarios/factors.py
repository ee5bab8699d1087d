"""The sustaining factors of partnerships, and what it means that one is absent.

Each factor stands for what the literature names (Rubinstein & McCarthy 2011; the tier structure of Kochan, Katz & McKersie 1986) and is a
handful of settings of a district. *Present* is whatever a scenario says. *Absent* takes every setting of the factor to its absent level,
unless the scenario is there, or beyond, already: taking a factor away never helps. Dated events of the scenario that would bring the
factor back are held at the absent level too, or left out. Nothing else of the scenario changes.

The levels are conventions, as any answer to "what did it contribute" rests on what it is compared with; the table says what they are, and
`partnersim attribute` prints them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from partnersim.errors import ParameterError, nearest
from partnersim.model import timeline
from partnersim.scenarios.declared import plan
from partnersim.scenarios.scenario import SET, Scenario, declared_parameters

__all__ = ["FACTORS", "FINER", "Factor", "Level", "chosen", "without_factors"]


@dataclass(frozen=True)
class Level:
    """A setting and its absent level: "mechanism.parameter" or "start.column", and whether lower or higher than it is still absent."""

    name: str
    absent: float
    worse: Literal["lower", "higher"] = "lower"

    def held(self, value: float) -> float:
        """Return the absent level, or `value` if that is there or beyond."""
        return min(value, self.absent) if self.worse == "lower" else max(value, self.absent)


@dataclass(frozen=True)
class Factor:
    """A sustaining factor.

    Parameters
    ----------
    name, label
        For tables and for figures.
    without
        What a district without it looks like, in words.
    levels
        Its settings with their absent levels.
    events
        Kinds of dated events that are left out when it is absent.
    arguments
        (kind of event, argument, value): arguments of dated events that are changed when it is absent.
    """

    name: str
    label: str
    without: str
    levels: tuple[Level, ...]
    events: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str, Any], ...] = ()


TENURE = (Level("succession.management_tenure_months", 36), Level("succession.union_tenure_months", 60))
INSIDE = (Level("succession.outside", 1, "higher"),)
TOP = tuple(Level(f"structures.{tier}_meetings", 0) for tier in ("strategic", "team", "retreat"))
TABLE = (Level("structures.bargaining_meetings", 0),)
SCHOOLS = (Level("structures.workplace_meetings", 0),)

FACTORS = (
    Factor("leadership", "Long-term leadership from within",
           "leaders stay three (union: five) years, superintendents come from outside",
           TENURE + INSIDE),
    Factor("networks", "Dense networks",
           "no ties form among staff or members, nobody hears of peers",
           (Level("networks.internal_density", 0), Level("networks.tie_gain", 0), Level("networks.approach", 0),
            Level("networks.member_approach", 0), Level("start.informal", 0))),
    Factor("structures", "Structures at every tier",
           "no planned meetings at any tier",
           TOP + TABLE + SCHOOLS),
    Factor("training", "Joint training",
           "no joint sessions, newcomers are not trained",
           (Level("capability.sessions_per_year", 0), Level("capability.induction", 0))),
    Factor("gains", "Joint gains",
           "joint work solves no problem",
           (Level("joint_gains.potential", 0),)),
    Factor("alignment", "Strategic alignment",
           "joint work stays apart from the district's strategy",
           (Level("alignment.aligned", 0.3), Level("start.alignment", 0.3))),
    Factor("board", "Board support",
           "five of seven board seats opposed at the start, every second election about the course",
           (Level("politics.opposed_at_start", 5, "higher"), Level("politics.political", 0.5, "higher"), Level("start.board", 0.3))),
    Factor("community", "Community engagement",
           "no community engagement",
           (Level("support.community", 0),)),
    Factor("national", "National union",
           "no support of the national union",
           (Level("support.national", 0),)),
    Factor("facilitation", "Facilitation",
           "no facilitators, no help for schools that join",
           (Level("support.facilitation", 0), Level("support.launch", 0))),
    Factor("language", "Contract language",
           "no enabling language, now or later",
           (Level("start.language", 0), Level("start.decree", 0), Level("institutions.signing_gain", 0), Level("economy.joint_clauses", 0)),
           events=("contract_language",)),
    Factor("institutionalisation", "Institutionalisation",
           "nothing is ever taken for granted",
           (Level("start.institutionalisation", 0), Level("institutions.habit_weight", 0), Level("succession.inherited", 0))),
    Factor("dual_track", "Dual track",
           "contest and joint work are not kept apart",
           (Level("pivotal_events.dual_track", 0),)),
    Factor("release_time", "Release time",
           "five hours a month for a representative",
           (Level("members.release_hours", 5),)),
    Factor("sacrifice", "Shared sacrifice",
           "nothing given up is promised back, dated cuts are imposed",
           (Level("economy.promise", 0),),
           events=("sacrifice_restored",),
           arguments=(("budget_cut", "how", "imposed"), ("budget_cut", "promised", 0.0), ("layoff", "joint", "no"))),
    Factor("transparency", "Transparency",
           "joint decisions are made behind closed doors",
           (Level("politics.transparency", 0),)),
)  # fmt: skip
"""The factors that attribution asks about."""

FINER = (
    Factor("tenure", "Long tenure of leaders", "leaders stay three (union: five) years", TENURE),
    Factor("inside", "Successors from within", "superintendents come from outside", INSIDE),
    Factor("structures_top", "Structures: leaders and teams", "no planned meetings of leaders, cabinet and board, no retreats", TOP),
    Factor("structures_table", "Structures: bargaining table", "no meetings at the table", TABLE),
    Factor("structures_schools", "Structures: schools", "no planned meetings of principal and representative", SCHOOLS),
)
"""Parts of factors, for a closer look."""

ALL = {factor.name: factor for factor in FACTORS + FINER}


def chosen(names: Sequence[str] | None) -> tuple[Factor, ...]:
    """Return factors by name, the sixteen if none are named.

    Raises ParameterError for an unknown name, one named twice, or two that share a setting.
    """
    if names is None:
        return FACTORS
    out: list[Factor] = []
    for name in names:
        if name not in ALL:
            raise ParameterError(f"there is no factor {name!r}", where="factors", allowed=nearest(name, ALL))
        factor = ALL[name]
        for other in out:
            shared = {level.name for level in factor.levels} & {level.name for level in other.levels}
            if shared:
                raise ParameterError(f"{name} and {other.name} share {min(shared)}", where="factors", fix="name one of them")
        out.append(factor)
    if not out:
        raise ParameterError("no factor is named", where="factors", allowed=", ".join(ALL))
    return tuple(out)


def without_factors(scenario: Scenario, factors: Sequence[Factor]) -> Scenario:
    """Return the scenario with these factors absent; the scenario itself if that changes nothing."""
    levels = {level.name: level for factor in factors for level in factor.levels}
    dropped = {kind for factor in factors for kind in factor.events}
    changed = {(kind, argument): value for factor in factors for kind, argument, value in factor.arguments}
    fields = scenario.fields()
    known, columns = declared_parameters(scenario.plan), scenario.plan.columns
    for name, level in levels.items():
        table, _, key = name.partition(".")
        if table == "start":
            value = fields["start"].get(key, columns[key].start)
            held = tuple(level.held(part) for part in value) if isinstance(value, tuple) else level.held(value)
            if held != value:
                fields["start"][key] = held
        else:
            value = fields["parameters"].get(name, known[name].default)
            if level.held(value) != value:
                fields["parameters"][name] = level.held(value)
    events = []
    for event in fields["timeline"]:
        kind = str(event["event"])
        if kind in dropped:
            continue
        for (of, argument), value in changed.items():
            if of == kind:
                event[argument] = value
        if kind == SET and event["parameter"] in levels:
            event["value"] = levels[event["parameter"]].held(event["value"])
        elif kind != SET:
            names = {key: value for key, value in event.items() if isinstance(value, str)}
            for argument, lever in timeline.EVENTS[kind].levers.items():
                level_of = levels.get(lever.format(**names))
                if argument in event and level_of is not None:
                    event[argument] = level_of.held(float(event[argument]))
        events.append(event)
    fields["timeline"] = tuple(events)
    if {**fields} == scenario.fields():
        return scenario
    names_of = ", ".join(factor.name for factor in factors)
    return Scenario(**fields | {"name": f"{scenario.name} without {names_of}"})


def table() -> list[dict[str, str]]:
    """Return the factors as rows: factor, label, without, settings."""
    known = declared_parameters(plan())

    def words(level: Level) -> str:
        unit = known[level.name].unit if level.name in known else plan().columns[level.name.partition(".")[2]].unit
        return f"{level.name} = {level.absent:g} {unit}"

    return [
        {"factor": f.name, "label": f.label, "without": f.without, "settings": "; ".join(words(level) for level in f.levels)}
        for f in ALL.values()
    ]
