"""Mesa: a partnership as a `mesa.Model`, so that what you know from Mesa works on it.

>>> from partnersim import PartnershipModel
>>> model = PartnershipModel("abc-unified", seed=1)  # doctest: +SKIP
>>> model.step()  # doctest: +SKIP
>>> model.agents_by_type[Steward].agg("trust", np.mean)  # doctest: +SKIP
>>> model.datacollector.get_model_vars_dataframe()  # doctest: +SKIP

One step is one month. The history is, to the bit, that of `partnersim.run` with the same scenario, seed and replicate: the engine does
the work and this file shows it the way Mesa does. Agents are live views that read their numbers in the world's arrays. Nothing here
draws a random number, so neither looking nor shuffling changes what happens. To change something, let it happen, as in the timeline of
a scenario: `model.happen("leader_replaced", side="union", successor="inside")`.

Many runs
    `partnersim.run` and the command line are several times faster than `mesa.batch_run`, which works too. Repeat runs by `replicate`
    (other luck, all else the same), and sweep a parameter as `mechanism__parameter`, because a keyword has no dot:
    `mesa.batch_run(PartnershipModel, {"district": ["abc-unified", "adversarial"], "replicate": range(20),
    "structures__workplace_meetings": [0, 4]}, max_steps=120)`. Row "Step" k is month k. Mesa 3.3 goes one step beyond `max_steps`
    and reports the months up to it; with a run that ends by itself it leaves out the last month. Later versions count right, and take
    seeds by their own argument `rng` alone.

Why the first argument is not called scenario
    Mesa 3.5 keeps that word for objects of its own, and its page passes one.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from partnersim.engine.random import check_key
from partnersim.engine.state import LAYOUT, Array
from partnersim.errors import ParameterError, RunError, nearest
from partnersim.model import outcomes
from partnersim.model.columns import GROUPS, MANAGEMENT, SIDES, STRATEGIC, UNION, WORKPLACE
from partnersim.scenarios.files import load_scenario
from partnersim.scenarios.scenario import Scenario
from partnersim.simulate import checked_years, open_world

__all__ = ["ManagementLeader", "Member", "MiddleManager", "PartnershipModel", "Steward", "UnionLeader"]

ARGUMENTS = ("district", "seed", "replicate", "years", "point", "mechanism__parameter")


class PartnershipModel(mesa.Model):
    """A district under way.

    `month`, every outcome (`model.practice_workplace`, ...), `agents`, `agents_by_type` and `datacollector` tell how it stands;
    `world.scenario` is the scenario with everything that was made to happen (`world.scenario.to_toml()` writes it down).

    Parameters
    ----------
    district
        A scenario, the name of a shipped one, or the path of a scenario file.
    seed
        A whole number from 0 to 4,294,967,295; None, as `mesa.batch_run` says when it is given no seeds, is 1.
    replicate
        Which possible world: the one that `partnersim.run` calls by this number.
    years
        How far the model can go [years], 1 to 100; then `running` is False.
    point
        Use the default parameters and not the replicate's member of the calibrated band.
    kwargs
        Other values of parameters, as `mechanism__parameter=value`; they win over the band. For anything else that differs give
        `district` a scenario made with `Scenario.replace`, `without` or `with_event`.

    Raises
    ------
    ScenarioError, ParameterError
        Something asked for is not possible.

    Notes
    -----
    `datacollector` takes the outcomes of every month. For more, give your subclass a `mesa.DataCollector` of that name.
    """

    def __init__(  # `kwargs` must have this name: Mesa's page looks for it
        self,
        district: Scenario | str | Path = "typical-district",
        *,
        seed: int | None = 1,
        replicate: int = 0,
        years: int = 20,
        point: bool = False,
        **kwargs: Any,
    ) -> None:
        seed = check_key(1 if seed is None else seed, "seed")
        super().__init__(rng=seed)
        scenario = district if isinstance(district, Scenario) else load_scenario(district)
        if values := _parameters(kwargs):
            scenario = scenario.replace(parameters=values)
        self.last_month = 12 * checked_years(years)
        self.world = open_world(scenario, seed=seed, replicate=replicate, months=self.last_month, ledger=False, point=point)
        self.counter = itertools.count(1)
        columns = self.world.world.columns
        for row, (side, group) in enumerate(zip(columns["person_side"], columns["person_group"], strict=True)):
            PEOPLE[side, group](self, row)
        for row in range(len(columns["member_id"])):
            Member(self, row)
        self.datacollector = _Outcomes(model_reporters={name: name for name in outcomes.NAMES})
        self.datacollector.collect(self)

    @property
    def month(self) -> int:
        """The last month simulated; 0 is the start."""
        return self.world.month

    def step(self) -> None:
        """Simulate a month.

        Raises RunError beyond the last month, or if a state became impossible.
        """
        if self.month == self.last_month:
            raise RunError(f"this model ends with month {self.month}", where="step", fix="PartnershipModel(..., years=...) makes it longer")
        self.world.advance(self.month + 1)
        self.running = self.month < self.last_month
        self.datacollector.collect(self)

    def happen(self, event: str, /, *, at_month: int | None = None, **arguments: object) -> None:
        """Let an event of the timeline happen at the start of the next step, or of a later month.

        `partnersim scenarios events` lists the events with their arguments; `set` moves any parameter.
        """
        self.world.happen(event, at_month=at_month, **arguments)


def _outcome(index: int, outcome: outcomes.Outcome) -> property:
    def value(model: PartnershipModel) -> float:
        return float(model.world.world.record.series[model.month, index])

    return property(value, doc=f"{outcome.label} [{outcome.unit}], as it stands.")


for _index, _declared in enumerate(outcomes.OUTCOMES):
    setattr(PartnershipModel, _declared.name, _outcome(_index, _declared))


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords `mechanism__parameter` as "mechanism.parameter"."""
    if type(given.get("scenario")).__module__.startswith("mesa."):
        given = {name: value for name, value in given.items() if name != "scenario"}  # from Mesa 3.5's page, and empty
    for name in given:
        if "__" not in name:
            raise ParameterError(f"PartnershipModel has no argument {name!r}", where="PartnershipModel", allowed=nearest(name, ARGUMENTS))
    return {name.replace("__", ".", 1): value for name, value in given.items()}


