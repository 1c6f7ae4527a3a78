# collides or deadlock
# each `.value` takes its lock inside
from multiprocessing import Process, Value


def load(quay, deck):
    with quay.get_lock():
        quay.value -= 3
        deck.value += 3


def unload(quay, deck):
    with deck.get_lock():
        deck.value -= 2
        quay.value += 2


if __name__ == "__main__":
    quay, deck = Value("i", 9), Value("i", 5)
    crew = [Process(target=job, args=(quay, deck)) for job in (load, unload)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    print(quay.value, deck.value)
