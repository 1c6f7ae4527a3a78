from multiprocessing import Lock, Process, Value


def load(lock, quay, deck):
    with lock:
        quay.value -= 3
        deck.value += 3


def unload(lock, quay, deck):
    with lock:
        deck.value -= 2
        quay.value += 2


if __name__ == "__main__":
    quay, deck = Value("i", 9), Value("i", 5)
    lock = Lock()
    crew = [Process(target=job, args=(lock, quay, deck)) for job in (load, unload)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    print(quay.value, deck.value)
