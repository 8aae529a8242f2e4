"""Replaces several files that belong together, so that files of two runs are never mixed.

No system renames several files at once. Therefore

1. all new files are written to the disk and the old ones are copied, before anything changes.
   A full disk is detected here;
2. all old files but the first are removed, the last one first; the first is replaced; the others
   are put in place, in order. Signals wait until then, and so do other processes that write to
   these directories;
3. if one of these steps fails, all of them are undone.

At every moment, also after a crash, a reader finds the first file, old or new, and of the other
files only those of the same run.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from bpe_tool.io.atomic import AtomicFile, sync_directory
from bpe_tool.io.file_state import naming
from bpe_tool.runtime import signals, system

#: How many seconds to wait for another process that puts its files in place.
PATIENCE = 10.0


def write_files(files: Mapping[Path, bytes], *, remove: Collection[Path] = ()) -> None:
    """Write files and remove others, as one change.

    Args:
        files: The content of each file. The others belong to the first one.
        remove: Files that belong to the old first one. They need not exist.

    Raises:
        OSError: A file cannot be written. Everything is as it was before.
    """
    with contextlib.ExitStack() as stack:
        new = []
        for path, data in files.items():
            file = AtomicFile(path)
            stack.callback(file.discard)
            file.write(data)
            new.append(file)
        for file in new:
            file.prepare()
        gone = [path for path in remove if path.exists()]
        if len(new) == 1 and not gone:
            new[0].commit()
            return
        changes = [_Change(file.path, file.temporary) for file in new if file.replaces]
        changes += [_Change(path, None) for path in gone]
        folders = sorted({change.target.parent for change in changes})
        for folder in folders:
            stack.enter_context(_alone_in(folder))
        for change in changes:
            stack.callback(change.forget_old)
            change.keep_old()
        with signals.Held():
            try:
                for change in reversed(changes[1:]):
                    change.take_away()
                for change in changes:
                    change.put()
                for folder in folders:
                    sync_directory(folder)
            except BaseException:
                _undo(changes)
                raise


def _undo(changes: Sequence[_Change]) -> None:
    """Put the old files back, again without mixing two runs."""
    # A file that cannot be put back is missing then.
    with contextlib.suppress(OSError):
        changed = [change for change in changes if change.is_made()]
        for change in reversed(changed):
            if change is not changes[0]:
                change.take_away()
        for change in changed:
            change.put_back()


class _Change:
    """The replacement or removal of one file.

    Args:
        path: The file.
        new: The file that replaces it; `None` to remove it.
    """

    def __init__(self, path: Path, new: Path | None) -> None:
        self._path = path
        self.target = path.resolve()
        self._new = new
        self._old: AtomicFile | None = None
        self._before: os.stat_result | None = None

    def keep_old(self) -> None:
        """Copy the old file, if there is one. Not all file systems could link it instead."""
        with naming(self._path, self.target):
            self._before = _status(self.target)
            if self._before is not None:
                self._old = AtomicFile(self.target)
                self._old.write(self.target.read_bytes())
                self._old.prepare()

    def take_away(self) -> None:
        """Remove the file."""
        with naming(self._path, self.target):
            self.target.unlink(missing_ok=True)

    def put(self) -> None:
        """Put the new file in place, if there is one."""
        with naming(self._path, self._new):
            if self._new is not None:
                self._new.replace(self.target)

    def is_made(self) -> bool:
        """Return whether the file was replaced or removed."""
        now = _status(self.target)
        if now is None or self._before is None:
            return now is not self._before
        return not os.path.samestat(now, self._before)

    def put_back(self) -> None:
        """Restore the old file; remove the new one if there was none."""
        if self._old is None:
            self.target.unlink(missing_ok=True)
            return
        try:
            self._old.temporary.replace(self.target)
        except OSError:
            # Writing may still be possible where renaming is not.
            shutil.copyfile(self._old.temporary, self.target)

    def forget_old(self) -> None:
        """Remove the copy."""
        if self._old is not None:
            self._old.discard()


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Lock a directory against other processes that put files in place in it."""
    with naming(folder):
        file = system.open_directory(folder)
    try:
        end = time.monotonic() + PATIENCE
        while system.lock(file) is False:
            if time.monotonic() > end:
                what = "another process keeps writing there"
                raise OSError(errno.EAGAIN, what, str(folder))
            time.sleep(0.01)
        yield
    finally:
        with contextlib.suppress(OSError):
            system.close(file)
