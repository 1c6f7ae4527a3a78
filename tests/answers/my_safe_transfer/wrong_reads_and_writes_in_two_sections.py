# not_guarded
def transfer(source, target, first, second, amount):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    with first, second:
        had, has = source.read(), target.read()
    with first, second:  # at fault
        source.write(had - amount)
        target.write(has + amount)
