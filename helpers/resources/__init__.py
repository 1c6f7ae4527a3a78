"""What workers share: files whose damage can be judged, and locks that leave a record.

Each operation is a step (see `events`). A resource is a *description* until a run binds it to its
own folder and context, so that every run starts with fresh files and fresh locks.
"""

from helpers.resources.database import Table
from helpers.resources.locks import DatabaseLock, FileLock, Lock, RLock, Semaphore, ThreadLock
from helpers.resources.shared_files import AccountFile, CounterFile, LogFile, Shared, Stream
