# deadlock
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: [int(d) for d in lock.name if d.isdigit()])
    with low:  # at fault
        with high:  # at fault
            source.write(source.read() - amount)
            target.write(target.read() + amount)
