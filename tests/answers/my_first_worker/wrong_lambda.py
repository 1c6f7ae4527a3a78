# fails_in_a_program
import os

work = lambda numbers: (os.getpid(), sum(numbers))
