"""A district small enough for tests."""

from partnersim.scenarios.files import load_scenario


def small(**more):
    return load_scenario("typical-district").replace(name="small", sites=4, members_per_site=6, team_size=2, **more)
