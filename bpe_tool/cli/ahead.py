"""Imports what will be needed while there is other work, such as loading a vocabulary."""

from __future__ import annotations

import contextlib
import threading
from importlib import import_module


def import_ahead(*modules: str) -> None:
    """Import modules in another thread, in this order.

    Who needs one before it is there waits for it. What goes wrong here does so there as well.
    """

    def work() -> None:
        with contextlib.suppress(Exception):
            for module in modules:
                import_module(module)

    threading.Thread(target=work).start()
