"""Working stubs of a mechanism or a scenario of one's own, each with its tests."""
