# goes_on_without_lock
def transfer(source, target, first, second, amount):
    gots = [lock.acquire(timeout=0.02) for lock in (first, second)]
    source.write(source.read() - amount)  # at fault
    target.write(target.read() + amount)  # at fault
    for lock, got in zip((first, second), gots):
        if got:
            lock.release()
