from helpers.events import pause


class Seller:
    def __init__(self):
        self.printed = 0

    def __call__(self, seats, sold, lock, times, think, work):
        while times:
            times -= 1
            pause(think)
            with lock:
                left, done = seats.read(), sold.read()
                if left == 0:
                    return
                sold.write(done + 1)
                seats.write(left - 1)
            pause(work)
            self.printed += 1


sell = Seller()
