"""The schedule: what happens at month 0 and in every month, in which order, and why in that order."""

from partnersim.engine.mechanism import Schedule
from partnersim.model import (
    alignment,
    authority,
    capability,
    clarity,
    commitment,
    economy,
    institutions,
    joint_gains,
    members,
    networks,
    outcomes,
    pivotal_events,
    politics,
    role_strain,
    stance,
    structures,
    succession,
    support,
    timeline,
    trust,
)

SCHEDULE = Schedule(
    opening=(
        succession.appoint,
        trust.begin,
        joint_gains.endow,
        economy.begin,
        politics.begin,
        stance.begin,
        role_strain.begin,
    ),
    month=(
        # 1 the setting: nobody has acted yet
        timeline.act,
        support.provide,
        economy.turn,
        politics.elect_board,
        # 2 something happens that divides the parties
        pivotal_events.arrive,
        # 3 people meet and train, as they turned up last month
        structures.meet,
        capability.train,
        # 4 what each has in mind when choosing
        alignment.agenda,
        politics.instruct,
        joint_gains.offer,
        succession.look_ahead,
        institutions.accustom,
        networks.norm,
        members.press,
        role_strain.divide_top,
        role_strain.feel,
        stance.consider,
        # 5 leaders choose, their signal reaches the schools, the schools choose
        stance.lead,
        role_strain.signal,
        stance.respond,
        role_strain.report,
        # 6 what came of it
        pivotal_events.contain,
        economy.cut,
        joint_gains.realise,
        # 7 people learn from it
        commitment.experience,
        trust.learn,
        pivotal_events.spill,
        pivotal_events.close,
        economy.repay,
        economy.walk_out,
        clarity.grow,
        capability.learn,
        networks.tie,
        authority.share,
        alignment.align,
        joint_gains.improve,
        members.judge,
        succession.adapt,
        # 8 what lasts: board, habit, contract, form
        politics.watch,
        politics.vote,
        institutions.settle,
        structures.found_or_dissolve,
        # 9 people leave, last of all: who acted this month also learnt from it; posts are filled from the top down
        succession.serve,
        succession.choose_successors,
        succession.take_office,
        succession.settle_in,
        succession.renew_teams,
        succession.renew_schools,
    ),
    observe=(outcomes.collect,),
)
