# no_pair
import os
from dataclasses import dataclass


@dataclass
class Found:
    pid: int
    total: int


def work(numbers):
    return Found(os.getpid(), sum(numbers))
