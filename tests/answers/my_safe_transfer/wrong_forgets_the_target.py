# wrong_amount
def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: lock.name)
    with low:
        with high:
            source.write(source.read() - amount)
