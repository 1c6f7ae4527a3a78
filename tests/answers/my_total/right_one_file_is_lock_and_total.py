import fcntl
import os


def _text(fd):
    os.lseek(fd, 0, os.SEEK_SET)
    return int(os.read(fd, 100) or b"0")


def read_total(folder):
    fd = os.open(os.path.join(folder, "total"), os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH)
        return _text(fd)
    finally:
        os.close(fd)


def add_part(folder, part, merge):
    fd = os.open(os.path.join(folder, "total"), os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        total = merge(_text(fd), part)
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(total).encode(), 0)
    finally:
        os.close(fd)
