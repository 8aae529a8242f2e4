"""Imports modules in the background, such as while a vocabulary is loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib import import_module

from bpe_tool.runtime import thread_start


@contextlib.contextmanager
def importing(*modules: str) -> Iterator[None]:
    """Import modules in another thread. The context ends once they are imported.

    Errors are ignored: they occur again where the modules are used. Without another thread,
    nothing is imported here.
    """

    def work() -> None:
        for module in modules:
            with contextlib.suppress(Exception):
                import_module(module)

    thread = thread_start.start(work)
    try:
        yield
    finally:
        if thread is not None:
            thread.join()
