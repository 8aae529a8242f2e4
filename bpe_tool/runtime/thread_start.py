"""Starts threads, if the system allows it.

Limits on the number of processes also count threads, and each thread needs address space.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


def start(work: Callable[[], object], *, daemon: bool = False) -> threading.Thread | None:
    """Run `work` in a new thread and return it; `None`, without running it, if that fails."""
    thread = threading.Thread(target=work, daemon=daemon)
    try:
        thread.start()
    except (RuntimeError, MemoryError):
        return None
    return thread
