"""What workers share: files whose damage can be judged, and locks that leave a record.

Each operation is a step (see `events`). A resource is a *description* until a run binds it to its
own folder and context, so that every run starts with fresh files and fresh locks.
"""

from helpers.resources.accounts import AccountFile
from helpers.resources.counter_file import CounterFile
from helpers.resources.database import Table
from helpers.resources.files import Shared
from helpers.resources.freed import DatabaseLock, FileLock
from helpers.resources.locks import GivenLock, Lock, RLock, Semaphore
from helpers.resources.texts import LogFile, Stream
from helpers.resources.threads import ThreadLock
