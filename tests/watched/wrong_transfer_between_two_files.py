# fault: lost update of alice.txt, lines 15 and 19
# right end: alice 60, bob 140
# wrong end: alice 60 to 90, bob 110 to 140

from multiprocessing import Process
from time import sleep


class Account:
    def __init__(self, owner):
        self.path = owner + ".txt"

    def balance(self):
        with open(self.path) as file:
            return int(file.read())

    def set(self, amount):
        with open(self.path, "w") as file:
            file.write(str(amount))


class Bank:
    def __init__(self):
        self.alice, self.bob = Account("alice"), Account("bob")

    def transfer(self, amount):
        self.alice.set(self.alice.balance() - amount)
        self.bob.set(self.bob.balance() + amount)


if __name__ == "__main__":
    bank = Bank()
    bank.alice.set(100), bank.bob.set(100)
    clerks = [Process(target=bank.transfer, args=(amount,)) for amount in (10, 30)]
    for clerk in clerks:
        clerk.start()
        sleep(0.2)
    for clerk in clerks:
        clerk.join()
    print(f"alice {bank.alice.balance()}, bob {bank.bob.balance()}")
