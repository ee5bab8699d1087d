"""The published patterns as data: what a credible model must show, from which source, and what of it was used for calibration.

A pattern has targets: statistics, each with the range in which it must lie. `validation` plays the recipes and measures the statistics;
`analysis/calibration.py` fits to the patterns of use `calibration` only. The others are kept for checking: nothing was fitted to them.
Sources are labels of `evidence.csv`. A pattern passes when the estimates of all its targets lie in their ranges.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

CALIBRATION, CHECKING = "calibration", "checking"
ANY = math.inf


@dataclass(frozen=True)
class Target:
    """A statistic and the range in which it must lie; an open end is infinite."""

    statistic: str
    low: float
    high: float

    @property
    def text(self) -> str:
        """The range in words."""
        if self.high == ANY:
            return f">= {self.low:g}" if self.low != 0 else "> 0"
        if self.low == -ANY:
            return f"<= {self.high:g}" if self.high != 0 else "< 0"
        return f"{self.low:g} to {self.high:g}"

    def holds(self, value: float) -> bool:
        """Whether a value lies in the range; an open range that begins at 0 leaves 0 out."""
        if (self.low == 0 and self.high == ANY) or (self.high == 0 and self.low == -ANY):
            return bool(value != 0 and self.low <= value <= self.high)
        return bool(self.low <= value <= self.high)

    def miss(self, value: float) -> float:
        """How far a value lies outside the range."""
        return max(self.low - value, value - self.high, 0.0)


def at_least(statistic: str, low: float) -> Target:
    """Return a target without an upper end."""
    return Target(statistic, low, ANY)


def at_most(statistic: str, high: float) -> Target:
    """Return a target without a lower end."""
    return Target(statistic, -ANY, high)


@dataclass(frozen=True)
class Pattern:
    """A published pattern: what is claimed, how it is measured here, what it rests on, and what it was used for."""

    id: str
    name: str
    claim: str
    recipe: str
    sources: tuple[str, ...]
    use: str
    targets: tuple[Target, ...]
    lacks: str  # if it is missed: what the model lacks


PATTERNS = (
    Pattern(
        "P1", "Ends come early",
        "The risk that practice ends is highest in the first three years and falls with age, without vanishing.",
        "default district, 20 years; yearly hazards of breaks",
        ("S4", "S5", "S10"), CALIBRATION,
        (at_least("hazard, years 1-3 minus 1.5 x years 8-15", 0), at_least("hazard, years 16-19", 0)),
        "Foundings differ too little: a mixture of sound and hopeless ones would raise the early hazard.",
    ),
    Pattern(
        "P2", "Three bands of survival",
        "Survival follows the depth of participation and the support for it.",
        "pseudo-participation with little support, default, all sustaining factors; no break in five (three) years",
        ("S1", "S2", "S3"), CALIBRATION,
        (
            Target("alive at 5 years, pseudo", 0.15, 0.40), Target("alive at 5 years, default", 0.50, 0.75),
            Target("alive at 5 years, all factors", 0.80, 0.95), Target("alive at 3 years, default", 0.70, 0.85),
        ),
        "Depth and support act through trust and skill that every district can also build by itself, so the bands lie close together.",
    ),
    Pattern(
        "P3", "Honeymoon",
        "Joint gains rise, then fade unless training and induction come back.",
        "gains over those of no programme on the same luck; training in the first half year only, or every year with induction and retreats",
        ("S6", "S8"), CALIBRATION,
        (
            Target("month of the peak", 12, 30), at_most("left at month 48, no renewal", 0.5),
            at_least("left at month 48, renewal", 0.75),
        ),
        "Problems recur at a constant rate and nothing is ever finished, so gains do not fall far when training and induction stop.",
    ),
    Pattern(
        "P4", "Trust falls faster than it rises",
        "Bad news moves trust more than good, most at middling trust; repair is complete without deceit and capped with it.",
        "one month of news at trust .2, .5, .8; trust ten years after half a year of honest or deceitful breach, over that of no breach",
        ("F18", "F19", "F20", "F21"), CHECKING,
        (
            Target("bad over good news at .5", 1.5, 4), at_least("at .5 over at .2 and .8", 1),
            at_least("trust after honest breach", 0.98), at_most("trust after deceit", 0.90),
        ),
        "Repair follows conduct alone; apologies, explanations and third parties are missing.",
    ),
    Pattern(
        "P5", "Two leaders are not enough",
        "Without structures below, the first change at the top usually ends the partnership; with them it usually does not.",
        "trusting, willing leaders; superintendent replaced in month 30 (from outside in .65 of runs) with and without structures; no break in two years",
        ("F30", "S12"), CALIBRATION,
        (
            at_most("lives on, top pair alone", 0.45), at_least("lives on, structures", 0.70), at_least("lives on, difference", 0.25),
        ),
        "A new pair of leaders can learn to trust each other without anybody below them; how much the top depends on what schools deliver is weak.",
    ),
    Pattern(
        "P6", "Successors from outside",
        "Outsiders are the greater risk, most of all after a long predecessor; gains dip even where the partnership survives.",
        "superintendent replaced in month 96 from inside or outside on the same luck, after at most 3 or more than 5 years in office",
        ("F28", "F29", "E8"), CHECKING,
        (
            Target("breaks, outsider over insider", 1.3, 3), at_least("C lost to an outsider, long minus short", 0),
            at_most("dip of gains", 0.97), at_least("gains regained in 4 years", 0.5),
        ),
        "Boards look outside for no reason of their own; a crisis that calls for a change of course is missing.",
    ),
    Pattern(
        "P7", "Board, then superintendent",
        "A political flip of the board brings the superintendent down and an outsider in; other turnover of seats does not.",
        "the board flips in month 61; elections that change two or more seats for other reasons in default runs",
        ("E10", "E11", "E12", "E13"), CHECKING,
        (
            at_least("exits after a flip over usual", 1.5), Target("exits after other elections over usual", 0.8, 1.2),
            at_least("outsiders, flip minus usual", 0),
        ),
        "Boards flip at elections alone; campaigns against a superintendent between elections are missing.",
    ),
    Pattern(
        "P8", "Turnover thins strong ties",
        "Where half of the leaders go in four years, those who stay have fewer strong ties; pressure adds weak ones.",
        "mature districts, calm for five years, then four years of turnover, without and with accountability pressure; ties of those who stay",
        ("F25", "F26"), CALIBRATION,
        (
            Target("strong ties left, churn", 0.60, 0.90), at_least("weak ties left, churn", 0.95),
            at_least("weak ties left, pressed", 0.95), at_least("centralisation, pressed minus churn", 0), at_least("strong ties left, calm", 1),
        ),
        "Ties of the staff are about work in general; a history that makes a tie strong again when people meet is missing.",
    ),
    Pattern(
        "P9", "Through ties",
        "Partnership works through dense ties and frequent informal talk.",
        "schools of living districts in year 12: scores on partnership net of poverty and district, then net of density too",
        ("F1", "F2", "F5"), CHECKING,
        (
            at_least("score on partnership", 0), at_least("share that density takes", 0.30),
            at_least("contact, top over bottom third", 3),
        ),
        "Ties among members are the one way from partnership to results; what principals do in classrooms is missing.",
    ),
    Pattern(
        "P10", "Collaboration closes the poverty gap",
        "Members leave poor schools more often than rich ones where few collaborate, and hardly more where many do.",
        "exits in years 11-12, top over bottom quarter of poverty, in the quarters of schools of least and of most ties",
        ("F4", "E19", "E20"), CHECKING,
        (
            Target("poor over rich, fewest ties", 2.5, 4.5), Target("poor over rich, most ties", 0.8, 1.4),
            Target("exits a year", 0.12, 0.20),
        ),
        "Exit knows poverty, ties and opinion; pay in other districts and scarce subjects are missing.",
    ),
    Pattern(
        "P11", "Resistance in the middle",
        "Managers back the programme for the institution's sake more than for their own; where they resist, gains are lower.",
        "what principals would answer in month 1; gains of years 1-5 by thirds of schools; a layoff; a divided cabinet",
        ("I7", "I8", "I9", "S9"), CALIBRATION,
        (
            Target("institution minus self, month 1", 0.30, 0.50), at_most("gain, lowest over highest third", 0.6),
            at_most("self-support, a year after a layoff", 0), at_most("self-support, divided cabinet", 0),
        ),
        "Resistance is each manager's own strain; managers who stand together are missing.",
    ),
    Pattern(
        "P12", "Shut out is worse than no programme",
        "A union that is present but not heard does worse than where there is no programme; with influence it does better.",
        "authority held at .15, .45 and 1, and no programme, on the same luck; months 25-60",
        ("F12",), CALIBRATION,
        (
            at_least("trust, none minus pseudo", 0), at_least("trust, partial minus none", 0),
            at_least("quality, none minus pseudo", 0), at_least("quality, partial minus none", 0),
            at_least("alive at 5 years, full minus others", 0),
        ),
        "What a district without a programme does is assumed: people still meet by chance and collaborate informally.",
    ),
    Pattern(
        "P13", "Sacrifice is survived, a withheld return is not",
        "Shared cuts are survived if honoured; small quarrels matter only where trust is low, and a suspended partnership can come back.",
        "a shared cut in month 96, in month 126 paid back or withheld; a small quarrel at high and low trust; suspensions in default runs",
        ("P13",), CALIBRATION,
        (
            at_most("breaks, honoured", 0.20), at_least("breaks, broken minus twice honoured", 0),
            at_most("breaks after a quarrel, high trust", 0.10), at_least("suspended by a quarrel, low minus 3 x high trust", 0),
            at_least("resumed in 6 years", 0.30),
        ),
        "Breaks after a quarrel include those that would have come without it, and quarrels that were survived leave no confidence.",
    ),
    Pattern(
        "P14", "Representation outlives popularity",
        "Leaders who manage more than they represent are voted out while the idea is popular, and the arrangement ends years later.",
        "co-management with little time for representation, 25 years; the same with a recession rate three times as high",
        ("P14",), CALIBRATION,
        (
            at_least("idea popular before the vote", 0.5), Target("years to the vote, median", 8, 16),
            Target("years from the vote to the end, median", 2, 8), at_least("years to the vote, usual minus lean", 0),
            at_least("ended after the vote, lean minus usual", 0),
        ),
        "Members judge by the state of their own school; factions and campaigns, which time a vote, are missing.",
    ),
    Pattern(
        "regimes", "More than one end",
        "A default district can end either way, and on paper.",
        "default district, last 24 of 240 months",
        (), CALIBRATION,
        (Target("vital", 0.2, 0.6), Target("collapsed", 0.2, 0.6), at_least("paper or mixed", 0.08)),
        "People of a district are alike enough to move together, so districts end far apart or all the same.",
    ),
    Pattern(
        "lag", "Founding takes years",
        "A strike makes a founding likelier; most crises found nothing, and what is founded takes two to six years.",
        "adversarial districts with and without a strike in month 1, ten years",
        ("I11", "I12"), CHECKING,
        (
            at_least("founded, strike minus none", 0), at_most("founded after a strike", 0.6), at_most("founded without", 0.6),
            Target("years to the founding, median", 2, 6),
        ),
        "Founding is up to two leaders and a board; convenors from outside, and examples next door, are missing.",
    ),
    Pattern(
        "coverage", "Form spreads slowly",
        "Schools join over years.",
        "default district in which no school has joined at the start",
        ("S13",), CHECKING,
        (Target("years to nine in ten schools", 5, 15),),
        "Schools join one by one and independently of their neighbours.",
    ),
    Pattern(
        "strikes", "Strikes are rare",
        "About one strike in 300 district-years.",
        "default and adversarial districts, 20 years",
        ("E29", "E30"), CHECKING,
        (Target("strikes a year, default", 0.001, 0.006), Target("strikes a year, adversarial", 0.001, 0.006)),
        "A strike needs two leaders who contest while they bargain; waves that spread from district to district are missing.",
    ),
    Pattern(
        "exits", "Leaders leave as often as they do",
        "Yearly shares of posts that change hands.",
        "default district, 20 years",
        ("E1", "E14", "E15", "E16", "E19"), CHECKING,
        (
            Target("superintendents", 0.1395, 0.1705), Target("cabinet", 0.144, 0.176),
            Target("principals", 0.171, 0.209), Target("members", 0.144, 0.176),
        ),
        "Base rates were set at the hand-set values; where partnerships live better, people stay longer.",
    ),
    Pattern(
        "bargaining", "Bargaining over interests has a price",
        "It writes more joint language, concedes more, and costs union leaders their posts more often.",
        "interest-based bargaining at .8 against 0, twelve years",
        ("F13", "F14"), CHECKING,
        (at_least("language", 0), at_most("pay", 0), at_least("voted out a year", 0)),
        "Interest-based talks also shrink what is fought over, which keeps leaders popular; the concession alone does not outweigh it.",
    ),
)  # fmt: skip

BY_ID = {pattern.id: pattern for pattern in PATTERNS}
