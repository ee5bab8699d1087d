"""Institutions (M17): form and practice are two stocks; practice becomes habit, contract language only form.

Claim
    What people do becomes taken for granted and outlives them (Zucker 1977; Selznick 1957); what the contract says can live on
    when nobody practises it (Meyer & Rowan 1977).

Equations
    ::

        I += ( .3 [leaders C-C] + .7 X - I ) / 48                       X: share of workplace dyads in mutual collaboration
        L at signing: += .3 (1 - L) if leaders collaborated in 2/3 of the months of talks; x .6 if one contested in 2/3
        habit = h I, added to the value of collaborating
        decreed      L = level, decree = 1, nothing else
        agreed       L = level, kappa_0 += .1 (1 - kappa_0): who writes it together knows what it means
        decree falls decree = 0, L x .4

    Contract language never enters anyone's utility; it sets floors on meetings and authority, promises authority and bars dissolution
    (authority, structures). A decree bars it for as long as it stands.

Limits
    One level of institutionalisation for the whole district. What is left of decreed language (.36 of .9) may still bar dissolution until
    the contract expires.

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
        Parameter(name="habit_weight", symbol="h", default=0.20, bounds=(0, 2), sweep=(0, 0.4), unit="gu", role="world", status="calibrated",
                  source="assumed; compare P2", meaning="weight of habit", sign="+"),
        Parameter(name="agreement_clarity", default=0.1, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="share of the leaders' missing clarity that writing the language together supplies"),
        Parameter(name="left_of_decree", default=0.4, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed; federal councils after their order fell (from memory)", meaning="language left when a decree falls"),
        Parameter(name="signing_gain", default=0.3, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="enabling language gained at a collaborative signing"),
        Parameter(name="signing_loss", default=0.4, bounds=(0, 1), unit="share", role="fixed", status="assumed",
                  source="assumed", meaning="enabling language lost at a contested signing"),
    ),
)  # fmt: skip

MOST = 2.0 / 3.0


@step(writes=("language", "decree"), adds=("clarity",))
def enact(language_now, language_decreed, mandate_removed, language, decree, clarity, p):
    """Enabling language is decreed or agreed as the scenario says, and a decree may fall."""
    if mandate_removed[0] == 1:
        decree[0] = 0
        language[0] *= p.left_of_decree
    if language_now[0] >= 0.0:
        language[0] = language_now[0]
        if language_decreed[0] == 1:
            decree[0] = 1
        else:
            clarity[0] += p.agreement_clarity * (1.0 - clarity[0])


@step(writes=("habit",))
def accustom(institutionalisation, habit, p):
    """What is taken for granted is easy to do."""
    habit[0] = p.habit_weight * institutionalisation[0]


@step(writes=("institutionalisation", "language", "window_months", "window_collaboration", "window_contest", "window_practice"))
def settle(
    union_of, management_of, stance, joint, window, expiry, institutionalisation, language, window_months, window_collaboration,
    window_contest, window_practice, p,
):  # fmt: skip
    """Practice settles into habit; signed contracts keep what the talks were like."""
    practising = 0.0
    for d in range(1, joint.shape[0]):
        practising += (1.0 if joint[d] >= 1.0 else 0.0) / (joint.shape[0] - 1)
    together = 1.0 if joint[0] >= 1.0 else 0.0
    institutionalisation[0] += (0.3 * together + 0.7 * practising - institutionalisation[0]) / p.habit_months
    if window[0] == 1:
        window_months[0] += 1
        window_collaboration[0] += 1 if together > 0.5 else 0
        if stance[union_of[0]] == CONTEST or stance[management_of[0]] == CONTEST:
            window_contest[0] += 1
    if expiry[0] == 1:
        months = max(1.0, float(window_months[0]))
        if window_collaboration[0] >= MOST * months:
            language[0] += p.signing_gain * (1.0 - language[0])
        elif window_contest[0] >= MOST * months:
            language[0] *= 1.0 - p.signing_loss
        window_practice[0] = window_collaboration[0] / months
        window_months[0] = 0
        window_collaboration[0] = 0
        window_contest[0] = 0
