SMALLEST: int = 2
ORDER: str = "A CCCCCC BBBB A B AAAA B"
REASON: str = "d"
