import time
from dataclasses import dataclass


@dataclass
class Seller:
    seats: object
    log: object
    sold: int = 0

    def serve(self, think):
        time.sleep(think)
        with self.seats.transaction("IMMEDIATE"):
            if not self.seats.select():
                return
            self.seats.add(-1)
        self.log.open("a").write(f"seat number {self.sold}\n")
        self.sold += 1


def _sell(seats, log, customers, think):
    seller = Seller(seats, log)
    for _ in range(customers):
        seller.serve(think)
    return seller.sold


sell = _sell
