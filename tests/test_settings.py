"""What an experiment cannot run, or a panel cannot show, is refused before any process starts: value, range and way out are named."""

import re

import pytest
from runs import RACE

from helpers import topics
from helpers.lab import processes
from helpers.schedules import explore

NAN = float("nan")
SCOPES = (
    "'nothing', 'write only', 'each step', "
    "'read to write', 'read to write and slow work', 'whole loop'"
)
OUT_OF_RANGE = {
    topics.run_counter: [
        ({"processes": 0}, "processes=0: choose 1 to 26"),
        ({"times": 0}, "times=0: choose 1 to 1000"),
        ({"times": 1001}, "times=1001: choose 1 to 1000"),
        ({"pause_ms": -1}, "pause_ms=-1: choose 0 to 1000 ms"),
        ({"pause_ms": NAN}, "pause_ms=nan: choose 0 to 1000 ms"),
        ({"slow_ms": 1e9}, "slow_ms=1000000000.0: choose 0 to 1000 ms"),
        ({"deadline": 0}, "deadline=0: choose 0.01 to 600 seconds"),
        ({"scope": "all"}, f"scope='all': choose one of {SCOPES}"),
        ({"write": "append"}, 'write=\'append\': choose "replace" or "truncate"'),
        ({"empty": "nought"}, 'empty=\'nought\': choose "zero" or "raise"'),
        ({"start_method": "frok"}, "start_method='frok': on "),
    ],
    topics.repeat_counter: [
        ({"count": 0}, "count=0: choose 1 to 10000"),
        ({"count": 10_001}, "count=10001: choose 1 to 10000"),
    ],
    topics.sweep_counter: [
        ({"parameter": "speed", "values": [1]}, "parameter='speed': choose one of processes, times, "),
        ({"parameter": "processes", "values": [1, 99]}, "processes=99: choose 1 to 26"),
    ],
    topics.sweep_scopes: [
        ({"count": 0}, "count=0: choose 1 to 1000"),
        ({"processes": 0}, "processes=0: choose 1 to 26"),
    ],
    topics.run_transfers: [
        ({"processes": 1}, "processes=1: choose 2 to 7"),
        ({"processes": 8}, "processes=8: choose 2 to 7"),
        ({"times": 0}, "times=0: choose 1 to 1000"),
        ({"pause_ms": NAN}, "pause_ms=nan: choose 0 to 1000 ms"),
        ({"cure": "prayer"}, "cure='prayer': choose one of 'none', 'global order', "),
        ({"first": "mine"}, "first='mine': choose one of "),
    ],
    topics.philosopher_team: [
        ({"count": 1}, "count=1: choose 2 to 7"),
        ({"count": 8}, "count=8: choose 2 to 7"),
    ],
    topics.run_crash: [
        ({"exit": "by the window"}, "exit='by the window': choose one of 'an exception inside with'"),
        ({"kind": "padlock"}, "kind='padlock': choose one of 'Lock', "),
        ({"think_ms": -1}, "think_ms=-1: choose 0 to 1000 ms"),
    ],
    topics.run_reentrant: [
        ({"depth": 0}, "depth=0: choose 1 to 10"),
        ({"depth": 11}, "depth=11: choose 1 to 10"),
        ({"releases": 13}, "releases=13: choose 0 to 12"),
    ],
    topics.run_sharing: [
        ({"program": "hope"}, "program='hope': choose one of 'a lock at the top"),
        ({"processes": 1}, "processes=1: choose 2 to 16"),
        ({"processes": 17}, "processes=17: choose 2 to 16"),
        ({"times": 21}, "times=21: choose 1 to 20"),
        ({"pause_ms": NAN}, "pause_ms=nan: choose 0 to 1000 ms"),
        ({"deadline": 0}, "deadline=0: choose 0.01 to 600 seconds"),
        ({"start_method": "hope"}, "start_method='hope'"),
    ],
    topics.run_fairness: [
        ({"processes": 27}, "processes=27: choose 1 to 26"),
        ({"hold_ms": 0.05}, "hold_ms=0.05: choose 0.1 to 100 ms"),
        ({"outside": "a walk"}, "outside='a walk': choose one of 'nothing', 'time.sleep(0)'"),
        ({"outside_ms": 0}, "outside_ms=0: choose 0.1 to 100 ms"),
        ({"inside": "eating"}, "inside='eating': choose one of 'computing', 'sleeping'"),
        ({"duration_ms": 2000}, "duration_ms=2000: choose 50 to 1000"),
        ({"deadline": 0}, "deadline=0: choose 0.01 to 600 seconds"),
    ],
    topics.measure_contention: [
        ({"count": 0}, "count"),
        ({"hold_ms": -1}, "hold_ms"),
        ({"work_ms": NAN}, "work_ms"),
        ({"times": 0}, "times"),
        ({"processes": (0,)}, "processes"),
    ],
    topics.measure_granularity: [
        ({"locks": (9,)}, "locks"),
        ({"accounts": 0}, "accounts"),
        ({"pause_ms": -1}, "pause_ms"),
        ({"times": 0}, "times"),
    ],
    topics.measure_growth: [
        ({"processes": (0,)}, "processes"),
        ({"times": 0}, "times"),
        ({"limit": 0}, "limit"),
    ],
    topics.run_access: [
        ({"way": "by luck"}, "way='by luck'"),
        ({"processes": 0}, "processes=0"),
        ({"operations": 201}, "choose 1 to 200"),
        ({"pause_ms": -1}, "choose 0 to 1000 ms"),
        ({"way": "one UPDATE", "journal": "off"}, 'choose "delete" or "wal"'),
        ({"way": "one UPDATE", "database": "nowhere.db"}, "there is no such file"),
    ],
    topics.compare_access: [
        ({"resource": "tape"}, "choose one of 'screen', 'log file', 'database'"),
    ],
    topics.run_beside_program: [
        ({"way": "as one string"}, "way='as one string': choose a way to use the database"),
    ],
    topics.add_up: [
        ({"way": "by luck"}, "way='by luck'"),
        ({"processes": 1}, "choose 2 to 16"),
        ({"results": 2}, "choose 3 to 200"),
        ({"work_ms": 101}, "choose 0 to 100 ms"),
        ({"start_method": "clone"}, "start_method='clone'"),
    ],
    topics.RacePanel: [
        ({"processes": 0}, "processes=0: choose 1 to 26"),
        ({"processes": 17}, "processes=17: choose 1 to 16"),
        ({"times": 201}, "increments each=201: choose 1 to 200"),
        ({"pause_ms": 20.5}, "pause=20.5: choose 0 to 20 ms"),
        ({"pause_ms": NAN}, "pause_ms=nan"),
        ({"scope": "tea"}, "scope='tea': choose one of 'nothing'"),
    ],
    topics.ScopePanel: [
        ({"processes": 9}, "processes"),
        ({"scope": "everything"}, "scope"),
        ({"slow_ms": -1}, "slow"),
    ],
    topics.DeadlockPanel: [
        ({"processes": 8}, "processes=8: choose 2 to 7"),
        ({"pause_ms": 21}, "between locks=21: choose 0 to 20 ms"),
        ({"cure": "hope"}, "cure='hope': choose one of 'none'"),
    ],
    topics.CrashPanel: [
        ({"kind": "door"}, "kind='door': choose one of 'Lock'"),
        ({"think_ms": 0}, "hold time=0: choose 1 to 50 ms"),
    ],
    topics.RLockPanel: [
        ({"depth": 0}, "depth=0: choose 1 to 10"),
    ],
    topics.SharingPanel: [
        ({"pause_ms": 21}, "pause=21: choose 0 to 20 ms"),
    ],
    topics.FairnessPanel: [
        ({"processes": 9}, "processes=9: choose 2 to 8"),
        ({"hold_ms": 50}, "hold time=50: choose 0.1 to 20 ms"),
        ({"outside": "tea"}, "outside='tea': choose one of"),
    ],
    topics.AccessPanel: [
        ({"operations": 30}, "choose 1 to 25"),
    ],
    explore: [
        ({"processes": 0}, "processes=0: choose 1 to 26"),
        ({"limit": 0}, "limit=0"),
        ({"tries": -1}, "tries=-1"),
        ({"fault": ("C", 0)}, "fault=('C', 0): the processes are A, B"),
    ],
}  # fmt: skip
NO_NUMBER = {
    topics.run_counter: [
        ({"processes": "4"}, "processes='4': give a whole number from 1 to 26"),
        ({"times": True}, "times=True: give a whole number"),
        ({"pause_ms": "1"}, "pause_ms='1': give a number from 0 to 1000 ms"),
        ({"speed": 3}, "speed"),
    ],
    topics.run_sharing: [
        ({"times": 2.0}, "times=2.0: give a whole number"),
    ],
    topics.repeat_counter: [
        ({"count": "3"}, "count='3': give a whole number from 1 to 10000"),
    ],
    topics.RacePanel: [
        ({"times": 2.5}, "times=2.5"),
    ],
}  # fmt: skip
ROWS = [
    pytest.param(error, call, *row, id=f"{call.__name__}-{row[0]}")
    for error, table in ((ValueError, OUT_OF_RANGE), (TypeError, NO_NUMBER))
    for call, rows in table.items()
    for row in rows
]


@pytest.mark.parametrize(("error", "call", "settings", "words"), ROWS)
def test_what_cannot_be_is_refused_before_a_process_starts(
    monkeypatch, error, call, settings, words
):
    monkeypatch.delattr(processes, "ChildProcess")
    with pytest.raises(error, match=re.escape(words)):
        call(*(RACE if call is explore else ()), **settings)
