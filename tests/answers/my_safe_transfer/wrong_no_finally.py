# exception_keeps_lock
def transfer(source, target, first, second, amount):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    first.acquire()  # at fault
    second.acquire()  # at fault
    source.write(source.read() - amount)
    target.write(target.read() + amount)
    second.release()
    first.release()
