"""Every English text of the page, in the words of schools; `partnersim.scenarios.words` says the same for a plant."""

from __future__ import annotations

from partnersim.model.outcomes import Life

NAME = "partnersim"
TITLE = "partnersim classroom"

# -- panels -------------------------------------------------------------------------------------------------------

LEVERS, ASSUMPTIONS, EVENTS = "Levers", "Assumptions", "Events"
LEVERS_HELP = "What the parties decide. Move one, and district B lives its years again on the same luck."
ASSUMPTIONS_HELP = "How the world works: not for anybody to decide. Change one only to ask whether a result hangs on it."
EVENTS_HELP = "Let something happen in district B in the marked month. Click a chart to mark another."
FROM_START, FROM_MARK = "from the start", "from the marked month"
HAPPENED = "In district B"
NOTHING_HAPPENED = "Nothing was made to happen yet."
LET_HAPPEN = "Let it happen in"
DEFAULT, SOURCE = "default", "source"
DRAWN = "left to chance"
WHY, STORY, BET = "Why?", "Story", "Bet"
MEASURES, DISTRICT, SPREAD, COMPARE, STEP_IN = "Measures", "District", "Spread", "Compare", "Step in"
LESSONS, TAKE_AWAY, ROOM = "Lessons", "Take away", "Projector"
SCENARIO, WORLD = "Scenario", "World"
OTHER_LUCK = "Other luck"
UNDO, REDO, CLEAR = "Undo (Z)", "Redo", "Make B the same as A"
PLAY, PAUSE, STEP_BACK, STEP_ON, RESET, WHOLE = (
    "Play (space)",
    "Pause (space)",
    "Back a month (left)",
    "On a month (right)",
    "To the start (R)",
    "Show all years",
)
SPEED = "{speed} months a second"
SETTING = {"school": "School words", "plant": "Plant words"}
KEYS = "Keys: space plays and pauses, arrows go a month on or back, R returns to the start, Z undoes, P is projector mode."

# -- what is said -------------------------------------------------------------------------------------------------

DISTRICT_A, DISTRICT_B = "District A", "District B"
SAME = "The same as A so far"
BEGIN = "Move a lever, let an event happen, or open a lesson: district B lives its years again."
LUCK = "Is this luck? Alive after {years} years: {counts}. Shaded: the middle 80 %."
LUCK_OF, LUCK_SO_FAR = "{side} in {alive} of {worlds} worlds", "{side} in {alive} of the first {worlds} worlds"
DIFFERS = "In B: {changes}."
COUNTING = "other worlds are under way"
ALIVE = "alive above this line"
FATES = {"died": "Practice dies in year {year}", "alive": "Practice lives on", "unborn": "Practice never begins"}
HIDDEN = "B is hidden until the bet is settled."
AT_MONTH = "year {year}, month {month}"
WHY_HEAD, WHY_WHEN = "What moved district {side}", "{first} to {last}"
WHY_A = "Show district A"
WAITING = "The ledger is being read"
NO_RETURN = "Point of no return: {when}. From here on practice lived five years more in fewer than one of ten other futures."
NO_RETURN_ALIVE = "No point of no return: practice did not die."
FIND_NO_RETURN = "Find the point of no return"
STOCKS = {
    ("strategic", "trust"): "Trust between the leaders",
    ("workplace", "trust"): "Trust in schools",
    ("strategic", "will to collaborate"): "Will to collaborate, leaders",
    ("workplace", "will to collaborate"): "Will to collaborate, schools",
}
REST = "the rest"
WHY_HELP = (
    "Trust is counted in log-odds: one more lifts a trust of 0.50 to 0.73. "
    "Will is counted in gain units: an ordinary issue has a stake of 0.4."
)
ROSE, FELL, STEADY = "rose", "fell", "hardly changed"
UNIT_WORDS = {
    "share": "",
    "probability": "",
    "-": "",
    "0/1": "",
    "1/month": "a month",
    "1/year": "a year",
    "h/month": "hours a month",
    "gu": "gain units",
}
UNITS = {"log-odds": "log-odds", "gu": "gain units"}
STANCES = {"collaborate": "collaborates", "hold back": "holds back", "contest": "contests"}
LEGEND = ("collaborates", "holds back", "contests")
SCHOOLS_SHOWN = "{shown} of {all} schools: rep and principal, and their tie"
OPEN_SCHOOL = "Open the teachers of school"
TEAMS = ("union board", "cabinet")
SAVE_SCHOOL, CLOSE = "Picture", "Close"
TEACHERS = "School {number}, district {side}, {when}"
TEACHERS_LEGEND = "In the middle, and larger: supports joint work more. Dark: takes part. Dashed: the post is empty. Lines: strong ties."

