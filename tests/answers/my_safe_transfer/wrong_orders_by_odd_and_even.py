# crashed or deadlock
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: int(lock.name) % 2)
    with low:
        with high:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
