"""What is measured."""

from partnersim.engine.compose import step
from partnersim.model.columns import CONTEST

NAMES = ("practice_workplace", "practice_strategic", "exists", "authority", "quality", "support", "gap", "grievances", "trust_w", "trust_s", "skill_w", "value_w", "inst", "lang", "board", "density", "strike", "contest")


@step()
def collect(joint, union_of, management_of, stance, exists, authority, quality, member_support, gap, grievances, trust, skill, value, institutionalisation, language, board, density, strike, series, month):
    """Write the month's outcomes."""
    n = joint.shape[0] - 1
    for d in range(1, n + 1):
        series[month, 0] += (1.0 if joint[d] >= 1.0 else 0.0) / n
        series[month, 3] += authority[d] / n
        series[month, 4] += quality[d - 1] / n
        series[month, 5] += member_support[d - 1] / n
        series[month, 7] += grievances[d - 1] / n
        series[month, 8] += 0.5 * (trust[d, 0] + trust[d, 1]) / n
        series[month, 10] += 0.5 * (skill[union_of[d]] + skill[management_of[d]]) / n
        series[month, 11] += 0.5 * (value[d, 0] + value[d, 1]) / n
        series[month, 15] += density[d - 1] / n
        for i in (union_of[d], management_of[d]):
            series[month, 17] += (0.5 if stance[i] == CONTEST else 0.0) / n
    series[month, 1] = 1.0 if joint[0] >= 1.0 else 0.0
    series[month, 2] = exists[0]
    series[month, 6] = gap[0]
    series[month, 9] = 0.5 * (trust[0, 0] + trust[0, 1])
    series[month, 12] = institutionalisation[0]
    series[month, 13] = language[0]
    series[month, 14] = board[0]
    series[month, 16] = strike[0]
