"""Where the model's answers come from: what they vary with, what they rest on, and which of them hang on a convention.

One part a file; each plays what it needs and returns tables, and sentences made from the tables. `partnersim anatomy` writes the page.
"""
