"""partnersim."""
