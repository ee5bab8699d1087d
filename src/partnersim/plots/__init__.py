"""Figures: each draws a table that the user can also print, and computes nothing itself."""
