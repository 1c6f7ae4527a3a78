# right end: dish 1, dish 2, dish 3

import multiprocessing as mp


def cook(kitchen, dishes, empty):
    for n in range(1, 4):
        empty.acquire()
        with open("counter.txt", "w") as counter:
            counter.write(f"dish {n}")
        with kitchen:
            dishes.value += 1
            kitchen.notify()


def waiter(kitchen, dishes, empty, served):
    for n in range(1, 4):
        with kitchen:
            kitchen.wait_for(lambda: dishes.value == n)
        with open("counter.txt") as counter:
            served.append(counter.read())
        empty.release()


if __name__ == "__main__":
    kitchen, empty = mp.Condition(), mp.Semaphore(1)
    dishes = mp.Value("i", 0, lock=False)
    served = mp.Manager().list()
    people = [mp.Process(target=cook, args=(kitchen, dishes, empty)),
              mp.Process(target=waiter, args=(kitchen, dishes, empty, served))]
    for person in people:
        person.start()
    for person in people:
        person.join()
    print(", ".join(served))
