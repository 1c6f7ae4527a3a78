# deadlock
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: lock.name)
    with low:
        with low:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
