"""Workers that misbehave on purpose, and workers that take their steps in a forced order."""

import contextlib
import errno
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

from helpers import events
from helpers.resources import CounterFile, Lock
from helpers.workers.contention import on_one_core
from helpers.workers.counter import increment_without_lock

names = []


def wait_for(path):
    """Until the file is there: the order is forced, whatever the machine is doing."""
    while not os.path.exists(path):
        time.sleep(0.001)


def count_and_name_cores():
    """What `os.cpu_count()` says, and the numbers of the cores on which this process may run."""
    return os.cpu_count(), sorted(os.sched_getaffinity(0))


def count_on_one_core(counter):
    """Add 1 on the first core that this process may use: the numbers of its cores from then on."""
    on_one_core(increment_without_lock, counter, 1, 0)
    return sorted(os.sched_getaffinity(0))


def take_turns(counter, folder, plan):
    """Do the steps of `plan`, a list of (turn, op), each when its turn has come."""
    value = None
    for turn, op in plan:
        wait_for(Path(folder, str(turn)))
        if op == "read":
            value = counter.read()
        else:
            events.observer.step(counter, op, value + 1)
        Path(folder, str(turn + 1)).touch()


def team_of(counter, folder, order):
    """The team for `order`, words such as "A read": each process with its own turns."""
    steps = [step.split() for step in order.split(", ")]
    Path(folder, "0").touch()
    plans = {who: [] for who, _ in sorted(steps)}
    for turn, (who, op) in enumerate(steps):
        plans[who].append((turn, op))
    return [(take_turns, (counter, folder, plan)) for plan in plans.values()]


def do_nothing():
    pass


def tell_process():
    return os.getpid()


def tell_sum(number, other):
    return number + other


def add_one(counter):
    counter.write(counter.read() + 1)


def add_three(counter):
    for _ in range(3):
        add_one(counter)


def add_holding(counter, lock, times):
    for _ in range(times):
        with lock:
            add_one(counter)


def add_for_ever(counter, path):
    """Writes beside the counter too, so that clearing the folder away takes a while."""
    for number in range(200):
        Path(f"{counter.path}.{events.observer.name}.{number}").touch()
    Path(path).touch()
    while True:
        add_one(counter)


def add_and_keep(counter, lock):
    lock.acquire()
    add_one(counter)


def keep_and_say(lock, path):
    lock.acquire()
    Path(path).touch()


def release_when_kept(lock, path):
    wait_for(path)
    lock.release()


def acquire_twice(lock):
    lock.acquire()
    lock.acquire()


def hold_for_ever(lock, path):
    with lock:
        never_end(path)


def wait_when_held(lock, path):
    wait_for(path)
    with lock:
        return "got it"


def never_end(path):
    Path(path).touch()
    wait_for(f"{path}.never")


def be_killed(lock=None, path=None):
    if lock:
        lock.acquire()
    if path:
        Path(path).touch()
    os.kill(os.getpid(), signal.SIGKILL)


def raise_in_with(lock):
    with lock:
        raise KeyError("tea")


def raise_with_bare_acquire(lock):
    lock.acquire()
    raise KeyError("tea")


def leave_by_sys_exit(code):
    sys.exit(code)


def leave_by_os_exit(code, lock=None):
    if lock:
        lock.acquire()
    os._exit(code)


def be_interrupted(path):
    os.kill(os.getpid(), signal.SIGINT)
    never_end(path)


class DeadlyCounter(CounterFile):
    """Kills the process in the middle of its write: the step has begun and never ends."""

    def _do_write(self, number):
        be_killed()


class FullCounter(CounterFile):
    """Finds no room on the disk when it is written."""

    def _do_write(self, number):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def make_inner():
    def inner():
        pass

    return inner


nameless = lambda: None


def fail():
    raise RuntimeError("as told")


def wait_for_word(pipe):
    pipe.recv()


