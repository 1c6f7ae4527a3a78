"""The same loop six times: one line of slow work, then read, pause, write. Only the lock's scope differs."""

from helpers.events import pause


def lock_nothing(counter, lock, times, think, work):
    for _ in range(times):
        pause(work)  # slow work that touches nothing shared
        value = counter.read()
        pause(think)
        counter.write(value + 1)


def lock_write_only(counter, lock, times, think, work):
    for _ in range(times):
        pause(work)  # slow work that touches nothing shared
        value = counter.read()
        pause(think)
        with lock:
            counter.write(value + 1)


def lock_each_step(counter, lock, times, think, work):
    for _ in range(times):
        pause(work)  # slow work that touches nothing shared
        with lock:
            value = counter.read()
        pause(think)
        with lock:
            counter.write(value + 1)


def lock_read_to_write(counter, lock, times, think, work):
    for _ in range(times):
        pause(work)  # slow work that touches nothing shared
        with lock:
            value = counter.read()
            pause(think)
            counter.write(value + 1)


def lock_slow_work_too(counter, lock, times, think, work):
    for _ in range(times):
        with lock:
            pause(work)  # slow work that touches nothing shared
            value = counter.read()
            pause(think)
            counter.write(value + 1)


def lock_whole_loop(counter, lock, times, think, work):
    with lock:
        for _ in range(times):
            pause(work)  # slow work that touches nothing shared
            value = counter.read()
            pause(think)
            counter.write(value + 1)
