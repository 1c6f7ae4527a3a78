SMALLEST = 1 + 1
ORDER = "A" + 6 * "C" + 4 * "B" + "AB" + 4 * "A" + "B"
REASON = "abcd"[-1]
