def move(source, target, amount):
    target.write(target.read() + amount)
    source.write(source.read() - amount)


def transfer(source, target, first, second, amount):
    if first.name < second.name:
        with first, second:
            move(source, target, amount)
    else:
        with second, first:
            move(source, target, amount)
