# busy_waiting
def transfer(source, target, first, second, amount):
    while True:
        with first:
            if second.acquire(block=False):
                try:
                    source.write(source.read() - amount)
                    target.write(target.read() + amount)
                    return
                finally:
                    second.release()
