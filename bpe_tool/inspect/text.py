"""Texts in their tokens, by one tokenizer or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bpe_tool.inspect.report import Report
from bpe_tool.inspect.show import hex_bytes, visible
from bpe_tool.view import Block, Facts, Piece, Pieces, Table

if TYPE_CHECKING:
    from bpe_tool import _core
    from bpe_tool.tokenizer import Special, Text, Tokenizer


@dataclass(frozen=True)
class Span:
    """One token in a text.

    Attributes:
        id: Its id.
        bytes: The bytes of the text that it covers.
        start: Where they begin in the text, in bytes.
        end: Where they end.
        char_start: In which character they begin: as many are complete before it.
        char_end: So many characters of the text are begun at its end.
        special: Whether it is a special token.
    """

    id: int
    bytes: bytes
    start: int
    end: int
    char_start: int
    char_end: int
    special: bool = False


@dataclass(frozen=True)
class Tokenized:
    """A text as one tokenizer has it.

    Attributes:
        tokenizer: The tokenizer's name.
        count: How many tokens there are.
        tokens: They.
    """

    tokenizer: str
    count: int
    tokens: tuple[Span, ...]


@dataclass(frozen=True)
class TextReport(Report):
    """A text in its tokens.

    Attributes:
        bytes: The length of the text in bytes.
        characters: And in characters; each byte outside UTF-8 counts as one.
        tokenizers: The text as each tokenizer has it.
    """

    SCHEMA: ClassVar[str] = "bpe_tool.inspect.text/1"
    TITLE: ClassVar[str] = "Text in tokens"

    bytes: int
    characters: int
    tokenizers: tuple[Tokenized, ...]

    def view(self) -> list[Block]:
        """Return the texts in colour, and a table of the counts."""
        blocks: list[Block] = [
            Pieces(
                f"{each.tokenizer}: {each.count:,} tokens" if each.tokenizer else "Tokens",
                pieces(each.tokens),
            )
            for each in self.tokenizers
        ]
        if len(self.tokenizers) == 1:
            count = self.tokenizers[0].count
            rows = [("tokens", count), ("bytes", self.bytes), ("characters", self.characters)]
            return [*blocks, Facts("Lengths", rows)]
        least = min(each.count for each in self.tokenizers)
        table = [
            (
                each.tokenizer,
                each.count,
                each.count / least if least else None,
                self.bytes / each.count if each.count else None,
            )
            for each in self.tokenizers
        ]
        columns = ("tokenizer", "tokens", "to the least", "bytes per token")
        return [*blocks, Table("Side by side", columns, table)]


def inspect_text(
    tokenizers: Tokenizer | Mapping[str, Tokenizer], text: Text, *, special: Special = "text"
) -> TextReport:
    """Show a text in its tokens.

    Args:
        tokenizers: A tokenizer, or several by the names they are to have.
        text: The text.
        special: What the text of a special token in it means; see `Tokenizer`.

    Raises:
        DataError: The text is a `str` with a lone surrogate.
        SpecialTokenError: It holds a special token, and `special` is `"error"`.
    """
    named = tokenizers if isinstance(tokenizers, Mapping) else {"": tokenizers}
    return text_report({name: each._core for name, each in named.items()}, text, special)


def text_report(
    cores: Mapping[str, _core.Tokenizer], text: Text, special: str = "text"
) -> TextReport:
    """See `inspect_text`."""
    done = tuple(_tokenized(name, core, text, special) for name, core in cores.items())
    raw = text.encode() if isinstance(text, str) else bytes(text)
    return TextReport(len(raw), len(raw.decode("utf-8", "surrogateescape")), done)


def _tokenized(name: str, core: _core.Tokenizer, text: Text, special: str) -> Tokenized:
    ids, offsets = core.encode_with_offsets(text, special, False)
    raw = text.encode() if isinstance(text, str) else bytes(text)
    covered = [raw[start:end] for start, end in offsets]
    if b"".join(covered) != raw:
        # A normalizer changed the text: what there is are the tokens.
        covered = [core.id_to_token(id) for id in ids]
    specials = set(core.special_tokens.values()) if special == "token" else set()
    tokens: list[Span] = []
    starts, ends = _characters(b"".join(covered))
    done = 0
    for id, (start, end), piece in zip(ids, offsets, covered, strict=True):
        first, done = done, done + len(piece)
        span = Span(id, piece, start, end, starts[first], ends[done], id in specials)
        tokens.append(span)
    return Tokenized(name, len(ids), tuple(tokens))


def _characters(raw: bytes) -> tuple[list[int], list[int]]:
    """Return for each position how many characters are complete, and how many begun before."""
    complete, begun = [0] * (len(raw) + 1), [0] * (len(raw) + 1)
    at = 0
    for number, char in enumerate(raw.decode("utf-8", "surrogateescape"), start=1):
        width = len(char.encode("utf-8", "surrogateescape"))
        for position in range(at + 1, at + width):
            complete[position], begun[position] = number - 1, number
        at += width
        complete[at] = begun[at] = number
    return complete, begun


def pieces(tokens: Sequence[Span]) -> list[Piece]:
    """Return what is shown of each token.

    Of a character that is split, the first token shows all of it, and each token its bytes.
    """
    shown: list[Piece] = []
    text = b"".join(token.bytes for token in tokens)
    at = 0
    for token in tokens:
        end = at + len(token.bytes)
        left, right = _boundary(text, at), _boundary(text, end)
        # The part of a character that began before, whole characters, the begin of another.
        head = token.bytes[: max(0, left - at)] if left != at else b""
        if left >= end and head:
            head, body, tail = token.bytes, b"", b""
        else:
            cut = end if right == end else _start(text, end)
            body, tail = text[max(at, left) : cut], text[max(cut, left) : end]
        label = f"<{hex_bytes(head)}>" if head else ""
        label += visible(body)
        if tail:
            label += f"{visible(text[cut:right])}<{hex_bytes(tail)}>"
        detail = f"id {token.id} · bytes {token.start}–{token.end}: {hex_bytes(token.bytes)}"
        if token.special:
            detail = f"special token, {detail}"
        shown.append(Piece(label, detail, token.bytes.endswith(b"\n")))
        at = end
    return shown


def _start(text: bytes, at: int) -> int:
    """Return where the character begins that has a position inside; `at` if none has."""
    for start in range(at - 1, max(at - 4, -1), -1):
        if text[start] & 0xC0 != 0x80:
            return start if _ends_after(text, start, at) else at
    return at


def _boundary(text: bytes, at: int) -> int:
    """Return where the character ends that has a position inside; `at` if none has."""
    start = _start(text, at)
    return at if start == at else start + _width(text[start])


def _width(lead: int) -> int:
    return 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)


def _ends_after(text: bytes, start: int, at: int) -> bool:
    """Return whether a whole character begins at `start` and ends after `at`."""
    end = start + _width(text[start])
    if end <= at:
        return False
    try:
        text[start:end].decode()
    except UnicodeDecodeError:
        return False
    return True
