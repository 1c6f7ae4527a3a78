# gives_up
def transfer(source, target, first, second, amount):
    with first:
        if not second.acquire(timeout=1):
            raise TimeoutError(f"no lock {second.name}")  # at fault
        try:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
        finally:
            second.release()
