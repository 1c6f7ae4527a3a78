# order_too_short
SMALLEST = 2
ORDER = "ABC"
REASON = "d"
