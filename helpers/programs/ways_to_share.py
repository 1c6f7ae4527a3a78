"""Which way takes which lock to another process: prints, as JSON, what came of each. argv: the start method, a limit in seconds."""

import json
import multiprocessing
import sys
import threading
from concurrent.futures import ProcessPoolExecutor


class Lost(Exception):
    """What was sent does not arrive, and nobody is told."""


def take(lock):
    lock.acquire(False)  # and keep it


def remember(lock):
    global remembered
    remembered = lock


def take_remembered(_):
    take(remembered)


def take_from(conn):
    take(conn.recv())


def by_argument(context, lock, target=take):
    child = context.Process(target=target, args=(lock,))
    child.start()
    child.join()


def by_pool_initializer(context, lock):
    with context.Pool(1, remember, (lock,)) as pool:
        pool.map_async(take_remembered, [0]).get(5)


def by_executor_initializer(context, lock):
    with ProcessPoolExecutor(1, context, remember, (lock,)) as executor:
        executor.submit(take_remembered, 0).result(5)


def by_pool_map(context, lock):
    with context.Pool(1) as pool:
        pool.map_async(take, [lock]).get(5)


def by_executor_map(context, lock):
    with ProcessPoolExecutor(1, context) as executor:
        executor.submit(take, lock).result(5)


def by_pipe(context, lock):
    ours, theirs = context.Pipe()
    ours.send(lock)
    by_argument(context, theirs, take_from)


def by_queue(context, lock):
    messages = context.Queue()
    messages.put(lock)
    messages.put("what comes after it")
    first = messages.get(timeout=float(sys.argv[2]))
    if isinstance(first, str):
        raise Lost
    take(first)


WAYS = {
    "Process(args=...)": by_argument,
    "Pool(initargs=...)": by_pool_initializer,
    "ProcessPoolExecutor(initargs=...)": by_executor_initializer,
    "Pool.map": by_pool_map,
    "ProcessPoolExecutor.map": by_executor_map,
    "Pipe": by_pipe,
    "Queue": by_queue,
}


def tried(way, context, lock):
    """Somebody else takes the lock and keeps it: who gets it all the same has another one."""
    try:
        way(context, lock)
    except Lost:
        return "never arrives"
    except Exception as error:  # noqa: BLE001 - it is told
        return f"{type(error).__name__}: {error}"
    is_copy = lock.acquire(False)
    lock.release()
    return "a copy" if is_copy else "shared"


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Manager() as manager:
        locks = {
            "multiprocessing.Lock": context.Lock(),
            "threading.Lock": threading.Lock(),
            "Manager().Lock": manager.Lock(),
        }
        told = {
            name: {kind: tried(way, context, lock) for kind, lock in locks.items()}
            for name, way in WAYS.items()
        }
    print(json.dumps(told))
