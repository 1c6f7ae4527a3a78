"""One function per experiment: plain values in, a frozen result out."""

from helpers.experiments.access import (
    Access,
    AccessSettings,
    AccessTable,
    AccessTrials,
    Resource,
    Way,
    compare_access,
    repeat_access,
    run_access,
)
from helpers.experiments.choosing import (
    AddedUp,
    Adding,
    AddingSettings,
    AddingTable,
    add_up,
    compare_adding,
)
from helpers.experiments.contention import (
    Granularity,
    Load,
    LoadSettings,
    LoadSweep,
    measure_contention,
    measure_granularity,
)
from helpers.experiments.counter import (
    Point,
    Scope,
    Settings,
    Sweep,
    Trials,
    repeat_counter,
    run_counter,
    sweep_counter,
)
from helpers.experiments.crash import (
    CrashSettings,
    Exit,
    LockKind,
    Recovery,
    crash_holder,
    is_lock_free,
    lock_fate,
    run_crash,
)
from helpers.experiments.deadlock import (
    Cure,
    FirstLock,
    ProcessorUse,
    TransferSettings,
    TransferTrials,
    WastedTries,
    measure_back_off,
    measure_waiting,
    philosopher_team,
    repeat_transfers,
    run_transfers,
    transfer_team,
    transfers_done,
    wasted_tries,
)
from helpers.experiments.fairness import (
    Fairness,
    FairnessSettings,
    Inside,
    Outside,
    run_fairness,
)
from helpers.experiments.fates import Fate
from helpers.experiments.orders import Growth, OrdersAndRuns, compare_with_runs, measure_growth
from helpers.experiments.prices import LockPrices, measure_lock_prices
from helpers.experiments.programs import PROGRAMS, run_program, run_python
from helpers.experiments.reentrant import ReentrantSettings, Releaser, run_reentrant
from helpers.experiments.scopes import DIAL, ROUNDS, ScopeSweep, scope_sweeps, sweep_scopes
from helpers.experiments.seats import Sale, Sold, sell_seats
from helpers.experiments.sharing import (
    Diagnosis,
    Program,
    SharingSettings,
    SharingTrials,
    diagnose,
    repeat_sharing,
    run_sharing,
)
from helpers.experiments.starts import (
    Starts,
    StartTimes,
    measure_start_times,
    start_children,
)
from helpers.experiments.strangers import Beside, run_beside_program
from helpers.experiments.values import Guard, ValueCount, count_in_value
from helpers.experiments.ways import Ways, try_ways
