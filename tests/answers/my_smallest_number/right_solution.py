SMALLEST = 2
# A reads 0. C does all its rounds, B two of three. A writes 1, B reads it. A goes on to its end. B writes 2.
ORDER = "A CCCCCC BBBB A B AAAA B"
REASON = "d"
