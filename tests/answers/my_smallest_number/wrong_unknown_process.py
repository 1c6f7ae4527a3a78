# no_order
SMALLEST = 2
ORDER = "ABCD"
REASON = "d"
