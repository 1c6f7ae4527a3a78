# no_number
SMALLEST = True
ORDER = "A CCCCCC BBBB A B AAAA B"
REASON = "d"
