"""The exercises: one module `my_x` for each file that a learner writes, but for plain tasks, and what its attacks share.

A module states its EXERCISE (see `findings`): what the task asks, word for word as in the lesson, and
beside each item the attacks that would break a file that does not do it. `checking.check` finds it by
the file's name.
"""
