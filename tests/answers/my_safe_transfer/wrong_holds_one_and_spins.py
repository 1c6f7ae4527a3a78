# keeps_trying
def transfer(source, target, first, second, amount):
    with first:
        while not second.acquire(block=False):
            pass
        try:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
        finally:
            second.release()
