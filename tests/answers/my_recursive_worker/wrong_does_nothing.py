# wrong_count
def count_down_reentrant(*_):
    pass


def count_down_split(*_):
    pass
