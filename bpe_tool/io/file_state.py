"""A file in use: errors that name it, and whether it is still what it was."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self


class FileState(NamedTuple):
    """What tells one version of a file from another.

    Equal states mean that the file was neither replaced nor written to in between. States of
    two machines differ even if the files are equal: `device` and `inode` are local.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, file: int | Path) -> Self:
        """Return the current state of a file: of an open one by descriptor, or by path.

        Raises:
            OSError: There is no such file, or it cannot be examined.
        """
        status = os.stat(file)  # noqa: PTH116 - also takes descriptors
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def changed_error(path: Path | str) -> OSError:
    """Return the error for a file whose state changed during a read."""
    return OSError(errno.EIO, "the file changed while it was being read", str(path))


@contextmanager
def naming(path: Path | str, alias: Path | None = None) -> Iterator[None]:
    """Make every `OSError` raised in the context name a file, by the path that the user knows.

    Errors of open files name none. Those that name another file keep that name.

    Args:
        path: The file or directory.
        alias: Where it is for now, such as a temporary file or the target of a link. An error
            that names this path, or one below it, names `path` or the one below that instead.
    """
    try:
        yield
    except OSError as error:
        error.filename = _known(error.filename, Path(path), alias)
        # Of a renaming, messages would show both names.
        del error.filename2
        raise


def _known(found: object, path: Path, alias: Path | None) -> str:
    if not isinstance(found, str | bytes):
        # None, or the number of a descriptor.
        return str(path)
    name = os.fsdecode(found)
    if alias is not None and Path(name).is_relative_to(alias):
        return str(path / Path(name).relative_to(alias))
    return name
