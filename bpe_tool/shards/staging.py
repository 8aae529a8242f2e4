"""Replaces a set of shards by another one, such that no moment has a false one, or loses both.

New files are made in a hidden directory inside the set's own. Only when all of them are on the
disk are the old ones moved, its manifest first, to a directory in that one, and the new ones to
their places, the manifest last: nothing but names is changed. A step that fails takes all of
them back. A run that is killed leaves

- at any time before: what was there, and the hidden directory;
- within these last moments: no manifest, and both sets in parts;
- after them: the new set, and what is left of the old one in the hidden directory.

The next run puts the old set back in the second case, if there was one, and removes what is
left in all of them, and nothing that is not named in a manifest of its own kind.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bpe_tool.errors import ArgumentError, DataError, Template
from bpe_tool.io.atomic import AtomicFile, make_directory, sync_directory
from bpe_tool.io.temporaries import lock, temporary_path
from bpe_tool.io.unfinished import MANIFEST, SHARD, STAGED, is_staging
from bpe_tool.runtime import cleanup
from bpe_tool.shards.manifest import Manifest

#: Where in the hidden directory the old set is, while it is replaced.
REPLACED = "replaced"


class Staging:
    """The hidden directory in which a set is made. Close it, whatever happens.

    Args:
        folder: Where the set is to be. It is made if it does not exist, and may hold files
            of other kinds.
        force: Replace a set that is there.

    Attributes:
        path: The hidden directory.

    Raises:
        ArgumentError: There is a set already, or files that would be overwritten; or
            another process is writing there.
        OSError: The directory cannot be read or written to.
    """

    def __init__(self, folder: Path, *, force: bool) -> None:
        # The process that removes the hidden directory, and no copy of it.
        self._owner = 0
        self._cancel: Callable[[], object] = bool
        # Whether both sets are in parts: what cannot be put back is left to the next run.
        self._moving = False
        try:
            self._made = make_directory(folder)
        except FileExistsError:
            what = "it is no directory, which a set of shards is"
            raise NotADirectoryError(errno.ENOTDIR, what, str(folder)) from None
        self._folder = folder
        self.path = temporary_path(folder / STAGED)
        self._lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._owner = os.getpid()
        try:
            self._claim()
            if (folder / MANIFEST).exists() and not force:
                raise ArgumentError(
                    f"{folder} holds a set of shards already",
                    hint=Template("{force} replaces it once the new one is complete"),
                )
            self._old = _files(folder)
            self._refuse_foreign()
            self._cancel = cleanup.register(partial(_snatch, self.path, self._owner, self._made))
            with self.naming():
                self.path.mkdir()
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def naming(self) -> Iterator[None]:
        """Let errors name files by their places in the set, not by those they were made in."""
        try:
            yield
        except OSError as error:
            path = Path(os.fsdecode(error.filename or ""))
            if path.is_relative_to(self.path):
                path = self._folder / path.name if path != self.path else self._folder
                error.filename = str(path)
            # Of a renaming, messages would name both places.
            del error.filename2
            raise

    def commit(self, manifest: Manifest) -> None:
        """Put the set in its place. All its files are on the disk already.

        Raises:
            OSError: Something cannot be written. Everything is as it was.
        """
        with AtomicFile(self.path / MANIFEST) as file:
            file.write(manifest.to_bytes())
        with cleanup.Held():
            self._moving = True
            try:
                self._move([entry.name for shard in manifest.shards for entry in shard.files])
            except BaseException:
                if not (self.path / MANIFEST).exists():
                    (self._folder / MANIFEST).rename(self.path / MANIFEST)
                _put_back(self._folder, self.path)
                self._moving = False
                raise
            self._moving = False

    def close(self) -> None:
        """Remove the hidden directory, and let others write here."""
        owner, self._owner = self._owner, 0
        if owner == os.getpid():
            if not self._moving:
                _discard(self.path, owner)
            with contextlib.suppress(OSError):
                os.close(self._lock)
        self._cancel()

    def __del__(self) -> None:
        # A signal can come before the context begins in which this is closed.
        self.close()

    def _move(self, new: Sequence[str]) -> None:
        """Move the old set away and the new one in."""
        replaced = self.path / REPLACED
        replaced.mkdir()
        if (self._folder / MANIFEST).exists():
            sync_directory(self.path)
            (self._folder / MANIFEST).rename(replaced / MANIFEST)
            # From now on nobody takes what is there for complete.
            sync_directory(self._folder)
        for name in self._old:
            with contextlib.suppress(FileNotFoundError):
                (self._folder / name).rename(replaced / name)
        for name in new:
            (self.path / name).rename(self._folder / name)
        sync_directory(self._folder)
        (self.path / MANIFEST).rename(self._folder / MANIFEST)
        sync_directory(self._folder)

    def _claim(self) -> None:
        """Keep other processes from writing here, and remove what killed ones have left."""
        locked = lock(self._lock)
        if locked is False:
            raise ArgumentError(f"another process is writing to {self._folder}")
        for left in self._folder.iterdir():
            if not is_staging(left.name) or not left.is_dir():
                continue
            if locked is None:
                # This file system has no locks.
                raise ArgumentError(
                    f"{left}: another process is writing here, or was killed",
                    hint="if none is, remove this directory",
                )
            _put_back(self._folder, left)
            _remove(left)

    def _refuse_foreign(self) -> None:
        """Refuse to overwrite files of which nothing says that they are ours."""
        for each in self._folder.iterdir():
            if each.name.startswith(SHARD) and each.name not in self._old:
                raise ArgumentError(
                    f"{each} is in the way, and belongs to no set that has a manifest",
                    hint=Template("remove it, or write to another directory with {output}"),
                )


def _discard(staged: Path, owner: int) -> None:
    """Remove the hidden directory, if this is the process that made it."""
    if owner == os.getpid():
        # The next run removes what cannot be removed now.
        with contextlib.suppress(OSError):
            _remove(staged)


def _snatch(staged: Path, owner: int, made: Sequence[Path]) -> None:
    """Remove the hidden directory from under a thread that may be at work in it.

    `made` are the directories that were made for it; they go where they are empty.
    """
    if owner == os.getpid():
        with contextlib.suppress(OSError):
            # It finds it no more, and makes nothing in it.
            staged = staged.rename(temporary_path(staged.with_name(STAGED)))
        _discard(staged, owner)
        with contextlib.suppress(OSError):
            for each in made:
                each.rmdir()


def _put_back(folder: Path, staged: Path) -> None:
    """Undo the moves of a set that was not put in its place, if there were any.

    Args:
        folder: The set's directory.
        staged: The hidden directory.
    """
    if (folder / MANIFEST).exists():
        return
    for name in _files(staged):
        # A new file is in one of both places. So what is here is an old one if it is there.
        if not (staged / name).exists() and (folder / name).exists():
            (folder / name).rename(staged / name)
    replaced = staged / REPLACED
    if replaced.exists():
        for path in replaced.iterdir():
            if path.name != MANIFEST:
                path.rename(folder / path.name)
        sync_directory(folder)
        if (replaced / MANIFEST).exists():
            (replaced / MANIFEST).rename(folder / MANIFEST)
            sync_directory(folder)


def _files(folder: Path) -> list[str]:
    """Return the names of shards' files in a manifest; none if it is missing or damaged."""
    try:
        manifest = Manifest.load(folder)
    except (FileNotFoundError, DataError):
        return []
    names = [entry.name for shard in manifest.shards for entry in shard.files]
    return [each for each in names if each.startswith(SHARD)]


def _remove(staged: Path) -> None:
    """Remove a hidden directory with what is in it, if it is there."""
    for folder in (staged / REPLACED, staged):
        if folder.exists():
            for path in folder.iterdir():
                path.unlink(missing_ok=True)
            folder.rmdir()
