# released_unheld
def transfer(source, target, first, second, amount):
    if source.name > target.name:
        first, second = second, first
    first.acquire()
    try:
        try:
            second.acquire()
            had, has = source.read(), target.read()
            target.write(has + amount)
            source.write(had - amount)
        finally:
            second.release()
    finally:
        first.release()
