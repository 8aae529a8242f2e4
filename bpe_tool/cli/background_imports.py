"""Imports what will be needed while there is other work, such as loading a vocabulary."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib import import_module

from bpe_tool.runtime import threads


@contextlib.contextmanager
def importing(*modules: str) -> Iterator[None]:
    """Import modules in another thread, as long as the context lasts and until they are there.

    What goes wrong here does so again where it is imported for use, and where there is no
    other thread, that is where it is imported.
    """

    def work() -> None:
        for module in modules:
            with contextlib.suppress(Exception):
                import_module(module)

    thread = threads.start(work)
    try:
        yield
    finally:
        if thread is not None:
            thread.join()
