class Bank:
    def __init__(self, source, target):
        self.source, self.target = source, target

    def move(self, amount):
        self.source.write(self.source.read() - amount)
        self.target.write(self.target.read() + amount)

    @staticmethod
    def transfer(source, target, first, second, amount):
        bank = Bank(source, target)
        pair = {lock.name: lock for lock in (first, second)}
        one, other = (pair[name] for name in sorted(pair))
        with one, other:
            bank.move(amount)


transfer = Bank.transfer