BET_HELP = "Predict before you see it. B is hidden until you show it; the page counts predictions, not people."
BET_QUESTIONS = {
    "fate": "What becomes of practice in district B?",
    "against": "Which district's practice lives longer?",
    "drawn": "Draw how alive practice in B will be",
}
DRAWN_LINE = "a drawn line"
PLACE, DRAW, SHOW_B, HIDE_B = "Place the bet", "Draw on the chart", "Show what came", "Hide B and bet"
SCORE = "{right} of {all} predictions were right."
PICK_FIRST = "Pick an answer first."
CAME = "What came: {came}."
RIGHT, WRONG = "right", "not so"

STEP_IN_HELP = "Play a leader. At each budget or contract round the class chooses the stance; then it sees what the leader would have done."
ROLES = {"union": "president", "management": "superintendent"}
ROUNDS = {"contract": "contract talks begin", "budget": "a budget gap opens"}
NEXT_ROUND, NO_ROUND = "Go to the next round", "No round is left in these years."
AS_WHO, FOR_MONTHS = "The class plays the", "for months"
OWN_CHOICE = "By the leader's own reasons: {own}. The class: {chosen}."

SPREAD_HELP = "The share of 200 worlds in which practice is still alive, A and B on the same luck."
COUNT, CANCEL = "Run 200 worlds", "Cancel"
COUNTED = "{done} of {all} worlds"
CANCELLED = "Cancelled."
COMPARE_HELP = "Keep what B is now under a name, change something, and lay up to four over each other."
KEEP, NAME_IT = "Keep B", "Name"

COPY_LINK, COPIED = "Copy the address", "The address is copied."
NO_LINK = "This scenario came from a file; pass the file on."
SAVE_TOML, SAVE_CSV, SAVE_STORY, SAVE_REPLAY, OPEN_FILE = (
    "Scenario as a file (TOML)",
    "Series (CSV)",
    "Story as text",
    "Replay for students (HTML)",
    "Open a scenario file",
)
OPENED = "Opened: {name}."
PRINT = "Print"
OPEN_LESSON = "Open the lesson"
LESSON_PARTS = {
    "question": "Bet on",
    "minutes": "Fifty minutes",
    "do": "What to do",
    "look": "What to look for (answers)",
    "debrief": "Talk about it",
    "cannot": "What the model cannot say",
}
LIMITS = "A model of partnerships, not of your district: it illustrates mechanisms and predicts nobody's future."
OPEN_TO_OTHERS = (
    "warning: the page listens on {host}, where others on the network can open it and use this machine's time; "
    "without --host it listens on 127.0.0.1 alone"
)
NEEDS = "the classroom page needs NiceGUI"
NEEDS_FIX = 'pip install "partnersim[app]"'

# -- panels made from declarations --------------------------------------------------------------------------------

