"""What a child knows of where it came from."""

import os

note = "as it stands in the file"


def tell():
    return {"pid": os.getpid(), "parent": os.getppid(), "note": note}
