# busy_waiting
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: lock.name)
    while not low.acquire(block=False):
        pass
    try:
        with high:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
    finally:
        low.release()
