"""Messages and progress for the user, on standard error only.

rich draws the progress; it is imported only when there is something to draw.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bpe_tool.errors import bounded
from bpe_tool.rendering.escape import escape
from bpe_tool.rendering.terminal import is_terminal
from bpe_tool.runtime import signals

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PROGRAM = "bpe-tool"


def _shown(message: str) -> str:
    """Return a message as it is shown: bounded and escaped."""
    return escape(bounded(message))


class Console:
    """Writes messages to standard error.

    Args:
        quiet: Show errors only.
        progress: Show progress, if standard error is a terminal.
    """

    def __init__(self, *, quiet: bool = False, progress: bool = True) -> None:
        self._quiet = quiet
        self._shows_progress = progress and not quiet and is_terminal(sys.stderr)
        self._live: Progress | None = None

    def error(self, message: str, hint: str | None = None) -> None:
        """Show an error, and what to do about it."""
        self._say(f"{PROGRAM}: error: {_shown(message)}")
        if hint:
            self._say(f"hint: {_shown(hint)}")

    def warning(self, message: str, hint: str | None = None) -> None:
        """Warn of something unexpected."""
        if not self._quiet:
            self._say(f"{PROGRAM}: warning: {_shown(message)}")
            if hint:
                self._say(f"hint: {_shown(hint)}")

    @property
    def shows_notices(self) -> bool:
        """Whether notices are shown. What only they need takes no time otherwise."""
        return not self._quiet

    def notice(self, message: str) -> None:
        """Report what was done."""
        if not self._quiet:
            self._say(_shown(message))

    def _say(self, line: str) -> None:
        if self._live is not None:
            self._live.console.out(line, highlight=False)
            return
        # Standard error may be closed; that is no reason to stop.
        with contextlib.suppress(OSError, ValueError):
            print(line, file=sys.stderr or _Nowhere(), flush=True)

    @contextlib.contextmanager
    def progress(self) -> Iterator[ProgressBars]:
        """Show progress while the context lasts."""
        if not self._shows_progress:
            yield ProgressBars(None)
            return
        from rich.console import Console as RichConsole
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        from bpe_tool.runtime import thread_start

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
        )
        live = Progress(
            *columns,
            console=RichConsole(stderr=True),
            transient=True,
            # Refreshing on its own takes a thread.
            auto_refresh=thread_start.start(lambda: None) is not None,
        )
        cancel = signals.register(live.stop)
        try:
            with live:
                self._live = live
                yield ProgressBars(live)
        finally:
            self._live = None
            cancel()


class ProgressBars:
    """The progress of a job, with a bar for each phase."""

    def __init__(self, live: Progress | None) -> None:
        self._live = live
        self._bars: dict[str, TaskID] = {}

    def update(self, phase: str, done: int, total: int | None) -> None:
        """Show how much of a phase is done. A new phase ends those before it."""
        if self._live is None:
            return
        if phase not in self._bars:
            for bar in self._bars.values():
                self._live.stop_task(bar)
            self._bars[phase] = self._live.add_task(phase)
        self._live.update(
            self._bars[phase],
            completed=done,
            total=total,
            refresh=not self._live.live.auto_refresh,
        )


class _Nowhere:
    """Replaces standard error that was closed before the program started."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def output_is_file() -> bool:
    """Return whether standard output is a file.

    Then progress does not mix with text on the same terminal, or with the progress of the
    next program in a pipe.
    """
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (AttributeError, OSError, ValueError):
        return False
