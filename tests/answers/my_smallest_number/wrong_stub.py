# not_the_smallest
SMALLEST = 3
ORDER = "ABCABC ABCABC ABCABC"  # spaces do not count
REASON = "a"
