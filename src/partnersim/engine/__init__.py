"""The machine: draws, arithmetic, state and runner on numpy and numba; it knows no mechanism by name."""
