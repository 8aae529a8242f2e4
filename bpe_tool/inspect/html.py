"""A report as one page: no network, no foreign code, light and dark.

Everything in it is escaped here, once. Besides, the page's own policy lets no script and
no style run but those written here, and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import zlib
from collections.abc import Sequence
from importlib import resources

from bpe_tool.console import escape
from bpe_tool.inspect.plots import bars, curve
from bpe_tool.view import (
    Bars,
    Block,
    Cell,
    Curve,
    Facts,
    Pieces,
    Search,
    Table,
    Tree,
    cell_text,
)

#: How many backgrounds of tokens the style sheet has.
SHADES = 5


def page(title: str, blocks: Sequence[Block]) -> bytes:
    """Return a whole page."""
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    shown = [(number, block) for number, block in enumerate(blocks) if _has_content(block)]
    contents = "".join(
        f'<li><a href="#b{number}">{safe(block.title)}</a></li>' for number, block in shown
    )
    body = "".join(_section(number, block) for number, block in shown)
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="color-scheme" content="light dark">\n',
        f"<title>{safe(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        f'<a class="skip" href="#main">Skip to content</a>\n<header><h1>{safe(title)}</h1>\n',
        f'<nav aria-label="Contents"><ul>{contents}</ul></nav></header>\n',
        f'<main id="main">\n{body}</main>\n<script>{script}</script>\n</body>\n</html>\n',
    ]
    return "".join(parts).encode()


def safe(text: str) -> str:
    """Return text as it may stand anywhere in the page, between quotes, too."""
    return html.escape(escape(text), quote=True)


def _asset(name: str) -> str:
    return (resources.files("bpe_tool.inspect") / name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _has_content(block: Block) -> bool:
    match block:
        case Facts() | Table():
            return bool(block.rows)
        case Bars():
            return bool(block.values)
        case Curve():
            return len(block.x) > 1
        case _:
            return True


def _section(number: int, block: Block) -> str:
    note = getattr(block, "note", "")
    return (
        f'<section aria-labelledby="b{number}"><h2 id="b{number}">{safe(block.title)}</h2>\n'
        + (f'<p class="note">{safe(note)}</p>\n' if note else "")
        + _content(block)
        + "</section>\n"
    )


def _content(block: Block) -> str:
    match block:
        case Facts():
            facts = "".join(
                f"<div><dt>{safe(name)}</dt><dd>{safe(cell_text(value))}</dd></div>"
                for name, value in block.rows
            )
            return f'<dl class="facts">{facts}</dl>\n'
        case Table():
            return _table(block.columns, block.rows)
        case Bars():
            rows = list(zip(block.labels, block.values, strict=True))
            return bars(block, safe) + _numbers(_table(("", "count"), rows))
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


def _table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    numeric = [all(_is_number(row[at]) for row in rows) for at in range(len(columns))]
    kinds = [' class="n"' if right else "" for right in numeric]
    head = "".join(
        f'<th scope="col"{kind}>{safe(name)}</th>'
        for kind, name in zip(kinds, columns, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{kind}>{safe(cell_text(cell))}</td>" for kind, cell in zip(kinds, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n"
    )


def _is_number(cell: Cell) -> bool:
    return not isinstance(cell, str) or (cell.isascii() and cell.isdigit())


def _pieces(block: Pieces) -> str:
    parts = []
    for at, piece in enumerate(block.pieces):
        detail = safe(piece.detail)
        end = "<br>" if piece.ends_line else ""
        parts.append(
            f'<bdi class="t t{at % SHADES}" title="{detail}" data-detail="{detail}">'
            f"{safe(piece.text)}</bdi>{end}"
        )
    return (
        '<p class="hint">Hover a token, or move among them with the arrow keys.</p>'
        '<div class="tokens" tabindex="0" role="group" aria-label="Tokens">'
        f'{"".join(parts)}</div><output class="detail" aria-live="polite"></output>\n'
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
    """Return a form, and the tokens compressed: no text that a page could take for its own."""
    numbers = json.dumps([_steps(block.ids), _steps(block.ranks)], separators=(",", ":"))
    # What is shown of a token has no line end.
    data = "\n".join([numbers, *block.tokens])
    packed = base64.b64encode(zlib.compress(data.encode(), 9)).decode()
    return (
        '<form class="search" role="search"><label>Text, /regex/ or #id '
        '<input type="search" name="query" autocomplete="off" spellcheck="false"></label></form>'
        '<output class="found" aria-live="polite"></output>'
        '<div class="scroll" tabindex="0" role="region" aria-label="Tokens found"><table>'
        '<thead><tr><th scope="col">token</th><th scope="col" class="n">id</th>'
        '<th scope="col" class="n">rank</th></tr></thead><tbody class="hits"></tbody></table></div>'
        f'<script type="application/octet-stream" class="data">{packed}</script>\n'
    )


def _steps(numbers: Sequence[int]) -> list[int]:
    """Return the first number and how far each is from the one before: mostly 1."""
    return [number - before for before, number in zip((0, *numbers), numbers, strict=False)]
