"""The budgets, measured: `python -m bench` prints each figure beside its limit."""
