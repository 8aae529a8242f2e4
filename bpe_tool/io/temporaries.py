"""Temporary files and directories of this package: what they are called, and whose they are.

They lie beside what they are to replace, hidden, and are called `.NAME.16 HEX DIGITS.tmp`. The
process at work on one holds its lock (`flock`), which ends with the process however that ends.
So what nobody locks was left by one that was killed, and the next that writes the same file
removes it. Where a file system has no locks nothing is removed.

Nobody reads them: what is in them is not complete.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from bpe_tool.errors import BpeToolError, DataError

#: How much of the target's name a temporary one repeats. Names are limited.
NAME_LENGTH = 40

_NAME = re.compile(r"\..*\.[0-9a-f]{16}\.tmp", re.DOTALL)


def temporary_path(target: Path) -> Path:
    """Return a path beside a target that nothing has yet."""
    return target.with_name(f"{_start(target)}{secrets.token_hex(8)}.tmp")


def is_temporary(name: str) -> bool:
    """Return whether this is what our temporary files and directories are called."""
    return _NAME.fullmatch(name) is not None


def refuse_temporary(path: Path, error: type[BpeToolError] = DataError) -> None:
    """Raise an error about a path that is, or lies in, one of our temporary ones."""
    if any(map(is_temporary, path.parts)):
        raise error(
            f"{path} is a temporary file of this tool: its writer is not done, or was killed",
            hint="read what it was to become, once that is written",
        )


def lock(file: int) -> bool | None:
    """Lock a file or directory until its descriptor is closed, also by the end of the process.

    Returns:
        `False` if another process holds the lock; `None` if there are no locks here.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def remove_left(target: Path) -> None:
    """Remove the temporary files that killed processes have left for a target.

    What cannot be removed, or may be in use, stays.
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
        # What follows the start is no more of another target's name.
        if is_temporary(name) and len(name) == len(start) + len("0123456789abcdef.tmp"):
            yield target.with_name(name)


def _remove_unlocked(path: Path) -> None:
    file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if stat.S_ISREG(os.fstat(file).st_mode) and lock(file):
            path.unlink()
    finally:
        os.close(file)
