# wrong_count
PATIENCE = 0.9  # seconds
done = 0


def add_safely(counter, lock, times):
    global done
    while done < times:
        done += 1
        if not lock.acquire(timeout=PATIENCE):
            raise TimeoutError(f"the lock {lock.name} did not come in {PATIENCE} s")
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
