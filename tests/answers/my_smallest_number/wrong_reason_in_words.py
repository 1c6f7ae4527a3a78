# wrong_reason
SMALLEST = 2
ORDER = "A CCCCCC BBBB A B AAAA B"
REASON = "it is so"
