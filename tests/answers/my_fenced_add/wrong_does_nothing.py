# wrong_value
def add(lock, store): pass