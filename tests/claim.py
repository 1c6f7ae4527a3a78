"""`@claim("07", "two of the six orders get stuck")`: this test proves that sentence of that lesson."""

import pytest


def claim(lesson, words):
    """A mark for a test: the lesson's number and the sentence that it proves, in short."""
    return pytest.mark.claim(lesson, words)
