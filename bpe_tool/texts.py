"""The types of texts, of what the text of a special token means, and what lacks tokens."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar

Text: TypeAlias = str | bytes
Special: TypeAlias = Literal["text", "token", "error"]
Missing: TypeAlias = Literal["follow", "error"]

#: A text of either type, where the result is of the same type.
AnyText = TypeVar("AnyText", str, bytes)


def without_tokens(count: int) -> str:
    """Return what to say of text that had no tokens."""
    what = "1 byte or character has" if count == 1 else f"{count:,} bytes or characters have"
    return (
        f"{what} no token in this vocabulary: as its model says, they were left out or became "
        "the unknown token"
    )
