# deadlock
def transfer(source, target, first, second, amount):
    if second.name == "1":
        first, second = second, first
    first.acquire()  # at fault
    try:
        second.acquire()  # at fault
        try:
            had, has = source.read(), target.read()
            target.write(has + amount)
            source.write(had - amount)
        finally:
            second.release()
    finally:
        first.release()
