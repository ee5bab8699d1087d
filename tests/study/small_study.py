"""The small study that all tests of the study layer share, as a file."""

SMALL = """
question = "Does it matter where leaders come from?"
seed = 3
replicates = 6
years = 3

[scenario.small]
extends = "typical-district"
[scenario.small.district]
sites = 2
members_per_site = 4

[scenario.strained]
extends = "small"
[[scenario.strained.timeline]]
at_month = 12
event = "strike"
days = 5

[design]
kind = "grid"
[design.factors]
"succession.outside" = [0.0, 1.0]
"start.trust.workplace" = [0.3, 0.6]

[record]
every_months = 6
events = true
"""
