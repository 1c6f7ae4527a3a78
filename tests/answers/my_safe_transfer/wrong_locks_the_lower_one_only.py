# not_guarded
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: lock.name)
    with low:  # at fault
        if True:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
