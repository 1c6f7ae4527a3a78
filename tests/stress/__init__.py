"""What the course says on a busy machine: `python -m tests.stress`, or `make stress`. No part of `make test`."""
