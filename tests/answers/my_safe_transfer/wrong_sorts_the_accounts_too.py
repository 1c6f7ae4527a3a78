# wrong_amount
def transfer(source, target, first, second, amount):
    pairs = sorted([(first.name, first, source), (second.name, second, target)])
    (_, low, source), (_, high, target) = pairs
    with low, high:
        source.write(source.read() - amount)
        target.write(target.read() + amount)
