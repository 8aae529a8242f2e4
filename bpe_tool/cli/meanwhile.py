"""Imports what will be needed while there is other work, such as loading a vocabulary."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from importlib import import_module


@contextlib.contextmanager
def importing(*modules: str) -> Iterator[None]:
    """Import modules in another thread, as long as the context lasts and until they are there.

    What goes wrong here does so again where it is imported for use. Nothing should be
    imported within the context: an exception that a signal raises in the middle of an import
    can leave the interpreter's lock of imports behind, and the other thread waiting for it.
    """

    def work() -> None:
        for module in modules:
            with contextlib.suppress(Exception):
                import_module(module)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()
