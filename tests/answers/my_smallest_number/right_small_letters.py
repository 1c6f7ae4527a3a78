SMALLEST = 2
ORDER = "a cccccc bbbb a b aaaa b"
REASON = "d"
