# deadlock
def transfer(source, target, first, second, amount):
    with first:
        with second:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
