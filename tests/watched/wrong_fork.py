# fault: lost update of shared.bin, lines 15 and 17
# right end: 7
# wrong end: 3 or 4
# sets its start method
import os
import struct
import time

fd = os.open("shared.bin", os.O_RDWR | os.O_CREAT)
os.write(fd, struct.pack("i", 0))


def add(n, pause):
    time.sleep(pause)
    (old,) = struct.unpack("i", os.pread(fd, 4, 0))
    new = struct.pack("i", old + n)
    os.pwrite(fd, new, 0)


pid = os.fork()
if pid == 0:
    add(3, 0)
    os._exit(0)
add(4, 0.2)
os.waitpid(pid, 0)
print(struct.unpack("i", os.pread(fd, 4, 0))[0])
