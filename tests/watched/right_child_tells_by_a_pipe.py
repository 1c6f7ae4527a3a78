# right end: the child made 42
# sets its start method
import os

read_end, write_end = os.pipe()
again, and_again = os.pipe()

if os.fork() == 0:
    os.close(read_end)
    with open("made.txt", "w") as file:
        file.write("42")
    with os.fdopen(write_end, "w") as told:
        told.write("it is there\n")
    os.read(again, 1)
    with open("made.txt", "w") as file:
        file.write("nothing more")
    os._exit(0)

os.close(write_end)
with os.fdopen(read_end) as heard:
    heard.readline()
with open("made.txt") as file:
    print("the child made", file.read())
os.write(and_again, b"!")
os.wait()
