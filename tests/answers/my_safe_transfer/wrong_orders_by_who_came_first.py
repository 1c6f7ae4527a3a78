# deadlock
order = {}


def transfer(source, target, first, second, amount):
    for lock in (first, second):
        order.setdefault(lock.name, len(order))
    low, high = sorted([first, second], key=lambda lock: order[lock.name])
    with low, high:  # at fault
        source.write(source.read() - amount)
        target.write(target.read() + amount)
