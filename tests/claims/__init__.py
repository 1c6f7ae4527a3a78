"""Claims that need many real runs: `python -m tests.claims` prints each figure, and fails where one is missed."""
