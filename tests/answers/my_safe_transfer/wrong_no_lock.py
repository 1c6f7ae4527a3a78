# no_lock
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: lock.name)
    if True:
        if True:
            source.write(source.read() - amount)  # at fault
            target.write(target.read() + amount)  # at fault
