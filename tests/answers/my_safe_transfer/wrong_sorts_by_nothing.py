# deadlock
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda _: 0)
    with low:  # at fault
        with high:  # at fault
            source.write(source.read() - amount)
            target.write(target.read() + amount)
