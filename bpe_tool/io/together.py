"""Several files that belong together, replaced such that nobody ever sees some of two runs.

No system renames several files at once. So

1. all new ones are brought to the disk, and the old ones are copied, before anything changes:
   a full disk is met here;
2. of the old ones all but the first are taken away, the last of them first; the first is
   replaced; the others are put in place, in order. Nothing comes between, and other processes
   that write there wait;
3. if one of these steps fails, or is interrupted, all of them are taken back.

So whoever looks at a moment between, or after a process was killed there, finds the first file,
old or new, and of the others those of the same run, or none.
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
from bpe_tool.io.temporaries import lock
from bpe_tool.runtime import signals

#: So many seconds another process may take to put its files in place.
PATIENCE = 10.0


def write_files(files: Mapping[Path, bytes], *, remove: Collection[Path] = ()) -> None:
    """Write files and remove others: all of it, or nothing.

    Args:
        files: What is to be in which file. The first is what the others are about.
        remove: Files that would be about the old first one. They need not be there.

    Raises:
        OSError: Something cannot be written. Everything is as it was.
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
    """Put the old files back, such that nobody sees some of two runs either."""
    # What cannot be put back is missing then.
    with contextlib.suppress(OSError):
        changed = [change for change in changes if change.is_made()]
        for change in reversed(changed):
            if change is not changes[0]:
                change.take_away()
        for change in changed:
            change.put_back()


class _Change:
    """One file that is replaced or removed.

    Args:
        path: The file.
        new: What it is replaced with; `None` to remove it.
    """

    def __init__(self, path: Path, new: Path | None) -> None:
        self._path = path
        self.target = path.resolve()
        self._new = new
        self._old: AtomicFile | None = None
        self._before: os.stat_result | None = None

    def keep_old(self) -> None:
        """Copy the old file, if there is one. Not all file systems have links."""
        with naming(self._path, self.target):
            self._before = _status(self.target)
            if self._before is not None:
                self._old = AtomicFile(self.target)
                self._old.write(self.target.read_bytes())
                self._old.prepare()

    def take_away(self) -> None:
        """Remove what is there."""
        with naming(self._path, self.target):
            self.target.unlink(missing_ok=True)

    def put(self) -> None:
        """Put the new file in place, if there is one."""
        with naming(self._path, self._new):
            if self._new is not None:
                self._new.replace(self.target)

    def is_made(self) -> bool:
        """Return whether something else is there than before, or nothing anymore."""
        now = _status(self.target)
        if now is None or self._before is None:
            return now is not self._before
        return not os.path.samestat(now, self._before)

    def put_back(self) -> None:
        """Put the old file in place, or none if there was none."""
        if self._old is None:
            self.target.unlink(missing_ok=True)
            return
        try:
            self._old.temporary.replace(self.target)
        except OSError:
            # Where nothing can be renamed anymore, it may be possible to write.
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
    """Wait for other processes that put files in place there, and keep them waiting."""
    with naming(folder):
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + PATIENCE
        while lock(file) is False:
            if time.monotonic() > end:
                what = "another process is writing there, and does not end"
                raise OSError(errno.EAGAIN, what, str(folder))
            time.sleep(0.01)
        yield
    finally:
        with contextlib.suppress(OSError):
            os.close(file)
