# fault: lost update of visits.txt, lines 11 and 13
# right end: 2
# wrong end: 1
import fcntl
from multiprocessing import Process


def visit(guest):
    with open('visits.txt', 'r+') as book:
        fcntl.lockf(book, fcntl.LOCK_EX, 1, guest)
        count = int(book.read())
        book.seek(0)
        book.write(str(count + 1))
        book.flush()
        fcntl.lockf(book, fcntl.LOCK_UN, 1, guest)


if __name__ == '__main__':
    with open('visits.txt', 'w') as book:
        book.write('0')
    guests = [Process(target=visit, args=(number,)) for number in range(2)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    with open('visits.txt') as book:
        print(book.read())
