# one_lock_only
def transfer(source, target, first, second, amount):
    with first:
        source.write(source.read() - amount)
    with second:
        target.write(target.read() + amount)