class _Outcomes(mesa.DataCollector):
    """Mesa's collector, but for taking all outcomes of a month at once, which costs a tenth of asking for one after the other."""

    def collect(self, model: PartnershipModel) -> None:
        """Add the month's outcomes."""
        for values, value in zip(self.model_vars.values(), model.world.world.record.series[model.month].tolist(), strict=True):
            values.append(value)
        if hasattr(self, "_collection_steps"):  # Mesa from 3.5 on keeps the times beside the values
            self._collection_steps.append(model.time)


class _Counters:
    """Stands for `mesa.Agent._ids`, a dictionary in which Mesa before 3.4.2 keeps every model for ever: this one has each count its own."""

    def __getitem__(self, model: PartnershipModel) -> Iterator[int]:
        return model.counter


class View(mesa.Agent):
    """What all agents are: a live view of one row of the world.

    An agent has an attribute for every column of the model (`partnersim.simulate.plan().columns`) that concerns it: those of its own row;
    those of its dyads, as the mean over them and seen from its own side; those of its school. They change with the world and cannot
    be set. An agent stands for the post: when somebody leaves, the same agent goes on with the successor's numbers, and `tenure`
    starts anew.
    """

    _ids = _Counters()
    entity = ""
    """The kind of row."""

    def __init__(self, model: PartnershipModel, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    @abstractmethod
    def site(self) -> int:
        """The school, from 0; -1 at the top."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "row" not in self.__dict__:
            raise AttributeError(name)
        columns = self.model.world.world.plan.columns
        if name not in columns:
            raise AttributeError(f"{self} has no {name!r}; {nearest(name, self._readable())}")
        values = self._values(name)
        if values is None:
            raise AttributeError(f"{name} belongs to a {columns[name].entity}, and {self} has none")
        return values.item() if values.ndim == 0 else values.copy()

    def _values(self, name: str) -> Array | None:
        """What the column says about this agent."""
        world = self.model.world.world
        entity, values = world.plan.columns[name].entity, world.columns[name]
        if entity == self.entity:
            return values[self.row]
        if entity == "site" and self.site >= 0:
            return values[self.site]
        return None

    def _readable(self) -> list[str]:
        return [name for name in self.model.world.world.plan.columns if self._values(name) is not None]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._readable()})

    def __setattr__(self, name: str, value: object) -> None:
        own = self.__dict__
        if "row" in own and (name == "row" or name not in own) and not name.startswith("_"):
            raise AttributeError(
                f"{name} of {self} cannot be set: an agent only shows the world. Let something happen to it, for example "
                "model.happen('leader_replaced', side='union', successor='outside'), or begin with another scenario."
            )
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        where = f" of school {self.site}" if self.site >= 0 else ""
        return f"<{type(self).__name__}{where}, {self.entity} row {self.row}>"


class Person(View):
    """Somebody with an office."""

    entity = "person"

    @property
    def side(self) -> str:
        """Union or management."""
        return SIDES[self.person_side]

    @property
    def tier(self) -> str:
        """Strategic or workplace."""
        return GROUPS[self.person_group]

    @property
    def rank(self) -> int:
        """0 chooses a stance, 1 advises the leader of the side."""
        return int(self.person_rank)

    @property
    def site(self) -> int:
        """The school, from 0; -1 at the top."""
        return int(self.person_site)

    def _values(self, name: str) -> Array | None:
        world = self.model.world.world
        column = world.plan.columns[name]
        if column.entity != "dyad":
            return super()._values(name)
        if not self.dyad_count:  # an adviser
            return super()._values("team_trust") if name == "trust" else None
        if column.owner == LAYOUT:
            return None
        own = world.columns[name][self.first_dyad : self.first_dyad + self.dyad_count]
        return np.asarray(own[:, self.person_side] if column.width == 2 else own).mean(axis=0)


class UnionLeader(Person):
    """The union president (rank 0) or somebody on the union's executive board (rank 1), whose `trust` is in the superintendent."""


class ManagementLeader(Person):
    """The superintendent (rank 0) or somebody in the cabinet (rank 1), whose `trust` is in the union president."""


class MiddleManager(Person):
    """The principal of a school; `trust` is the mean over the building representatives."""


class Steward(Person):
    """A building representative of the union."""


class Member(View):
    """A union member's seat in a school, whoever sits on it."""

    entity = "member"
    side = SIDES[UNION]
    tier = GROUPS[WORKPLACE]

    @property
    def site(self) -> int:
        """The school, from 0."""
        return self.row // self.model.world.scenario.members_per_site


PEOPLE = {
    (UNION, STRATEGIC): UnionLeader,
    (MANAGEMENT, STRATEGIC): ManagementLeader,
    (MANAGEMENT, WORKPLACE): MiddleManager,
    (UNION, WORKPLACE): Steward,
}
