"""Studies: many variants of scenarios, each in many possible worlds, in a store that can be stopped and taken up again."""
