"""A page in Mesa's own style: controls, two charts, and two things that a class can let happen.

    pip install "mesa[viz]" "ipyvuetify<2" "ipyvue<2"
    solara run notebooks/mesa_page.py

Mesa's page needs these two limits: with later versions it stays blank or shows a traceback.
"""

import solara
from mesa.visualization import Slider, SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

import partnersim as ps
from partnersim.mesa_model import UnionLeader


@solara.component
def President(model):
    """Who leads the union, and what could happen to her next month."""
    update_counter.get()  # drawn anew after every step
    president = next(agent for agent in model.agents_by_type[UnionLeader] if agent.rank == 0)
    solara.Markdown(
        f"**Month {model.month}.** The president has been in office for {president.tenure} months and expects the superintendent to "
        f"collaborate with probability {president.trust:.2f}."
    )
    solara.Button("A challenger takes over", on_click=lambda: model.happen("leader_replaced", side="union", successor="outside"))
    solara.Button("The teachers strike", on_click=lambda: model.happen("strike", days=3))


page = SolaraViz(
    ps.PartnershipModel("abc-unified", years=100),
    components=[President, make_plot_component(["practice_workplace", "practice_strategic"]), make_plot_component("trust_union_workplace")],
    model_params={  # they take effect on Reset
        "district": {"type": "Select", "value": "abc-unified", "values": ps.scenario_names(), "label": "Scenario"},
        "replicate": Slider("World", value=0, min=0, max=99, step=1),
        "structures__workplace_meetings": Slider("School meetings", value=4, min=0, max=12, step=1),
        "years": 100,
    },
    name="A union-management partnership",
)
page
