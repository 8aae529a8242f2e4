"""Replaces a set of shards by another one, such that a killed run never leaves a false one.

New files are made in a hidden directory inside the set's own. Only when all of them are on
the disk is the old set, if there is one, taken away and the new one put in its place, the
manifest last. So a run that is killed leaves

- at any time before: what was there, and the hidden directory;
- within these last moments: no manifest, and the hidden directory, in which manifests say
  what the files around it are.

The next run removes both, and nothing that is not named in a manifest of its own kind.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from bpe_tool import cleanup
from bpe_tool.atomic import AtomicFile, make_directory, sync_directory
from bpe_tool.disk import naming
from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.shards.manifest import MANIFEST, Manifest

#: How the names of all shards begin.
SHARD = "shard-"

#: What the manifest of the set that is replaced is called in the hidden directory.
REPLACED = "replaced.json"

_STAGING = re.compile(r"\.shards\.[0-9a-f]{16}\.tmp")


def unfinished(folder: Path) -> list[Path]:
    """Return the hidden directories that runs have left, or are at work in."""
    return [each for each in folder.iterdir() if _STAGING.fullmatch(each.name) and each.is_dir()]


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
        OSError: The directory cannot be written to.
    """

    def __init__(self, folder: Path, *, force: bool) -> None:
        try:
            make_directory(folder)
        except FileExistsError:
            what = "it is no directory, which a set of shards is"
            raise NotADirectoryError(errno.ENOTDIR, what, str(folder)) from None
        self._folder = folder
        # Whether the old set is being replaced: what a run cannot finish is left to the next.
        self._replacing = False
        self._lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._claim()
            if (folder / MANIFEST).exists() and not force:
                raise ArgumentError(
                    f"{folder} holds a set of shards already",
                    hint="`force` replaces it once the new one is complete",
                )
            self._clean()
            self._old = self._old_files()
            self._refuse_foreign()
            self.path = folder / f".shards.{secrets.token_hex(8)}.tmp"
            self._make()
        except BaseException:
            os.close(self._lock)
            raise

    @contextlib.contextmanager
    def naming(self) -> Iterator[None]:
        """Let errors name files by their places in the set, not by those they were made in."""
        try:
            yield
        except OSError as error:
            path = Path(str(error.filename))
            if path.parent == self.path:
                error.filename = str(self._folder / path.name)
                # Of a renaming, messages would name both places.
                del error.filename2
            raise

    def commit(self, manifest: Manifest) -> None:
        """Put the set in its place. All its files are on the disk already.

        Raises:
            OSError: Something cannot be written.
        """
        with AtomicFile(self.path / MANIFEST) as file:
            file.write(manifest.to_bytes())
        self._replacing = True
        if (self._folder / MANIFEST).exists():
            (self._folder / MANIFEST).rename(self.path / REPLACED)
            # From now on nobody takes what is there for complete.
            sync_directory(self._folder)
        for name in self._old:
            (self._folder / name).unlink(missing_ok=True)
        for shard in manifest.shards:
            for entry in shard.files:
                (self.path / entry.name).rename(self._folder / entry.name)
        sync_directory(self._folder)
        (self.path / MANIFEST).rename(self._folder / MANIFEST)
        sync_directory(self._folder)
        self._replacing = False

    def close(self) -> None:
        """Remove the hidden directory, and let others write here."""
        try:
            self._discard()
            self._cancel()
        finally:
            os.close(self._lock)

    def _make(self) -> None:
        self._cancel = cleanup.register(self._discard)
        try:
            with naming(self._folder):
                self.path.mkdir()
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                self._discard()
            self._cancel()
            raise

    def _discard(self) -> None:
        if not self._replacing:
            _remove(self.path)

    def _claim(self) -> None:
        """Keep other processes from writing here as long as this one does."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno == errno.EWOULDBLOCK:
                raise ArgumentError(f"another process is writing to {self._folder}") from None
            # Some file systems have no locks.

    def _clean(self) -> None:
        """Remove what killed runs have left."""
        for left in unfinished(self._folder):
            if not (self._folder / MANIFEST).exists():
                for name in (REPLACED, MANIFEST):
                    for each in _files(left, name):
                        (self._folder / each).unlink(missing_ok=True)
            _remove(left)

    def _old_files(self) -> list[str]:
        return _files(self._folder, MANIFEST)

    def _refuse_foreign(self) -> None:
        """Refuse to overwrite files of which nothing says that they are ours."""
        for each in self._folder.iterdir():
            if each.name.startswith(SHARD) and each.name not in self._old:
                raise ArgumentError(
                    f"{each} is in the way, and belongs to no set that has a manifest",
                    hint="remove it, or write to another directory with `output`",
                )


def _files(folder: Path, name: str) -> list[str]:
    """Return the names of shards' files in a manifest; none if it is missing or damaged."""
    try:
        manifest = Manifest.load(folder, name)
    except (OSError, DataError):
        return []
    names = [entry.name for shard in manifest.shards for entry in shard.files]
    return [each for each in names if each.startswith(SHARD)]


def _remove(path: Path) -> None:
    """Remove a hidden directory with the files in it."""
    with os.scandir(path) as entries:
        for entry in entries:
            Path(entry.path).unlink()
    path.rmdir()
