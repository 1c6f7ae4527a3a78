# deadlock
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: len(lock.name))
    with low:  # at fault
        with high:  # at fault
            source.write(source.read() - amount)
            target.write(target.read() + amount)
