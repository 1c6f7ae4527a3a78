# not_guarded
def transfer(source, target, first, second, amount):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    had, has = source.read(), target.read()  # at fault
    with first, second:
        source.write(had - amount)
        target.write(has + amount)
