# not_guarded
def transfer(source, target, first, second, amount):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    with first, second:
        source.write(source.read() - amount)
        money = target.read() + amount
    target.write(money)  # at fault
