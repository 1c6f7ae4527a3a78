# fault: lost update of balance.txt, line 11
# right end: 120
# wrong end: 70 or 150

import time
from multiprocessing import Lock, Process


def read():
    with open("balance.txt") as f:
        return int(f.read())


def deposit(lock, amount):
    with lock:
        balance = read()
        open("balance.txt", "w").write(str(balance + amount))


def withdraw(lock, amount):
    with lock:
        balance = read()
        if balance >= amount:
            open("balance.txt", "w").write(str(balance - amount))


if __name__ == "__main__":
    open("balance.txt", "w").write("100")
    deposit_lock, withdraw_lock = Lock(), Lock()
    p = Process(target=deposit, args=(deposit_lock, 50))
    q = Process(target=withdraw, args=(withdraw_lock, 30))
    p.start()
    time.sleep(0.2)
    q.start()
    p.join()
    q.join()
    print(read())
