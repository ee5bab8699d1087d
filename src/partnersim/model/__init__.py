"""The science: one mechanism a file, in the words of the field. Start with `columns.py` (what exists) and `month.py` (what happens)."""
