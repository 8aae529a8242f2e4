"""Names and locks of this package's temporary files and directories.

A temporary file is in the directory of its target, hidden, with the name
`.NAME.16 HEX DIGITS.tmp`. The process that writes it holds a lock on it (`flock`), which ends
with the process. A file without a lock is therefore a leftover of a killed process; the next
process that writes the same target removes it. Nothing is removed on file systems without locks.

Temporary files are never read: they are incomplete.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from bpe_tool.errors import BpeToolError, DataError
from bpe_tool.runtime import system

#: How many characters of the target's name are repeated. The length of names is limited.
NAME_LENGTH = 40

_NAME = re.compile(r"\..*\.[0-9a-f]{16}\.tmp", re.DOTALL)


def temporary_path(target: Path) -> Path:
    """Return an unused path in the directory of a target."""
    return target.with_name(f"{_start(target)}{os.urandom(8).hex()}.tmp")


def is_temporary(name: str) -> bool:
    """Return whether this is the name of a temporary file or directory of this package."""
    return _NAME.fullmatch(name) is not None


def refuse_temporary(path: Path, error: type[BpeToolError] = DataError) -> None:
    """Refuse a path that is, or is below, a temporary file or directory of this package."""
    if any(map(is_temporary, path.parts)):
        raise error(
            f"{path} is a temporary file of this tool: its writer is still at work or was killed",
            hint="read the finished file instead",
        )


def remove_left(target: Path) -> None:
    """Remove the temporary files that killed processes left for a target.

    Files that may be in use, or cannot be removed, stay.
    """
    with contextlib.suppress(OSError):
        for path in _temporaries(target):
            with contextlib.suppress(OSError):
                _remove_unlocked(path)


def _start(target: Path) -> str:
    return f".{target.name[:NAME_LENGTH]}."


def _temporaries(target: Path) -> Iterator[Path]:
    start = _start(target)
    with os.scandir(target.parent) as entries:
        names = [each.name for each in entries if each.name.startswith(start)]
    for name in names:
        # The length excludes targets whose names start with this one.
        if is_temporary(name) and len(name) == len(start) + len("0123456789abcdef.tmp"):
            yield target.with_name(name)


def _remove_unlocked(path: Path) -> None:
    file = os.open(path, system.INSPECT)
    try:
        if stat.S_ISREG(os.fstat(file).st_mode) and system.lock(file):
            path.unlink()
    finally:
        os.close(file)
