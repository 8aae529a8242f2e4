"""Everything said to the user: messages and progress, on standard error only.

Also what reports look like on a terminal. The one place that knows rich, and loads it only
when there is something of that to show.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from math import log
from typing import TYPE_CHECKING
from unicodedata import category

from bpe_tool import cleanup
from bpe_tool.errors import bounded

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Progress, TaskID
    from rich.text import Text

    from bpe_tool.view import Block, Cell, Curve, Pieces, Tree

PROGRAM = "bpe-tool"

#: Makes one sign of the emoji on its sides.
JOINER = "\u200d"


def escape(text: str) -> str:
    r"""Make text safe for a terminal and keep it on one line.

    Whatever is not printable is written as an escape: control characters, directional
    marks, line separators; bytes of file names that are not UTF-8 as `\xNN`. Only what joins
    emoji stays.

    >>> escape("a\x1b[2J\u202e")
    'a\\x1b[2J\\u202e'
    """
    if JOINER not in text:
        return "".join(char if char.isprintable() else _escaped(char) for char in text)
    return "".join(
        char if char.isprintable() or _joins(text, at) else _escaped(char)
        for at, char in enumerate(text)
    )


def _shown(message: str) -> str:
    """Return a message as it is said, however long what it quotes is."""
    return escape(bounded(message))


def _joins(text: str, at: int) -> bool:
    """Return whether a joiner stands there, between emoji."""
    before, char, after = text[max(0, at - 1) : at], text[at], text[at + 1 :][:1]
    # Emoji that can be joined are symbols from here on; so are colours of skin, and selectors.
    return (
        char == JOINER
        and min(before, after) >= "\u2600"
        and category(before) in ("So", "Sk", "Mn")
        and category(after) == "So"
    )


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode()


class Console:
    """Says things on standard error.

    Args:
        quiet: Say nothing but errors.
        progress: Show progress, if standard error is a terminal.
    """

    def __init__(self, *, quiet: bool = False, progress: bool = True) -> None:
        self._quiet = quiet
        self._shows_progress = progress and not quiet and _is_terminal(sys.stderr)
        self._live: Progress | None = None

    def error(self, message: str, hint: str | None = None) -> None:
        """Say what is wrong, and what to do about it."""
        self._say(f"{PROGRAM}: error: {_shown(message)}")
        if hint:
            self._say(f"hint: {_shown(hint)}")

    def warning(self, message: str, hint: str | None = None) -> None:
        """Say what may not be as expected."""
        if not self._quiet:
            self._say(f"{PROGRAM}: warning: {_shown(message)}")
            if hint:
                self._say(f"hint: {_shown(hint)}")

    def notice(self, message: str) -> None:
        """Say what was done."""
        if not self._quiet:
            self._say(_shown(message))

    def _say(self, line: str) -> None:
        if self._live is not None:
            self._live.console.out(line, highlight=False)
            return
        # Nobody may be listening; that is no reason to stop.
        with contextlib.suppress(OSError, ValueError):
            print(line, file=sys.stderr or _Nowhere(), flush=True)

    @contextlib.contextmanager
    def progress(self) -> Iterator[ProgressBars]:
        """Show progress as long as the context lasts."""
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

        from bpe_tool import threads

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
            # Whoever draws it now and then is a thread.
            auto_refresh=threads.start(lambda: None) is not None,
        )
        cancel = cleanup.register(live.stop)
        try:
            with live:
                self._live = live
                yield ProgressBars(live)
        finally:
            self._live = None
            cancel()


class ProgressBars:
    """Progress of one piece of work, a bar for each phase of it."""

    def __init__(self, live: Progress | None) -> None:
        self._live = live
        self._bars: dict[str, TaskID] = {}

    def update(self, phase: str, done: int, total: int | None) -> None:
        """Show how much of a phase is done. The phases before it then are over."""
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
    """Stands for standard error that was closed before we began."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def _is_terminal(stream: object) -> bool:
    try:
        terminal = stream.isatty()  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        return False
    return bool(terminal) and os.environ.get("TERM") != "dumb"


def output_is_file() -> bool:
    """Return whether standard output is a file.

    Then progress disturbs nobody: neither text on the same terminal, nor the progress of
    the next program in a pipe.
    """
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (AttributeError, OSError, ValueError):
        return False


