"""Philosophers at a round table: each needs the fork on either side to eat, `meals` times over."""

from helpers.events import pause


def dine_naively(left, right, meals, think):
    for _ in range(meals):
        with left:
            pause(think)
            with right:
                pause(think)


def dine_in_global_order(left, right, meals, think):
    first, second = sorted([left, right], key=lambda fork: fork.name)
    for _ in range(meals):
        with first:
            pause(think)
            with second:
                pause(think)
