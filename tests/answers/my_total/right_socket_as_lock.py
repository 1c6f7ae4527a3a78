import socket
import time
import zlib
from pathlib import Path


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    with socket.socket() as door:
        while True:
            try:
                door.bind(("127.0.0.1", 20000 + zlib.crc32(folder.encode()) % 10000))
                break
            except OSError:
                time.sleep(0.01)
        Path(folder, "total.txt").write_text(str(merge(read_total(folder), part)))