LEVER_GROUPS = {
    "capability": "Training",
    "structures": "Structures",
    "authority": "Authority",
    "alignment": "Agenda",
    "succession": "Succession policy",
    "members.release_hours": "Release time",
    "politics.transparency": "Transparency",
    "politics.term_months": "Terms and contracts",
    "economy.promise": "Shared sacrifice",
    "economy.contract_months": "Terms and contracts",
    "pivotal_events": "Handling conflict",
    "stance": "Handling conflict",
    "support": "Support",
    "networks": "Ties within each side",
}
DIAL_TITLES = {
    "succession.management_tenure_months": "Superintendents stay",
    "succession.union_tenure_months": "Presidents stay",
    "succession.term_limit_months": "Term limit of presidents",
    "succession.outside": "Superintendents from outside",
    "structures.strategic_meetings": "Leaders' meetings",
    "structures.bargaining_meetings": "Meetings at the table",
    "structures.workplace_meetings": "Principal-rep meetings",
    "structures.team_meetings": "Team meetings",
    "structures.retreat_meetings": "Joint retreats",
    "structures.founding": "A partnership may be founded",
    "structures.joined_at_start": "Schools that take part at first",
    "support.facilitation": "Facilitators",
    "support.community": "Community engagement",
    "support.national": "National union's support",
    "support.launch": "Help for schools that join",
    "economy.contract_months": "Length of contracts",
    "economy.promise": "Share of a cut promised back",
    "politics.term_months": "Union election cycle",
    "politics.transparency": "Openness of decisions",
    "stance.interest_based": "Interest-based bargaining",
    "members.release_hours": "Release time of a rep",
    "networks.internal_density": "Density within each side",
    "pivotal_events.dual_track": "Contest kept apart from joint work",
    "capability.sessions_per_year": "Joint training",
    "capability.induction": "Newcomers trained",
    "alignment.scope": "Agenda on teaching and learning",
    "authority.ceiling": "Most authority shared",
}
VARIES = " It differs by world, from {low:.3g} to {high:.3g}, as evidence leaves it open; once moved it is the same in all worlds of B."
LEADERS = {
    "leader_replaced": {"union": "The president leaves", "management": "The superintendent leaves"},
    "breach": {"union": "The president breaches", "management": "The superintendent breaches"},
}
SIGNS = {
    "+": "More of it is expected to help practice live.",
    "-": "More of it is expected to harm practice.",
    "?": "Whether it helps depends on the rest.",
    "": "",
}
EVENT_GROUPS = {
    "Leadership": ("leader_replaced", "middle_managers_replaced", "stewards_replaced", "board_changed"),
    "Economy": ("recession", "budget_cut", "layoff", "promise_broken", "sacrifice_restored"),
    "Conflict": ("breach", "strike", "pivotal_event", "stance_taken", "accountability_pressure", "joint_program_harms_members"),
    "Support": (
        "training_changed",
        "structures_changed",
        "facilitation_changed",
        "national_support_changed",
        "community_changed",
        "contract_language",
        "mandate_removed",
    ),
}
EVENT_TITLES = {
    "leader_replaced": "A leader leaves",
    "middle_managers_replaced": "Principals leave",
    "stewards_replaced": "Reps leave",
    "board_changed": "The board changes",
    "recession": "Recession",
    "budget_cut": "Budget cut",
    "layoff": "Layoff",
    "promise_broken": "Promise broken",
    "sacrifice_restored": "Pay restored",
    "breach": "A leader breaches",
    "strike": "Strike",
    "pivotal_event": "Pivotal issue",
    "stance_taken": "A leader's stance",
    "accountability_pressure": "Sanctions for results",
    "joint_program_harms_members": "Programme harms members",
    "training_changed": "Training",
    "structures_changed": "Meetings",
    "facilitation_changed": "Facilitators",
    "national_support_changed": "National union",
    "community_changed": "Community",
    "contract_language": "Contract language",
    "mandate_removed": "Mandate falls",
    "set": "Lever moved",
}
OFFERED: dict[tuple[str, str], float | str | None] = {
    ("leader_replaced", "side"): "management",
    ("leader_replaced", "successor"): "outside",
    ("budget_cut", "share"): 0.08,
    ("budget_cut", "months"): 24.0,
    ("layoff", "share"): 0.08,
    ("breach", "side"): "management",
    ("breach", "months"): 3.0,
    ("pivotal_event", "stake"): 0.8,
    ("training_changed", "sessions_per_year"): 2.0,
    ("structures_changed", "tier"): "workplace",
    ("structures_changed", "meetings_per_month"): 0.0,
    ("accountability_pressure", "months"): 36.0,
    ("stance_taken", "months"): 6.0,
    ("stance_taken", "stance"): "contest",
    ("joint_program_harms_members", "months"): 18.0,
    ("board_changed", "support"): 0.2,
    ("facilitation_changed", "level"): 0.0,
    ("national_support_changed", "level"): 0.0,
    ("community_changed", "level"): 0.0,
    ("contract_language", "level"): 0.8,
}
CHART_LABELS = {
    "alive_index": "How alive practice is",
    "form": "Form: meetings, language",
    "practice_workplace": "Practice in schools",
    "trust_union_strategic": "Trust of the president",
    "trust_management_strategic": "Trust of the superintendent",
    "member_support": "Members' support",
    "leader_approval": "Approval of union leaders",
    "authority_workplace": "Authority shared",
    "institutionalisation": "Taken for granted",
    "pay_index": "Pay",
}
"""Labels that are shorter, or say more here, than the outcome's own."""
EVENT_WORDS = {
    "union leader replaced": "president replaced",
    "superintendent replaced": "superintendent replaced",
    "board majority flips": "board turns",
}


def fate(life: Life) -> str:
    """Say what became of practice."""
    key = "unborn" if life.born < 0 else "died" if life.died else "alive"
    return FATES[key].format(year=(life.end - 1) // 12 + 1)


def title(name: str) -> str:
    """Say a mechanism as a heading."""
    return name.replace("_", " ").capitalize()


def at_head(month: int) -> str:
    """Say when a month is, at the head of a sentence."""
    return when(month)[0].upper() + when(month)[1:]


def when(month: int) -> str:
    """Say when a month is."""
    return AT_MONTH.format(year=(max(1, month) - 1) // 12 + 1, month=(max(1, month) - 1) % 12 + 1)
