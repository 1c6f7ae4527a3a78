# no_order
SMALLEST = 2
ORDER = None
REASON = "d"
