# not_added
def add(lock, store): pass