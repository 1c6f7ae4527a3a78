"""The check of the bonus lesson's exercise: the solution passes, each wrong answer is told by its name."""

import pytest

from tests.answers import ANSWERS if False else None
