"""Tables of tokens, the same for all reports."""

from __future__ import annotations

from collections.abc import Sequence

from bpe_tool.inspect.report import Token
from bpe_tool.rendering.blocks import Cell, Hint, Table
from bpe_tool.rendering.tokens import brief, brief_hex


def token_cell(token: Token) -> Hint:
    """Return the cell of a token, with its id and bytes as detail."""
    kind = "special token, " if token.special else ""
    return Hint(brief(token.raw), f"{kind}id {token.id} · {brief_hex(token.raw)}")


def token_table(title: str, tokens: Sequence[Token], *, total: int | None = None) -> Table:
    """Return a table of tokens with ids and lengths in bytes.

    If there are more tokens than these, `total` is the number of all.
    """
    rows: list[tuple[Cell, ...]] = [
        (token_cell(token), str(token.id), len(token.raw)) for token in tokens
    ]
    more = 0 if total is None else total - len(tokens)
    return Table(title, ("token", "id", "length"), rows, f"and {more:,} more" if more else "")
