# deadlock
def transfer(source, target, first, second, amount):
    with first:  # at fault
        with second:  # at fault
            source.write(source.read() - amount)
            target.write(target.read() + amount)
