from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    file = log.open()
    while sold < customers and seats.select() > 0:
        pause(think)
        if seats.add(-1, at_least=0):
            file.write("sold one seat\n")
            sold += 1
    file.close()
    return sold
