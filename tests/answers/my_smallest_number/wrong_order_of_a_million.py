# no_order
SMALLEST = 2
ORDER = 'A' * 10**6
REASON = "d"
