"""Economy (M16): recessions open budget gaps, contracts expire, and talks can end in a strike.

Equations
    recession on w.p. 1/84, off w.p. 1/18 a month; gap += .15 ( depth (1 - .4 comm)[recession] - gap )
    stakes: sigma_gap gap/.08 + sigma_neg in the last 6 months of each 36-month contract (leaders)
    strike w.p. .15 per D-D month in the window: P_U + .35, P_M + .50, leader T * .6, school T * .85, B - .1
"""

from partnersim.engine.compose import Mechanism, step
from partnersim.engine.numeric import clip
from partnersim.engine.random import block, pick, stream, unit
from partnersim.engine.record import NOTHING, note, word
from partnersim.model.columns import CONTEST, DISTRICT, NOBODY, STRATEGIC
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="economy",
    claim="Hard times and contract talks raise distributive stakes.",
    off="absent",
    parameters=(
        Parameter(name="downturn_rate", default=1 / 84, bounds=(0, 1), sweep=(0, 1 / 30), unit="1/month", role="world", status="measured",
                  source="evidence E31", meaning="recessions starting", sign="-"),
        Parameter(name="recovery_rate", default=1 / 18, bounds=(0.001, 1), unit="1/month", role="fixed", status="assumed",
                  source="evidence E31", meaning="recessions ending"),
        Parameter(name="depth", default=0.12, bounds=(0, 0.5), sweep=(0, 0.2), unit="share of budget", role="world", status="assumed",
                  source="evidence E32 (upper end)", meaning="budget gap of a recession without community support", sign="-"),
        Parameter(name="gap_stake", symbol="sigma_gap", default=0.25, bounds=(0, 2), sweep=(0, 0.5), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="stake added by a gap of 8 % of the budget", sign="-"),
        Parameter(name="window_stake", symbol="sigma_neg", default=0.15, bounds=(0, 2), sweep=(0, 0.4), unit="gu", role="world", status="assumed",
                  source="assumed", meaning="stake added by contract talks", sign="-"),
        Parameter(name="contract_months", default=36, bounds=(12, 120), sweep=(12, 60), unit="months", role="lever", status="measured",
                  source="evidence E27", meaning="length of contracts", sign="?"),
        Parameter(name="strike_chance", default=0.15, bounds=(0, 1), sweep=(0, 0.4), unit="probability/month", role="world", status="assumed",
                  source="evidence E29", meaning="strike in a month of mutual contest during talks", sign="-"),
    ),
)  # fmt: skip

STARTS = stream("economy.starts")
TURNS = stream("economy.turns")
STRIKES = stream("economy.strikes")
RECESSION, RECOVERY, STRIKE = word("recession"), word("recovery"), word("strike")


@step(writes=("contract_phase",))
def begin(contract_phase, p, key0, key1, month):
    """Contract cycles of districts are out of step."""
    contract_phase[0] = pick(block(key0, key1, STARTS, month, DISTRICT, 0)[0], int(p.contract_months))


@step(writes=("recession", "gap", "window", "expiry", "economic_stake"))
def turn(dyad_group, community, contract_phase, recession, gap, window, expiry, economic_stake, p, key0, key1, month, events):
    """Recessions come and go, the budget gap follows, contracts run."""
    a, b, _, _ = block(key0, key1, TURNS, month, DISTRICT, 0)
    starts, ends = unit(a) < p.downturn_rate, unit(b) < p.recovery_rate
    if starts and recession[0] == 0:
        note(events, month, RECESSION, STRATEGIC, NOBODY, NOBODY, NOTHING, p.depth)
    if ends and not starts and recession[0] == 1:
        note(events, month, RECOVERY, STRATEGIC, NOBODY, NOBODY, NOTHING, gap[0])
    recession[0] = 1 if starts or (recession[0] == 1 and not ends) else 0
    gap[0] += 0.15 * (p.depth * (1.0 - 0.4 * community[0]) * recession[0] - gap[0])
    age = (month - 1 + contract_phase[0]) % int(p.contract_months)
    window[0] = 1 if age >= int(p.contract_months) - 6 else 0
    expiry[0] = 1 if age == int(p.contract_months) - 1 else 0
    for d in range(economic_stake.shape[0]):
        if dyad_group[d] == STRATEGIC:
            economic_stake[d] = p.gap_stake * gap[0] / 0.08 + p.window_stake * window[0]
        else:
            economic_stake[d] = 0.6 * p.gap_stake * gap[0] / 0.08


@step(writes=("strike",), adds=("memory", "trust", "board"))
def walk_out(union_of, management_of, stance, window, strike, memory, trust, board, p, key0, key1, month, events):
    """Mutual contest during talks may end in a strike, which both remember."""
    strike[0] = 0
    both = stance[union_of[0]] == CONTEST and stance[management_of[0]] == CONTEST
    if window[0] == 1 and both and unit(block(key0, key1, STRIKES, month, DISTRICT, 0)[0]) < p.strike_chance:
        strike[0] = 1
        memory[union_of[0]] += 0.35
        memory[management_of[0]] += 0.50
        for side in range(2):
            trust[0, side] *= 0.6
            for d in range(1, trust.shape[0]):
                trust[d, side] *= 0.85
        board[0] = clip(board[0] - 0.1, 0.0, 1.0)
        note(events, month, STRIKE, STRATEGIC, NOBODY, NOBODY, NOTHING, 1.0)
