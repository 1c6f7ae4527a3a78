# gives_up
def transfer(source, target, first, second, amount):
    while True:
        with first:
            if second.acquire(timeout=0.05):
                try:
                    source.write(source.read() - amount)
                    target.write(target.read() + amount)
                    return
                finally:
                    second.release()
        raise TimeoutError(second.name)  # at fault
