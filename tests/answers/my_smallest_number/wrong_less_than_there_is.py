# other_number
SMALLEST = 1
ORDER = "A CCCCCC BBBB A B AAAA B"
REASON = "d"
