"""Documents written from the code, with short parts by hand: ODD, summary ODD, model card."""
