"""How one or more tokenizers split a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from bpe_tool import checks
from bpe_tool.errors import ArgumentError
from bpe_tool.inspect.report import BYTES_IN_JSON, Report
from bpe_tool.rendering.blocks import Block, Facts, Piece, Pieces, Table
from bpe_tool.rendering.numbers import counted
from bpe_tool.rendering.split import detail, refuse_long, split
from bpe_tool.rendering.tokens import brief_hex, in_parts

if TYPE_CHECKING:
    from bpe_tool import _core
    from bpe_tool.tokenizer import Special, Text, Tokenizer

#: How many tokens are listed one by one; the report has all of them.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """One token in a text.

    Attributes:
        id: Its id.
        raw: The bytes of the text that it covers; those of the token, where a vocabulary changes
            text before encoding it.
        start: The position in the text where they begin, in bytes.
        end: The position where they end.
        char_start: The number of characters that are complete before `start`.
        char_end: The number of characters that begin before `end`.
        special: Whether it is a special token.
    """

    id: int
    raw: bytes = field(metadata=BYTES_IN_JSON)
    start: int
    end: int
    char_start: int
    char_end: int
    special: bool = False


@dataclass(frozen=True)
class Tokenized:
    """A text, split by one tokenizer.

    Attributes:
        tokenizer: The tokenizer's name.
        count: The number of tokens.
        tokens: The tokens.
    """

    tokenizer: str
    count: int
    tokens: tuple[TokenSpan, ...]


@dataclass(frozen=True, repr=False)
class TextReport(Report):
    """A text, split by one or more tokenizers.

    Attributes:
        byte_count: The length of the text in bytes.
        characters: Its length in characters; each byte outside UTF-8 counts as one.
        tokenizers: The text as each tokenizer splits it.
    """

    SCHEMA: ClassVar[str] = "bpe_tool.inspect.text/1"
    TITLE: ClassVar[str] = "Text in tokens"

    byte_count: int = field(metadata=BYTES_IN_JSON)
    characters: int
    tokenizers: tuple[Tokenized, ...]

    def view(self) -> list[Block]:
        """Return the text in colour, then its tokens, or the counts of several tokenizers."""
        blocks: list[Block] = [
            Pieces(
                f"{each.tokenizer}: {counted(each.count, 'token')}" if each.tokenizer else "Tokens",
                pieces(each.tokens),
            )
            for each in self.tokenizers
        ]
        if len(self.tokenizers) == 1:
            (only,) = self.tokenizers
            rows = [
                ("tokens", only.count),
                ("bytes", self.byte_count),
                ("characters", self.characters),
            ]
            return [*blocks, Facts("Lengths", rows), _listed(only.tokens)]
        least = min(each.count for each in self.tokenizers)
        table = [
            (
                each.tokenizer,
                each.count,
                each.count / least if least else None,
                self.byte_count / each.count if each.count else None,
            )
            for each in self.tokenizers
        ]
        columns = ("tokenizer", "tokens", "relative", "bytes per token")
        return [*blocks, Table("Side by side", columns, table)]


def _listed(tokens: Sequence[TokenSpan]) -> Table:
    """Return the first tokens with their ids, positions and bytes."""
    first = tokens[:SHOWN]
    rows = [
        (label, str(token.id), f"{token.start}–{token.end}", brief_hex(token.raw))
        for token, label in zip(first, in_parts([token.raw for token in first]), strict=True)
    ]
    more = len(tokens) - len(rows)
    note = f"and {more:,} more; JSON has all of them" if more else ""
    return Table("One by one", ("token", "id", "from–to", "bytes"), rows, note)


def inspect_text(
    tokenizers: Tokenizer | Mapping[str, Tokenizer], text: Text, *, special: Special = "text"
) -> TextReport:
    """Show how tokenizers split a text.

    Args:
        tokenizers: A tokenizer, or several by name.
        text: The text.
        special: How to treat the text of a special token; see `Tokenizer`.

    Raises:
        DataError: The text is a `str` with a lone surrogate.
        SpecialTokenError: It contains a special token, and `special` is `"error"`.
        LimitError: It has more than a million tokens, or 64 MiB.
    """
    if isinstance(tokenizers, Mapping):
        cores = {
            checks.string("tokenizers", name): checks.core_of(f"tokenizers[{name!r}]", each)
            for name, each in tokenizers.items()
        }
    else:
        cores = {"": checks.core_of("tokenizers", tokenizers)}
    if not cores:
        raise ArgumentError("is empty", parameter="tokenizers")
    return text_report(cores, text, special)


def text_report(
    cores: Mapping[str, _core.Tokenizer], text: Text, special: Special = "text"
) -> TextReport:
    """See `inspect_text`."""
    raw = checks.as_bytes("text", text)
    for core in cores.values():
        refuse_long(core, raw, special)
    done = tuple(_tokenized(name, core, raw, special) for name, core in cores.items())
    return TextReport(len(raw), len(raw.decode("utf-8", "surrogateescape")), done)


def _tokenized(name: str, core: _core.Tokenizer, raw: bytes, special: Special) -> Tokenized:
    ids, offsets, raws, specials = split(core, raw, special)
    tokens: list[TokenSpan] = []
    starts, ends = _characters(raw)
    for id, (start, end), piece in zip(ids, offsets, raws, strict=True):
        tokens.append(TokenSpan(id, piece, start, end, starts[start], ends[end], id in specials))
    return Tokenized(name, len(ids), tuple(tokens))


def _characters(raw: bytes) -> tuple[list[int], list[int]]:
    """Return how many characters are complete before each position, and how many have begun."""
    complete, begun = [0] * (len(raw) + 1), [0] * (len(raw) + 1)
    at = 0
    for number, char in enumerate(raw.decode("utf-8", "surrogateescape"), start=1):
        width = len(char.encode("utf-8", "surrogateescape"))
        for position in range(at + 1, at + width):
            complete[position], begun[position] = number - 1, number
        at += width
        complete[at] = begun[at] = number
    return complete, begun


def pieces(tokens: Sequence[TokenSpan]) -> list[Piece]:
    """Return each token as it is shown, with details."""
    shown = in_parts([token.raw for token in tokens])
    return [
        Piece(
            label,
            detail(token.id, token.start, token.end, token.raw, token.special),
            token.raw.endswith(b"\n"),
        )
        for token, label in zip(tokens, shown, strict=True)
    ]
