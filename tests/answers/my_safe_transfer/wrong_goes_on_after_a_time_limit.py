# goes_on_without_lock
def transfer(source, target, first, second, amount):
    with first:
        second.acquire(timeout=0.02)  # at fault
        source.write(source.read() - amount)
        target.write(target.read() + amount)
        second.release()