def tell_the_price_of_a_wait(lock, pipe):
    """Wait for the lock; send the seconds that it took, and how many of them were processor time."""
    began, began_work = time.perf_counter(), time.process_time()
    pipe.send("waits")
    with lock:
        pipe.send((time.perf_counter() - began, time.process_time() - began_work))


def greet(name):
    names.append(name)
    return names


def add_after(counter, times):
    """Add 1, `times` over, once the number is `times`: when the other is through."""
    while counter.read() < times:
        time.sleep(0.001)
    for _ in range(times):
        add_one(counter)


def follow(plan, files, locks, value=0):
    """Do as a plan says: a list of (operation, number of the file or lock, more)."""
    for op, which, *more in plan:
        if op == "read":
            value = files[which].read()
        elif op == "write":
            files[which].write(value + more[0])
        elif op == "acquire":
            locks[which].acquire(*more)
        elif op == "release":
            locks[which].release()
        elif value % 2:  # "if odd"
            value = follow(more[0], files, locks, value)
    return value


def swallow_all(counter, lock):
    while True:
        try:
            with lock:
                counter.read()
        except BaseException:  # noqa: BLE001, S110
            pass


def explore_one_that_swallows_all(counter, lock):
    from helpers.schedules import explore

    return explore(swallow_all, counter, lock, limit=50).ended


def tell_process_and_file(counter, lock=None):
    """Add 1, then tell the process's id and what stands in the file, read with plain open."""
    if lock:
        lock.acquire()
    add_one(counter)
    if lock:
        lock.release()
    with open(counter.path) as file:
        return os.getpid(), file.read()


def tell_and_wait_to_be_killed(counter, path):
    Path(path).write_text(str(os.getpid()))
    add_one(counter)


def kill_the_other(counter, path):
    counter.read()
    os.kill(int(Path(path).read_text()), signal.SIGKILL)
    counter.write(7)


def think_for_ever(counter, path):
    counter.read()
    never_end(path)


def take_both(first, second):
    with first, second:
        pass


def hold_own_lock_together(folder):
    """Hold a lock made here until the other process holds one too."""
    with Lock("own"):
        Path(folder, events.observer.name).touch()
        for name in "AB":
            wait_for(Path(folder, name))


def take_both_often(first, second, times, think):
    for _ in range(times):
        with first:
            time.sleep(think)
            with second:
                pass


