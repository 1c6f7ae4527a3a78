"""The functions that run in child processes, one module per lesson."""
