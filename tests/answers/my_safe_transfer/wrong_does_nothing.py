# wrong_amount
def transfer(source, target, first, second, amount):
    pass
