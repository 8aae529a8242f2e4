"""Threads, where the system gives them.

Limits on processes count threads, and each needs some address space.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


def start(work: Callable[[], object], *, daemon: bool = False) -> threading.Thread | None:
    """Do `work` in another thread, and return that; `None` if the system refuses one.

    Nothing is done then.
    """
    thread = threading.Thread(target=work, daemon=daemon)
    try:
        thread.start()
    except (RuntimeError, MemoryError):
        return None
    return thread
