"""Workers that write lines: to a screen that all of them have, and to a log file that each of them opens."""

from helpers.events import pause


def print_in_pieces(screen, lines, think):
    """Write each line in three pieces: others write theirs in between."""
    for number in range(lines):
        screen.write("order ")
        pause(think)
        screen.write(f"{number} ")
        pause(think)
        screen.write("is done\n")


def print_one_string(screen, lines, think):
    """Write each line as one string, in one write."""
    for number in range(lines):
        pause(think)
        screen.write(f"order {number} is done\n")


def print_in_pieces_with_lock(screen, lock, lines, think):
    """Write each line in three pieces, under a lock that is there for printing only."""
    for number in range(lines):
        with lock:
            screen.write("order ")
            pause(think)
            screen.write(f"{number} ")
            pause(think)
            screen.write("is done\n")


def log_opened_with_w(log, records, think):
    """Open the file with "w": it is emptied, and everybody writes from its front on."""
    with log.open("w") as file:
        for number in range(records):
            file.write(f"order {number} is done\n")
            pause(think)


def log_opened_with_a(log, records, think):
    """Open the file with "a": each write goes to the end of the file, wherever that is by then."""
    with log.open("a") as file:
        for number in range(records):
            file.write(f"order {number} is done\n")
            pause(think)


def log_in_two_writes(log, records, think):
    """Open the file with "a", and write each record in two writes."""
    with log.open("a") as file:
        for number in range(records):
            file.write(f"order {number} ")
            pause(think)
            file.write("is done\n")


def log_in_two_writes_with_lock(log, lock, records, think):
    """Write each record in two writes, under a lock that all these processes share."""
    with log.open("a") as file:
        for number in range(records):
            with lock:
                file.write(f"order {number} ")
                pause(think)
                file.write("is done\n")


def print_for_real(name, lines):
    """Print to the process's own standard output, each line from four arguments."""
    for number in range(lines):
        print(name, "prints", "line", number, flush=True)
