"""Sweeps over parameters of one scenario: which matter (sensitivity), and under which conditions partnerships die (discovery)."""
