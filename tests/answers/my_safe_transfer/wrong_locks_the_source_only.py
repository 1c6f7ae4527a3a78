# not_guarded
def transfer(source, target, first, second, amount):
    with first:  # at fault
        if True:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
