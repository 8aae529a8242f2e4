"""Puts a new set of shards in place of an old one, or of none, all at once.

New files are written to a hidden directory inside the set's own, the staging directory. Only
when all of them are on the disk, the old files are moved out, the manifest first, to a
subdirectory of it, and the new ones are moved in, the manifest last. These steps only rename
files; if one fails, all of them are undone. A process that is killed leaves

- before the first rename: the old set, and the staging directory;
- between the renames: no manifest, and parts of both sets;
- after the last rename: the new set, and the rest of the old one in the staging directory.

The next run restores the old set in the second case, if there was one, and removes the staging
directory. Outside of that it touches only files that the manifest of a set of shards lists.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from bpe_tool.errors import ArgumentError, DataError, Suggestion
from bpe_tool.io.atomic import AtomicFile, make_directory, sync_directory
from bpe_tool.io.file_state import naming
from bpe_tool.io.temporaries import temporary_path
from bpe_tool.io.unfinished import MANIFEST, SHARD, STAGED, is_staging
from bpe_tool.runtime import signals, system
from bpe_tool.shards.manifest import Manifest
from bpe_tool.shards.manifest_checks import load_manifest

#: The subdirectory of the staging directory that holds the old set during the replacement.
REPLACED = "replaced"


class Staging:
    """A staging directory. It must be closed, whatever happens.

    Args:
        folder: The directory of the set. It is created if it does not exist, and may hold
            files of other kinds.
        force: Replace a set that is already there.

    Attributes:
        path: The staging directory.

    Raises:
        ArgumentError: There is a set already, or there are files that would be overwritten,
            or another process is writing to the directory.
        OSError: The directory cannot be read or written to.
    """

    def __init__(self, folder: Path, *, force: bool) -> None:
        # The process that removes the staging directory: forked copies must not.
        self._owner = 0
        self._cancel: Callable[[], object] = bool
        # Whether files of both sets are in place: if undoing fails, the next run restores them.
        self._moving = False
        try:
            self._made = make_directory(folder)
        except FileExistsError:
            what = "a set of shards needs a directory, and this is not one"
            raise NotADirectoryError(errno.ENOTDIR, what, str(folder)) from None
        self._folder = folder
        self.path = temporary_path(folder / STAGED)
        self._lock = system.open_directory(folder)
        self._owner = os.getpid()
        try:
            self._claim()
            if (folder / MANIFEST).exists() and not force:
                raise ArgumentError(
                    f"{folder} holds a set of shards already",
                    hint=Suggestion("{force} replaces it once the new one is complete"),
                )
            self._old = _files(folder)
            self._refuse_unlisted()
            self._cancel = signals.register(partial(_abort, self.path, self._owner, self._made))
            with self.naming():
                self.path.mkdir()
        except BaseException:
            self.close()
            raise

    def naming(self) -> AbstractContextManager[None]:
        """Make errors name files of the set where they name those in the staging directory."""
        return naming(self._folder, self.path)

    def commit(self, manifest: Manifest) -> None:
        """Put the set in place. All its files are on the disk already.

        Raises:
            OSError: A file cannot be written or moved. The old set is in place again.
        """
        with AtomicFile(self.path / MANIFEST) as file:
            file.write(manifest.to_bytes())
        with signals.Held():
            self._moving = True
            try:
                self._move([entry.name for shard in manifest.shards for entry in shard.files])
            except BaseException:
                if not (self.path / MANIFEST).exists():
                    (self._folder / MANIFEST).rename(self.path / MANIFEST)
                _restore(self._folder, self.path)
                self._moving = False
                raise
            self._moving = False

    def close(self) -> None:
        """Remove the staging directory, and release the lock on the set's directory."""
        owner, self._owner = self._owner, 0
        if owner == os.getpid():
            if not self._moving:
                _discard(self.path, owner)
            with contextlib.suppress(OSError):
                os.close(self._lock)
        self._cancel()

    def __del__(self) -> None:
        # An interrupt can come before the owner has entered the context that closes this.
        self.close()

    def _move(self, new: Sequence[str]) -> None:
        """Move the old set out and the new one in."""
        replaced = self.path / REPLACED
        replaced.mkdir()
        if (self._folder / MANIFEST).exists():
            sync_directory(self.path)
            (self._folder / MANIFEST).rename(replaced / MANIFEST)
            # From now on no reader takes the directory for a complete set.
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
        """Lock the directory against other writers, and clean up after killed ones."""
        locked = system.lock(self._lock)
        if locked is False:
            raise ArgumentError(f"another process is writing to {self._folder}")
        for left in self._folder.iterdir():
            if not is_staging(left.name) or not left.is_dir():
                continue
            if locked is None:
                # The file system has no locks.
                raise ArgumentError(
                    f"{left}: another process is writing here, or was killed",
                    hint="if none is, remove this directory",
                )
            _restore(self._folder, left)
            _remove(left)

    def _refuse_unlisted(self) -> None:
        """Refuse to overwrite files that no manifest lists."""
        for each in self._folder.iterdir():
            if each.name.startswith(SHARD) and each.name not in self._old:
                raise ArgumentError(
                    f"{each} would be overwritten, and is not listed in a manifest",
                    hint=Suggestion("remove it, or write to another directory with {output}"),
                )


def _discard(staged: Path, owner: int) -> None:
    """Remove the staging directory, if this is the process that created it."""
    if owner == os.getpid():
        # The next run removes what cannot be removed now.
        with contextlib.suppress(OSError):
            _remove(staged)


def _abort(staged: Path, owner: int, made: Sequence[Path]) -> None:
    """Remove the staging directory from under a thread that may still write to it.

    Args:
        staged: The staging directory.
        owner: The process that created it.
        made: The directories that were created for the set; those that are empty are removed.
    """
    if owner == os.getpid():
        with contextlib.suppress(OSError):
            # Renamed, it cannot be found by the thread, which then creates nothing in it.
            staged = staged.rename(temporary_path(staged.with_name(STAGED)))
        _discard(staged, owner)
        with contextlib.suppress(OSError):
            for each in made:
                each.rmdir()


def _restore(folder: Path, staged: Path) -> None:
    """Undo the renames of a set that did not get its manifest, if there were any.

    Args:
        folder: The directory of the set.
        staged: The staging directory.
    """
    if (folder / MANIFEST).exists():
        return
    for name in _files(staged):
        # A new file is in exactly one of the directories: if it is in the staging directory, a
        # file of that name in the set's directory is an old one.
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
    """Return the files of shards that a manifest lists; none if it is missing or damaged."""
    try:
        manifest = load_manifest(folder)
    except (FileNotFoundError, DataError):
        return []
    names = [entry.name for shard in manifest.shards for entry in shard.files]
    return [each for each in names if each.startswith(SHARD)]


def _remove(staged: Path) -> None:
    """Remove a staging directory and its files, if it exists."""
    for folder in (staged / REPLACED, staged):
        if folder.exists():
            for path in folder.iterdir():
                path.unlink(missing_ok=True)
            folder.rmdir()
