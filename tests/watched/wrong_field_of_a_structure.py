# fault: lost update of robot['x'], line 14
# right end: 6
# wrong end: 1 to 5
from ctypes import Structure, c_int
from multiprocessing import Process, Value


class Robot(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]


def walk(robot, steps):
    for _ in range(steps):
        robot.x += 1


if __name__ == "__main__":
    robot = Value(Robot, 0, 0)
    drivers = [Process(target=walk, args=(robot, 3)) for _ in range(2)]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()
    print(robot.x)
