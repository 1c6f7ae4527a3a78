# fault: lost update of score.txt, lines 16 and 20
# right end: 15
# wrong end: 5 or 10
# sets its start method
import multiprocessing as mp
import time


def main():
    mp.set_start_method("fork")
    lock = mp.Lock()

    def get():
        with lock:
            with open("score.txt") as f:
                return int(f.read())

    def put(score):
        with lock:
            with open("score.txt", "w") as f:
                f.write(str(score))

    def play(points):
        score = get()
        put(score + points)

    put(0)
    players = [mp.Process(target=play, args=(p,)) for p in (5, 10)]
    for player in players:
        player.start()
        time.sleep(0.2)
    for player in players:
        player.join()
    print(get())


main()
