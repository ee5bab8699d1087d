"""How the published patterns are played, measured and checked: `partnersim validate`."""
