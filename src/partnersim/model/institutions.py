"""Institutions (M17): form and practice are two stocks; practice becomes habit, contract language only form.

Claim
    What people do becomes taken for granted and outlives them (Zucker 1977; Selznick 1957); what the contract says can live on
    when nobody practises it (Meyer & Rowan 1977).

Equations
    ::

        I += ( .3 [leaders C-C] + .7 X - I ) / 48                       X: share of workplace dyads in mutual collaboration
        L at signing: += .3 (1 - L) after >= 4 collaborative months of the window; x .6 after >= 4 with a leader contesting
        habit = h I, added to the value of collaborating

    Contract language never enters anyone's utility; it sets floors on meetings and authority and bars dissolution.

Limits
    One level of institutionalisation for the whole district.

Sources
    Zucker 1977; Selznick 1957; DiMaggio & Powell 1983; Meyer & Rowan 1977.
"""

from partnersim.engine.mechanism import Mechanism, step
from partnersim.model.columns import CONTEST
from partnersim.parameters import Parameter

MECHANISM = Mechanism(
    name="institutions",
    claim="Practice becomes habit and outlives people; contract language alone keeps only the form.",
    parameters=(
        Parameter(name="habit_months", symbol="tau_I", default=48, bounds=(6, 240), sweep=(24, 96), unit="months", role="world", status="assumed",
                  source="assumed; evidence F17: five to seven years to mature", meaning="time in which practice becomes taken for granted", sign="?"),
        Parameter(name="habit_weight", symbol="h", default=0.20, bounds=(0, 2), sweep=(0, 0.4), unit="gu", role="world", status="assumed",
                  source="assumed; calibrate on P2", meaning="weight of habit", sign="+"),
        Parameter(name="signing_gain", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="enabling language gained at a collaborative signing"),
        Parameter(name="signing_loss", default=0.4, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="enabling language lost at a contested signing"),
    ),
)  # fmt: skip

WINDOW_MONTHS = 6.0


@step(writes=("habit",))
def accustom(institutionalisation, habit, p):
    """What is taken for granted is easy to do."""
    habit[0] = p.habit_weight * institutionalisation[0]


@step(writes=("institutionalisation", "language", "window_collaboration", "window_contest", "window_practice"))
def settle(
    union_of,
    management_of,
    stance,
    joint,
    window,
    expiry,
    institutionalisation,
    language,
    window_collaboration,
    window_contest,
    window_practice,
    p,
):
    """Practice settles into habit; signed contracts keep what the talks were like."""
    practising = 0.0
    for d in range(1, joint.shape[0]):
        practising += (1.0 if joint[d] >= 1.0 else 0.0) / (joint.shape[0] - 1)
    together = 1.0 if joint[0] >= 1.0 else 0.0
    institutionalisation[0] += (0.3 * together + 0.7 * practising - institutionalisation[0]) / p.habit_months
    if window[0] == 1:
        window_collaboration[0] += 1 if together > 0.5 else 0
        if stance[union_of[0]] == CONTEST or stance[management_of[0]] == CONTEST:
            window_contest[0] += 1
    if expiry[0] == 1:
        if window_collaboration[0] >= 4:
            language[0] += p.signing_gain * (1.0 - language[0])
        elif window_contest[0] >= 4:
            language[0] *= 1.0 - p.signing_loss
        window_practice[0] = min(1.0, window_collaboration[0] / WINDOW_MONTHS)
        window_collaboration[0] = 0
        window_contest[0] = 0
