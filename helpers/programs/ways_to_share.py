"""Which way takes which lock to another process: prints, as JSON, what came of each. argv: the start method, a limit in seconds."""

import json
import multiprocessing
import sys
import threading
from concurrent.futures import ProcessPoolExecutor


def take(lock):
    if lock is not None:  # else this process has taken it when it started
        lock.acquire(False)  # and keep it


def take_from(conn):
    take(conn.recv())


def by_argument(context, lock, target=take):
    child = context.Process(target=target, args=(lock,))
    child.start()
    child.join()


def by_pool(context, lock, *initializer):
    with context.Pool(1, *initializer) as pool:
        pool.map_async(take, [lock]).get(5)


def by_executor(context, lock, *initializer):
    with ProcessPoolExecutor(1, context, *initializer) as executor:
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
        return "never arrives"  # and nobody is told
    return take(first)


WAYS = {
    "Process(args=...)": by_argument,
    "Pool(initargs=...)": lambda context, lock: by_pool(context, None, take, (lock,)),
    "ProcessPoolExecutor(initargs=...)": lambda context, lock: by_executor(
        context, None, take, (lock,)
    ),
    "Pool.map": by_pool,
    "ProcessPoolExecutor.map": by_executor,
    "Pipe": by_pipe,
    "Queue": by_queue,
}


def tried(way, context, lock):
    """What came of it, in words. Somebody else takes the lock and keeps it: if we get it all the same, theirs is a copy."""
    try:
        if words := way(context, lock):
            return words
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
