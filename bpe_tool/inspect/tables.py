"""Tables of tokens, as all reports show them."""

from __future__ import annotations

from collections.abc import Sequence

from bpe_tool.inspect.report import Token
from bpe_tool.rendering.blocks import Cell, Hint, Table
from bpe_tool.rendering.tokens import brief, brief_hex


def token_cell(token: Token) -> Hint:
    """Return a token as a cell that also tells its id and bytes."""
    kind = "special token, " if token.special else ""
    return Hint(brief(token.raw), f"{kind}id {token.id} · {brief_hex(token.raw)}")


def token_table(title: str, tokens: Sequence[Token], *, total: int | None = None) -> Table:
    """Return tokens with their ids and lengths in bytes; `total` of them there are."""
    rows: list[tuple[Cell, ...]] = [
        (token_cell(token), str(token.id), len(token.raw)) for token in tokens
    ]
    more = 0 if total is None else total - len(tokens)
    return Table(title, ("token", "id", "length"), rows, f"and {more:,} more" if more else "")
