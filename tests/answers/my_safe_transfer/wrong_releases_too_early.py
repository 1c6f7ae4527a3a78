# not_guarded
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: lock.name)
    with low:
        with high:
            source.write(source.read() - amount)
        target.write(target.read() + amount)  # at fault
