"""A text as a tokenizer splits it: what is shown of it everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bpe_tool.errors import LimitError
from bpe_tool.rendering.blocks import Piece
from bpe_tool.rendering.tokens import hex_bytes, in_parts

if TYPE_CHECKING:
    from bpe_tool import _core
    from bpe_tool.texts import Special

#: More tokens, of which a report on screen takes 1.5 KB each, are refused.
MOST_TOKENS = 1_000_000

#: The size of text that is read at most, as tokens can be long.
MOST_BYTES = 64 * 1024 * 1024
_HINT = "inspect a part of it; `bpe-tool encode --format ndjson --offsets` takes any length"


class Split(NamedTuple):
    """A text in tokens.

    Attributes:
        ids: The ids.
        offsets: Where each token begins and ends in the text, in bytes.
        raws: The bytes of the text that each covers; those of the token, where a vocabulary
            changes text before encoding it.
        specials: The ids that are special tokens.
    """

    ids: list[int]
    offsets: list[tuple[int, int]]
    raws: list[bytes]
    specials: frozenset[int]

    def first(self, count: int) -> Split:
        """Return the first tokens alone."""
        return Split(self.ids[:count], self.offsets[:count], self.raws[:count], self.specials)

    def pieces(self) -> list[Piece]:
        """Return each token as it is shown, with details."""
        return [
            Piece(label, detail(id, start, end, raw, id in self.specials), raw.endswith(b"\n"))
            for label, id, (start, end), raw in zip(
                in_parts(self.raws), self.ids, self.offsets, self.raws, strict=True
            )
        ]


def refuse_long(core: _core.Tokenizer, raw: bytes, special: Special) -> None:
    """Refuse a text that is too long to show all its tokens.

    Raises:
        LimitError: It has more than `MOST_BYTES`, or `MOST_TOKENS`.
    """
    if len(raw) > MOST_BYTES:
        raise LimitError(f"the text has more than {MOST_BYTES:,} bytes", hint=_HINT)
    if len(raw) > MOST_TOKENS and (count := core.count(raw, special, False)) > MOST_TOKENS:
        raise LimitError(f"the text has {count:,} tokens, over {MOST_TOKENS:,}", hint=_HINT)


def split(core: _core.Tokenizer, raw: bytes, special: Special) -> Split:
    """Split a text into tokens.

    Raises:
        SpecialTokenError: It contains a special token, and `special` is `"error"`.
    """
    ids, offsets = core.encode_with_offsets(raw, special, False)
    raws = [raw[start:end] for start, end in offsets]
    if b"".join(raws) != raw:
        # Steps before encoding changed the text, so the bytes are those of the tokens.
        raws = [core.id_to_token(id) for id in ids]
    specials = frozenset(core.special_tokens.values()) if special == "token" else frozenset()
    return Split(ids, offsets, raws, specials)


def detail(id: int, start: int, end: int, raw: bytes, special: bool) -> str:
    """Return what is said of one token: its id, where it is in the text, and its bytes."""
    kind = "special token, " if special else ""
    return f"{kind}id {id} · bytes {start}–{end}: {hex_bytes(raw)}"