def take_both_guarded(guard, first, second, seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with guard:
            first.acquire()
            second.acquire()
        time.sleep(0)
        second.release()
        time.sleep(0)
        first.release()


def take_both_with_limit(first, second, seconds):
    with first:
        time.sleep(seconds / 3)
        taken = second.acquire(timeout=seconds)
        if taken:
            second.release()
    return taken


def hold_by_sleeping(lock, path, seconds):
    with lock:
        Path(path).touch()
        time.sleep(seconds)


def hold_by_computing(lock, path, seconds):
    with lock:
        Path(path).touch()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass


def keep_and_take_again(lock, path):
    lock.acquire()
    Path(path).touch()
    lock.acquire(timeout=60)
    lock.release()


def hold_once(lock):
    lock.acquire()
    lock.release()


def hold_until_told(shared, conn):
    """Hold a lock, or what is built on one, and say so; let go when told."""
    with getattr(shared, "get_lock", lambda: shared)():
        conn.send("held")
        conn.recv()


def hold_own_lock(conn):
    """Hold a lock made here, and say what it is."""
    lock = Lock()
    lock.acquire()
    conn.send(repr(lock))
    conn.recv()


def acquire_with(lock, block, timeout):
    """Take a lock with these arguments of an acquire, and give it back."""
    lock.acquire(block, timeout)
    lock.release()


def hold_after(lock, seconds):
    time.sleep(seconds)
    lock.acquire()


class FatalLock(Lock):
    """Kills process A at a moment that no record tells: "taken" for real, or about to be "given" back."""

    def __init__(self, moment):
        super().__init__()
        self._moment = moment

    def meet(self, tape):
        super().meet(tape)
        if events.observer.name == "A":
            take, give = self.real.acquire, self.real.release
            self._take = tape.recorder(self, "acquire", self._fatal("taken", take))
            self._give = tape.recorder(self, "release", self._fatal("given", give))

    def _fatal(self, moment, real):
        def act():
            if moment == "taken":
                real()
            if moment == self._moment:
                be_killed()
            if moment == "given":
                real()

        return act


def move(source, target, amount):
    source.write(source.read() - amount)
    target.write(target.read() + amount)


def move_after_reading(source, target, amount):
    left, there = source.read(), target.read()
    source.write(left - amount)
    target.write(there + amount)


def take_only(source, target, amount):
    source.write(source.read() - amount)


def take_and_fail(source, target, amount):
    take_only(source, target, amount)
    raise RuntimeError("as told")


def never_let_another_thread_run():
    sys.setswitchinterval(1000)
    while True:
        pass


def take(lock):
    return lock.acquire(False)


def try_both(lock, other):
    return lock.acquire(False), other.acquire(False)


def call(function):
    return function()


def count_and_tell(shared):
    number, reported = shared
    with number.get_lock():
        number.value += 1
    reported["to"].put("told")


class Unwelcome:
    """Comes through a start as an argument, and cannot be rebuilt in the child."""

    def __reduce__(self):
        if multiprocessing.context.get_spawning_popen() is None:
            raise TypeError("only with a start")
        return refuse, ()


def refuse():
    raise OSError("not in this process")


def release_in_a_thread(lock, taken):
    """Return while a thread of this process still has the lock to release."""
    keep_and_say(lock, taken)
    threading.Thread(target=_release_late, args=(lock,)).start()


def _release_late(lock):
    time.sleep(0.1)  # many looks of the watch
    lock.release()


def hold_copy_twice(lock):
    for _ in range(2):
        with lock:
            pass


def pause_only(seconds):
    events.pause(seconds)


def pause_often(times):
    for _ in range(times):
        events.pause(1e-6)


def pause_between_locks(left, right):
    events.pause(0.001)
    with left:
        events.pause(0.002)
        with right:
            events.pause(0.003)
    events.pause(0.004)


def pause_in_depth(lock):
    with lock:
        with lock:
            events.pause(0.001)
        events.pause(0.001)
    events.pause(0.001)


def pause_and_take(lock):
    events.pause(0.001)
    with lock:
        events.pause(0.002)


def pause_and_be_killed(lock):
    events.pause(0.001)
    lock.acquire()
    threading.Thread(target=_kill_in_second_pause).start()
    events.pause(60)


def _kill_in_second_pause():
    while len(events.observer.tape.pauses("A")) < 2:
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGKILL)


def pause_under_lock_where_it_is_late(counter, lock):
    counter.write(1 + (found := counter.read()))
    events.pause(0.001)
    if found:
        with lock:
            events.pause(0.002)


def pause_under_own_lock(lock):
    with Lock("own"), lock:
        pass
    with Lock("own"):
        events.pause(0.001)


def in_thread(action):
    """`action` in a second thread, which is under way."""
    thread = threading.Thread(target=action)
    thread.start()
    return thread


def take_in_second_thread(lock):
    """A second thread waits for the lock that the first one holds, and gets it."""
    with lock:
        second = in_thread(lambda: hold_once(lock))
        time.sleep(0.1)  # many looks of the watch
    second.join()


def be_released_by_second_thread(lock):
    """The first thread waits for the lock that it holds, until the second one releases it."""
    lock.acquire()
    in_thread(lambda: _release_late(lock))
    lock.acquire()
    lock.release()


def hold_while_second_thread_waits(mine, theirs, taken, takens):
    """Two of these wait in a circle, if nobody asks which of their threads holds and which one waits."""
    mine.acquire()
    Path(taken).touch()
    wait_for(takens)
    second = in_thread(lambda: hold_once(theirs))
    time.sleep(0.1)  # many looks of the watch
    mine.release()
    second.join()


