"""The directory that holds what is finished of a run, until the whole result is.

    work.json                     what the run depends on
    marks/KE/KEY.json             a done-mark: the unit is finished, and what is known about it
    outputs/KE/KEY.DIGEST/        its output: KEY names the unit, DIGEST the bytes that it read

An output is written to a temporary directory and brought to the disk, then appears by a renaming;
its mark comes after that. A worker may be killed at any moment, and two may do the same unit at
once: both make the same output. Nothing else tells whether a unit is done, so that a run goes on
where another one stopped, on whatever machines.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.io.atomic import AtomicFile, make_directory, sync_directory
from bpe_tool.io.temporaries import is_temporary, temporary_path
from bpe_tool.runtime import system

#: The file that says what the run depends on, and the value of its field `format`.
RECORD = "work.json"
FORMAT = "bpe_tool work"
VERSION = 1


class Unit(Protocol):
    """What is done at once.

    Attributes:
        key: Its name: hexadecimal digits.
        states: The states of its inputs.
        size: How much work it is, in bytes.
    """

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def states(self) -> list[list[int]]: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102


class Work(Protocol):
    """What is done with a unit. Picklable."""

    def __call__(self, unit: Any, folder: Path) -> tuple[str, dict[str, Any]]:  # noqa: ANN401
        """Do it.

        Args:
            unit: The unit.
            folder: An empty directory for the output. All files are brought to the disk.

        Returns:
            The SHA-256 of what was read, and what is to be known about the output, as JSON has it.
        """

    def digest(self, unit: Any) -> str:  # noqa: ANN401
        """Return the SHA-256 of what would be read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A done-mark.

    Attributes:
        key: The key of the unit.
        digest: The SHA-256 of what was read.
        states: The states of the files that were read.
        files: The name and size of each file of the output.
        facts: What is known about the output.
    """

    key: str
    digest: str
    states: list[list[int]]
    files: list[list[Any]]
    facts: dict[str, Any]


class NotShared(OSError):
    """A machine does not see what all must see."""

    def __init__(self, path: str) -> None:
        what = (
            f"the machine {os.uname().nodename} does not see this file: inputs and outputs must be "
            "on a file system that all machines share, under the same path"
        )
        super().__init__(errno.ENOENT, what, path)

    def __reduce__(self) -> tuple[Any, ...]:
        return _not_shared, (self.filename, self.strerror)


def _not_shared(path: str, what: str) -> NotShared:
    error = NotShared(path)
    error.strerror = what
    return error


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """A work directory, as the driver and all workers see it.

    Attributes:
        path: The directory, as an absolute path.
        digest: The SHA-256 of what the run depends on.
    """

    path: str
    digest: str

    def mark(self, unit: Unit) -> Mark | None:
        """Return the done-mark of a unit; `None` if there is none, or its output is incomplete."""
        try:
            mark = Mark(**json.loads(self._mark_path(unit).read_bytes()))
            output = self.output(mark)
            whole = all((output / name).stat().st_size == size for name, size in mark.files)
        except (OSError, ValueError, TypeError):
            return None
        return mark if whole and mark.key == unit.key else None

    def is_done(self, unit: Unit) -> Mark | None:
        """Return the done-mark of a unit, unless a file has changed since."""
        mark = self.mark(unit)
        return mark if mark is not None and mark.states == unit.states else None

    def output(self, mark: Mark) -> Path:
        """Return the directory of an output."""
        return Path(self.path, "outputs", mark.key[:2], f"{mark.key}.{mark.digest[:16]}")

    def perform(self, work: Work, unit: Unit) -> Mark:
        """Do a unit, unless it was done with the same input.

        Raises:
            NotShared: This machine does not see the work directory.
            BpeToolError: The input cannot be processed.
            OSError: A file cannot be read or written.
        """
        self._check_seen()
        earlier = self.mark(unit)
        if earlier is not None and earlier.digest == work.digest(unit):
            mark = replace(earlier, states=unit.states)
        else:
            mark = self._performed(work, unit)
        path = self._mark_path(unit)
        make_directory(path.parent)
        with AtomicFile(path) as file:
            file.write(json.dumps(asdict(mark)).encode())
        return mark

    def _performed(self, work: Work, unit: Unit) -> Mark:
        parent = Path(self.path, "outputs", unit.key[:2])
        make_directory(parent)
        temporary = temporary_path(parent / unit.key)
        temporary.mkdir()
        try:
            digest, facts = work(unit, temporary)
            files = [[str(path.relative_to(temporary)), path.stat().st_size]
                     for path in sorted(temporary.rglob("*")) if path.is_file()]  # fmt: skip
            mark = Mark(unit.key, digest, unit.states, files, facts)
            sync_directory(temporary)
            _put(temporary, self.output(mark))
            sync_directory(parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return mark

    def _mark_path(self, unit: Unit) -> Path:
        return Path(self.path, "marks", unit.key[:2], f"{unit.key}.json")

    def _check_seen(self) -> None:
        try:
            found = json.loads(Path(self.path, RECORD).read_bytes())["sha256"]
        except (OSError, ValueError, LookupError, TypeError):
            found = None
        if found != self.digest:
            raise NotShared(str(Path(self.path, RECORD)))


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Make a work directory if there is none, and keep other drivers out of it.

    Raises:
        ArgumentError: Another process is at work in it.
        OSError: It cannot be made.
    """
    make_directory(path)
    file = system.open_directory(path)
    try:
        if system.lock(file) is False:
            raise ArgumentError(f"another process is at work in {path}")
        yield
    finally:
        os.close(file)


def begin(path: Path, depends_on: Mapping[str, Any]) -> WorkFolder:
    """Begin a run in a work directory, or go on with the one that stopped there.

    Args:
        path: The directory, which is locked.
        depends_on: What the outputs depend on besides the input, as JSON has it.

    Raises:
        ArgumentError: The directory holds work that depends on something else.
        OSError: It cannot be read or written to.
    """
    text = json.dumps(depends_on, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    record = path / RECORD
    try:
        found = json.loads(record.read_bytes())
        earlier = found["depends_on"] if found["format"] == FORMAT else None
    except FileNotFoundError:
        earlier = None
        if not all(is_temporary(each.name) for each in path.iterdir()):
            raise ArgumentError(
                f"{path} is needed for unfinished work, and holds something else",
                hint="remove it, or write to another place",
            ) from None
    except (ValueError, LookupError, TypeError):
        raise DataError(f"{record}: this file is damaged", hint=f"remove {path}") from None
    if earlier is None:
        with AtomicFile(record) as file:
            content = {"format": FORMAT, "version": VERSION, "sha256": digest,
                       "depends_on": depends_on}  # fmt: skip
            file.write(json.dumps(content, indent=1).encode())
    elif earlier != json.loads(text):
        different = [name for name in {**earlier, **depends_on}
                     if earlier.get(name) != json.loads(text).get(name)]  # fmt: skip
        raise ArgumentError(
            f"{path} holds unfinished work with another {', another '.join(different)}",
            hint=f"finish it with the same options and files, or remove {path} to begin anew",
        )
    else:
        _remove_temporary(path)
    return WorkFolder(str(path), digest)


def _remove_temporary(path: Path) -> None:
    """Remove what killed workers left."""
    for each in path.glob("*/*/.*.tmp"):
        if is_temporary(each.name):
            if each.is_dir():
                shutil.rmtree(each, ignore_errors=True)
            else:
                each.unlink(missing_ok=True)


def _put(new: Path, target: Path) -> None:
    """Rename a directory, in place of one that may be there."""
    try:
        new.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        old = temporary_path(target)
        target.rename(old)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)
