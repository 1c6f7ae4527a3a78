# lock_kept
def transfer(source, target, first, second, amount):
    first, second = sorted([first, second], key=lambda lock: lock.name)
    first.acquire()
    second.acquire()
    source.write(source.read() - amount)
    target.write(target.read() + amount)
    first.release()
