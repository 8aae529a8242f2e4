"""Renders a report as an HTML page."""

from __future__ import annotations

import base64
import html
import json
import zlib
from collections.abc import Sequence

from bpe_tool.rendering.blocks import (
    Bars,
    Block,
    Cell,
    Curve,
    Facts,
    GroupedBars,
    Hint,
    Pieces,
    Search,
    Share,
    Sparklines,
    StackedBars,
    Table,
    Tree,
    cell_text,
    column_texts,
)
from bpe_tool.rendering.escape import html_safe as safe
from bpe_tool.rendering.page import asset, frame
from bpe_tool.rendering.plots import bars, curve, grouped_bars, sparklines, stacked_bars
from bpe_tool.rendering.tokens import MARKS

#: The number of token backgrounds in the style sheet.
SHADES = 5

#: The largest tables (in columns) and bar charts (in labels) that are put side by side.
NARROW_TABLE, FEW_BARS = 3, 24

#: The longest word of a table that is never broken, in characters.
LONG_WORD = 24

#: The heights of frames in notebooks, in lines: without contents, and at most; and of a line.
FRAME, MOST, LINE = 12, 36, 18

_UNMARKED = {ord(mark): char for char, mark in MARKS.items()}


def page(title: str, blocks: Sequence[Block], *, about: str = "", command: str = "") -> bytes:
    """Return a whole page.

    Args:
        title: The title.
        blocks: The contents.
        about: A line below the title.
        command: The command that made it, for the line at its end.
    """
    shown = [(number, block) for number, block in enumerate(blocks) if _has_content(block)]
    contents = "".join(
        f'<li><a href="#b{number}">{safe(block.title)}</a></li>' for number, block in shown
    )
    body = "".join(_section(number, block) for number, block in shown)
    listed = (
        '<a class="skip" href="#main">Skip to content</a>\n'
        f'<nav aria-label="Contents"><ul>{contents}</ul></nav>\n'
    )
    content = f'{listed if len(shown) > 1 else ""}<main id="main">\n{body}</main>\n'
    style, script = (asset(name) for name in ("report.css", "report.js"))
    return frame(title, content, about=about, command=command, style=style, script=script)


def in_notebook(title: str, blocks: Sequence[Block]) -> str:
    """Return a page as markup for a notebook: in a frame, so that neither can change the other.

    The height of the frame is that of short contents, roughly. Users can change it.
    """
    height = min(FRAME + sum(_height(block) for block in blocks if _has_content(block)), MOST)
    inside = html.escape(page(title, blocks).decode())
    return (
        f'<iframe sandbox="allow-scripts" title="{safe(title)}" srcdoc="{inside}" '
        f'style="width: 100%; height: {height * LINE}px; border: 0; resize: vertical"></iframe>'
    )


def _height(block: Block) -> int:
    """Return how many lines a block takes on a page, roughly; many for those that are high."""
    match block:
        case Facts():
            return 6 + 3 * sum(_is_wide(value) for _, value in block.rows)
        case Table():
            return 6 + 2 * len(block.rows)
        case Pieces():
            characters = sum(len(piece.text) for piece in block.pieces)
            return 6 + 2 * (characters // 80 + sum(piece.ends_line for piece in block.pieces))
        case _:
            return MOST


def _wide(value: Cell) -> str:
    return ' class="wide"' if _is_wide(value) else ""


def _is_wide(value: Cell) -> bool:
    """Return whether a value gets a line of its own: it is too long to stand beside others."""
    return len(cell_text(value)) > LONG_WORD


def _has_content(block: Block) -> bool:
    match block:
        case Facts() | Table():
            return bool(block.rows)
        case Bars() | GroupedBars() | StackedBars() | Sparklines():
            return bool(block.values)
        case Curve():
            return len(block.x) > 1
        case _:
            return True


def _section(number: int, block: Block) -> str:
    note = getattr(block, "note", "")
    half = ' class="half"' if _is_small(block) else ""
    return (
        f'<section{half} aria-labelledby="b{number}"><h2 id="b{number}">{safe(block.title)}</h2>\n'
        + (f'<p class="hint">{safe(note)}</p>\n' if note else "")
        + _content(block)
        + "</section>\n"
    )


def _is_small(block: Block) -> bool:
    """Return whether another block fits beside it on a wide screen."""
    match block:
        case Table():
            numbers = all(_is_number(cell) for row in block.rows for cell in row)
            return len(block.columns) <= NARROW_TABLE + numbers
        case Bars() | GroupedBars():
            return len(block.labels) <= FEW_BARS
        case Pieces() | Curve() | StackedBars() | Sparklines():
            return True
        case _:
            return False


def _content(block: Block) -> str:
    match block:
        case Facts():
            facts = "".join(
                f"<div{_wide(value)}><dt>{safe(name)}</dt><dd>{safe(cell_text(value))}</dd></div>"
                for name, value in block.rows
            )
            return f'<dl class="facts">{facts}</dl>\n'
        case Table():
            return _table(block.columns, block.rows, block.marked)
        case Bars():
            rows = list(zip(block.labels, block.values, strict=True))
            return bars(block, safe) + _numbers(_table(block.axes or ("", "value"), rows))
        case GroupedBars() | StackedBars():
            parts: list[Sequence[Cell]] = [
                (label, *values) for label, values in zip(block.labels, block.values, strict=True)
            ]
            table = _numbers(_table(("", *block.parts), parts))
            if isinstance(block, GroupedBars):
                return grouped_bars(block, safe) + table
            return stacked_bars(block, safe) + table
        case Sparklines():
            extremes = [
                (label, Share(min(values, default=0)), Share(max(values, default=0)))
                for label, values in zip(block.labels, block.values, strict=True)
            ]
            return sparklines(block, safe) + _numbers(_table(("", "least", "most"), extremes))
        case Curve():
            points = [(cell_text(x), y) for x, y in zip(block.x, block.y, strict=True)]
            some = points[:: max(1, len(points) // 20)]
            return curve(block, safe) + _numbers(_table((block.x_label, block.y_label), some))
        case Pieces():
            return _pieces(block)
        case Tree():
            return _tree(block)
        case Search():
            return _search(block)


def _numbers(table: str) -> str:
    return f"<details><summary>Numbers</summary>{table}</details>\n"


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[Cell]], marked: int | None = None
) -> str:
    numeric = [all(_is_number(row[at]) for row in rows) for at in range(len(columns))]
    texts = zip(
        *(column_texts([row[at] for row in rows]) for at in range(len(columns))), strict=True
    )
    kinds = [' class="n"' if right else "" for right in numeric]
    current = ' aria-current="true"'
    head = "".join(
        f'<th scope="col"{kind}>{safe(name)}</th>'
        for kind, name in zip(kinds, columns, strict=True)
    )
    body = "".join(
        f"<tr{current if at == marked else ''}>"
        + "".join(
            f"<td{kind}>{_cell(cell, text)}</td>"
            for kind, cell, text in zip(kinds, row, shown, strict=True)
        )
        + "</tr>"
        for at, (row, shown) in enumerate(zip(rows, texts, strict=True))
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n"
    )


def _cell(cell: Cell, shown: str) -> str:
    text = safe(shown)
    # Only words that would make a table too wide are broken.
    broken = ' class="long"' if max(map(len, shown.split()), default=0) > LONG_WORD else ""
    if isinstance(cell, Hint):
        return f'<bdi title="{safe(cell.detail)}"{broken}>{text}</bdi>'
    plain = not isinstance(cell, str) or cell.isascii()
    return text if plain and not broken else f"<bdi{broken}>{text}</bdi>"


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, str):
        return cell.isascii() and cell.isdigit()
    return not isinstance(cell, Hint)


