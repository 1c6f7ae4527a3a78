# no_order
SMALLEST = 2
ORDER = "AAAAAAA"
REASON = "d"