def take_twice_in_second_thread(lock):
    """A thread waits for ever for the lock that the first one holds."""
    lock.acquire()
    in_thread(lock.acquire).join()


def hand_over(lock, condition, counter, turns):
    """Adds 1 to the counter when it is this process's turn, under the Condition's lock taken by its own name."""
    me = "AB".index(events.observer.name)
    for turn in range(me, turns, 2):
        with lock:
            while counter.read() != turn:
                condition.wait()
            counter.write(turn + 1)
            condition.notify_all()


def wait_for_nobody(condition):
    with condition:
        condition.wait()


def wait_in_vain(condition):
    with condition:
        return condition.wait(timeout=0.01)


def notify_one(condition):
    with condition:
        condition.notify()


def add_to_value(lock, value):
    """Half of the updates under the lock that the value uses, half under the value's own name of it."""
    for _ in range(50):
        with lock:
            value.value += 1
        with value:
            value.value += 1
    return value.get_lock() is lock


def take_and_give(shared_objects, words):
    """Acquire and release things by their names, as in "+s -s"; "." is a pause, "!" an error, "x" the end, "?s" asks without waiting."""
    named = {shared.name: shared for shared in shared_objects}
    reported = []
    for word in words.split():
        if word == ".":
            events.pause(0.05)
        elif word == "!":
            raise RuntimeError("so be it")
        elif word == "x":
            sys.exit()
        elif word[0] == "?":
            reported.append(named[word[1:]].acquire(False))
        elif word[0] == "+":
            named[word[1:]].acquire()
        else:
            named[word[1:]].release()
    return reported


def tell_cores():
    return on_one_core(os.sched_getaffinity, 0)


def look_at_lock(number):
    return number.get_lock().acquire(False)


def open_and_leave(log):
    log.open("w").close()


def write_nothing(screen):
    screen.write("")


def count_open_files(log):
    log.open("a").write("x\n")
    return len(os.listdir("/proc/self/fd"))


def mixed(numbers, seed):
    """A few steps of each kind, in and out of transactions; no two seeds do the same."""
    chance = random.Random(seed)
    for _ in range(3):
        kind = chance.choice(["DEFERRED", "IMMEDIATE", ""])
        if kind:
            numbers.begin(kind)
        seen = numbers.select() if chance.random() < 0.7 else 5
        ways = [("update", seen + 1), ("add", 1), ("add", -1, 5), ("update_where", seen, seen + 10)]
        way, *args = chance.choice([*ways, ("select",)])
        getattr(numbers, way)(*args)
        if kind:
            chance.choice([numbers.commit, numbers.commit, numbers.rollback])()


def write_and_take_back(numbers):
    with contextlib.suppress(RuntimeError), numbers.transaction():
        numbers.update(numbers.select() + 7)
        assert numbers.select() == 10
        raise RuntimeError
    numbers.add(1)


def hold_for_long(numbers):
    with numbers.transaction("IMMEDIATE"):
        numbers.add(1)
        open(f"{numbers.path}.taken", "w").close()
        wait_for(f"{numbers.path}.refused")


def begin_late(numbers):
    wait_for(f"{numbers.path}.taken")
    try:
        numbers.begin("IMMEDIATE")
    finally:
        open(f"{numbers.path}.refused", "w").close()


def die_in_a_transaction(numbers):
    numbers.begin("IMMEDIATE")
    numbers.add(100)
    os._exit(9)


def forget_to_commit(numbers):
    numbers.begin("IMMEDIATE")
    numbers.add(100)


def do_steps(numbers, steps):
    for step in steps:
        getattr(numbers, step)()


def dine_in_global_order(left, right, meals, think):
    """A philosopher who takes the fork with the smaller name first."""
    first, second = sorted([left, right], key=lambda fork: fork.name)
    for _ in range(meals):
        with first:
            events.pause(think)
            with second:
                events.pause(think)