def _pieces(block: Pieces) -> str:
    if not block.pieces:
        return '<p class="hint">No tokens.</p>\n'
    parts = []
    for at, piece in enumerate(block.pieces):
        detail = safe(piece.detail)
        end = "<br>" if piece.ends_line else ""
        parts.append(
            f'<bdi class="t t{at % SHADES}" title="{detail}" data-detail="{detail}">'
            f"{safe(piece.text)}</bdi>{end}"
        )
    return (
        '<output class="detail" aria-live="polite">'
        "Hover a token, or move among them with the arrow keys.</output>"
        '<div class="tokens" tabindex="0" role="group" aria-label="Tokens">'
        f"{''.join(parts)}</div>\n"
    )


def _tree(block: Tree) -> str:
    parts: list[str] = []
    depth = -1
    for branch in block.branches:
        if branch.depth > depth:
            parts.append("<ul>")
        else:
            parts.append("</li>" + "</ul></li>" * (depth - branch.depth))
        parts.append(
            f'<li><bdi class="t t{branch.depth % SHADES}">{safe(branch.text)}</bdi> '
            f'<span class="hint">{safe(branch.detail)}</span>'
        )
        depth = branch.depth
    parts.append("</li></ul>" * (depth + 1))
    return f'<div class="tree scroll" tabindex="0">{"".join(parts)}</div>\n'


def _search(block: Search) -> str:
    """Return a form, and the tokens compressed, so that their text cannot be taken for markup."""
    # The bytes of tokens, if they differ from those of the displayed text.
    other = {
        at: raw.hex()
        for at, (text, raw) in enumerate(zip(block.tokens, block.raw, strict=True))
        if text.translate(_UNMARKED).encode() != raw
    }
    numbers = json.dumps([_steps(block.ids), _steps(block.ranks), other], separators=(",", ":"))
    # The display of a token contains no line end.
    data = "\n".join([numbers, *block.tokens])
    packed = base64.b64encode(zlib.compress(data.encode(), 9)).decode()
    return (
        '<form class="search" role="search"><label>Find a text, a /regex/, or an id as #123 '
        '<input type="search" name="query" autocomplete="off" spellcheck="false"></label></form>'
        '<output class="found" aria-live="polite"></output>'
        '<div class="scroll" tabindex="0" role="region" aria-label="Tokens found"><table>'
        '<thead><tr><th scope="col">token</th><th scope="col" class="n">id</th>'
        '<th scope="col" class="n">rank</th><th scope="col">bytes</th></tr></thead>'
        '<tbody class="hits"></tbody></table></div>'
        f'<script type="application/octet-stream" class="data">{packed}</script>\n'
    )


def _steps(numbers: Sequence[int]) -> list[int]:
    """Return the first number, then the differences, which are mostly 1."""
    return [number - before for before, number in zip((0, *numbers), numbers, strict=False)]
