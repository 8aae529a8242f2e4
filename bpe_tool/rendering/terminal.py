"""Renders reports as text, for a terminal or a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING

from bpe_tool.rendering.escape import escape

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from bpe_tool.rendering.blocks import (
        Block,
        Cell,
        Curve,
        GroupedBars,
        Pieces,
        Sparklines,
        StackedBars,
        Table,
        Tree,
    )

#: The backgrounds of neighbouring tokens, as 256-colour numbers; black text is legible on all.
SHADES = (117, 156, 222, 218, 189)

#: The width of views without a terminal.
PLAIN_WIDTH = 100

#: The length of the longest bar.
BAR_WIDTH = 40

#: The characters of the parts of stacked bars, and of the heights of sparklines.
PARTS, HEIGHTS = "█░×", "▁▂▃▄▅▆▇█"

#: The variables that ask for colours also where the output is no terminal.
FORCING = ("FORCE_COLOR", "CLICOLOR_FORCE")

#: How many points of a curve are shown as bars, besides the last one.
CURVE_POINTS = 12


def is_terminal(stream: object) -> bool:
    """Return whether a stream is a terminal that understands control sequences."""
    try:
        terminal = stream.isatty()  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        return False
    return bool(terminal) and os.environ.get("TERM") != "dumb"


def shows_colour(output: str | None) -> bool:
    """Return whether data is coloured: on a terminal, or if a variable asks for it elsewhere.

    `NO_COLOR` counts before `FORCE_COLOR` and `CLICOLOR_FORCE`. Files are never coloured.
    """
    if output or os.environ.get("NO_COLOR"):
        return False
    forced = any(os.environ.get(name, "") not in ("", "0") for name in FORCING)
    return forced or is_terminal(sys.stdout)


def render(blocks: Sequence[Block], *, colour: bool) -> str:
    """Return blocks as text.

    Whatever they contain, the text consists of printable characters and, with `colour`, the
    control sequences for colours.
    """
    from io import StringIO

    from rich.console import Console as RichConsole

    out = StringIO()
    width = None if is_terminal(sys.stdout) else PLAIN_WIDTH
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
    """Return a block as rich shows it; `None` if a terminal does not show it."""
    from bpe_tool.rendering import blocks as view

    match block:
        case view.Facts():
            return _grid([], block.rows, same_kind=False)
        case view.Table():
            return _table(block)
        case view.Bars():
            most = max(block.values, default=0) or 1
            rows = [
                (label, value, "█" * round(BAR_WIDTH * value / most))
                for label, value in zip(block.labels, block.values, strict=True)
            ]
            return _grid([], rows)
        case view.GroupedBars():
            return _grouped(block)
        case view.StackedBars():
            return _stacked(block)
        case view.Sparklines():
            return _sparklines(block)
        case view.Curve():
            return _curve(block)
        case view.Pieces():
            return _pieces(block, colour)
        case view.Tree():
            return _tree(block)
        case view.Search():
            return None


def _table(block: Table) -> RenderableType:
    """Return a table; an arrow points to the marked row."""
    if not block.rows:
        return _styled("none", "dim")
    if block.marked is None:
        return _grid(block.columns, block.rows)
    rows = [("→" if at == block.marked else "", *row) for at, row in enumerate(block.rows)]
    return _grid(["", *block.columns], rows)


def _grouped(block: GroupedBars) -> RenderableType:
    """Return a line for each bar; the label stands before the first of each group."""
    most = max((max(values) for values in block.values), default=0) or 1
    rows = [
        ("" if at else label, part, value, "█" * round(BAR_WIDTH * value / most))
        for label, values in zip(block.labels, block.values, strict=True)
        for at, (part, value) in enumerate(zip(block.parts, values, strict=True))
    ]
    return _grid([], rows)


def _stacked(block: StackedBars) -> RenderableType:
    """Return bars of equal length, and a line that says which character is which part."""
    rows: list[Sequence[Cell]] = []
    for label, values in zip(block.labels, block.values, strict=True):
        whole = sum(values) or 1
        ends = [round(BAR_WIDTH * sum(values[: at + 1]) / whole) for at in range(len(values))]
        parts = zip(PARTS, ends, [0, *ends], strict=False)
        rows.append((label, "".join(char * (end - start) for char, end, start in parts)))
    key = "  ".join(f"{char} {name}" for char, name in zip(PARTS, block.parts, strict=False))
    return _grid([], [*rows, ("", key)])


def _sparklines(block: Sparklines) -> RenderableType:
    rows = []
    for label, values in zip(block.labels, block.values, strict=True):
        heights = [int(value / block.full * len(HEIGHTS)) for value in values]
        rows.append((label, "".join(HEIGHTS[min(at, len(HEIGHTS) - 1)] for at in heights)))
    return _grid([], rows)


def _curve(block: Curve) -> RenderableType:
    """Return some of the points, with bars on the scale of the vertical axis."""
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


def _grid(
    columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, same_kind: bool = True
) -> RenderableType:
    """Return rows of cells; `same_kind` if the cells of a column can be compared."""
    from rich.table import Table as RichTable

    from bpe_tool.rendering.blocks import Hint, cell_text, column_texts

    grid = RichTable(box=None, show_header=bool(columns), header_style="dim", pad_edge=False)
    texts = []
    for at in range(len(rows[0]) if rows else len(columns)):
        cells = [row[at] for row in rows]
        texts.append(column_texts(cells) if same_kind else list(map(cell_text, cells)))
        kind = next((cell for cell in cells if cell is not None), "")
        title = _styled(columns[at]) if columns else ""
        grid.add_column(
            title, justify="left" if isinstance(kind, str | Hint) else "right", overflow="fold"
        )
    for row in zip(*texts, strict=True):
        grid.add_row(*map(_styled, row))
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
