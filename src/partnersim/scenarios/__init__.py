"""Scenarios: one district or situation a TOML file, checked in full before anything runs."""