def shows_colour(output: str | None) -> bool:
    """Return whether data that goes there can be coloured: to a terminal, if that is wanted."""
    return not output and _is_terminal(sys.stdout) and not os.environ.get("NO_COLOR")


#: Backgrounds of neighbouring tokens, as numbers of the 256 colours; all take black text.
SHADES = (117, 156, 222, 218, 189)

#: How wide views are where no terminal says.
PLAIN_WIDTH = 100

#: How long the longest bar is.
BAR_WIDTH = 40

#: Of how many points of a curve there are bars, but for the last one.
CURVE_POINTS = 12


def render(blocks: Sequence[Block], *, colour: bool) -> str:
    """Return blocks as text for a terminal, or for whatever reads standard output.

    Whatever they hold, nothing but printable characters and, with `colour`, sequences of
    ours comes out.
    """
    from io import StringIO

    from rich.console import Console as RichConsole

    out = StringIO()
    width = None if _is_terminal(sys.stdout) else PLAIN_WIDTH
    console = RichConsole(
        file=out,
        force_terminal=colour,
        force_interactive=False,
        color_system="256" if colour else None,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for block in blocks:
        part = _part(block, colour)
        if part is not None:
            if block.title:
                console.print(_styled(block.title, "bold"))
            console.print(part, soft_wrap=not hasattr(part, "columns"))
            note = getattr(block, "note", "")
            if note:
                console.print(_styled(note, "dim"))
            console.print()
    lines = out.getvalue().split("\n")
    return "\n".join(line.rstrip(" ") for line in lines)


def _styled(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(escape(text), style)


def _part(block: Block, colour: bool) -> RenderableType | None:
    """Return what rich makes of a block; `None` where a terminal shows nothing."""
    from bpe_tool import view

    match block:
        case view.Facts():
            return _grid([], block.rows)
        case view.Table():
            return _grid(block.columns, block.rows) if block.rows else _styled("none", "dim")
        case view.Bars():
            most = max(block.values, default=0) or 1
            rows = [
                (label, value, "█" * round(BAR_WIDTH * value / most))
                for label, value in zip(block.labels, block.values, strict=True)
            ]
            return _grid([], rows)
        case view.Curve():
            return _curve(block)
        case view.Pieces():
            return _pieces(block, colour)
        case view.Tree():
            return _tree(block)
        case view.Search():
            return None


def _curve(block: Curve) -> RenderableType:
    """Return some of the points, with bars on the scale of the upright axis."""
    last = len(block.x) - 1
    chosen = [*range(0, last, max(1, last // CURVE_POINTS)), last] if block.x else []
    logarithmic = "y" in block.logarithmic and min(block.y, default=0) > 0
    heights = [log(block.y[at]) if logarithmic else block.y[at] for at in chosen]
    most = max(heights, default=0) or 1
    rows = [
        (block.x[at], block.y[at], "█" * round(BAR_WIDTH * height / most))
        for at, height in zip(chosen, heights, strict=True)
    ]
    return _grid([block.x_label, block.y_label, ""], rows)


def _grid(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> RenderableType:
    from rich.table import Table as RichTable

    from bpe_tool.view import Hint, cell_text

    grid = RichTable(box=None, show_header=bool(columns), header_style="dim", pad_edge=False)
    for at in range(max(len(columns), *map(len, rows)) if rows else len(columns)):
        kind = next((row[at] for row in rows if row[at] is not None), "")
        title = _styled(columns[at]) if columns else ""
        grid.add_column(
            title, justify="left" if isinstance(kind, str | Hint) else "right", overflow="fold"
        )
    for row in rows:
        grid.add_row(*(_styled(cell_text(cell)) for cell in row))
    return grid


def _pieces(block: Pieces, colour: bool) -> Text:
    from rich.text import Text

    text = Text()
    fresh = True
    for at, piece in enumerate(block.pieces):
        if colour:
            text.append(escape(piece.text), f"black on color({SHADES[at % len(SHADES)]})")
        else:
            text.append(("" if fresh else "|") + escape(piece.text).replace("|", "\\|"))
        fresh = piece.ends_line
        if piece.ends_line:
            text.append("\n")
    return text


def _tree(block: Tree) -> Text:
    from rich.text import Text

    text = Text()
    for at, branch in enumerate(block.branches):
        text.append(("\n" if at else "") + "  " * branch.depth + escape(branch.text))
        text.append(f"  {escape(branch.detail)}", "dim")
    return text
