"""Reads sources as text: what is not text is refused, by name; UTF-16 is converted.

Text is any bytes but those of a known binary format. That is all that a vocabulary of bytes
asks for: it need not be UTF-8.
"""

from __future__ import annotations

import codecs
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeAlias

from bpe_tool.errors import BpeToolWarning, DataError, Suggestion
from bpe_tool.io import content
from bpe_tool.io.content import Content
from bpe_tool.io.sources import OnRead, OnWait, Source

#: Which content is refused: that of known formats; only of those that a text with NUL bytes cannot
#: begin like; also whatever looks binary; or none.
Refused: TypeAlias = Literal["known", "certain", "binary", "none"]

#: How to read what is refused nevertheless.
BINARY = "{binary} reads its bytes as they are"

_UNKNOWN = Content("binary", "not text, but binary data of an unknown kind")


@dataclass(frozen=True)
class TextSource(Source):
    """A source that is read as text.

    Attributes:
        refused: See `Refused`.
    """

    refused: Refused = "known"

    def blocks(
        self,
        on_read: OnRead | None = None,
        block_bytes: int | None = None,
        on_wait: OnWait | None = None,
    ) -> Iterator[bytes]:
        """Yield the text in blocks; see `Source.blocks`.

        Text in UTF-16 or UTF-32 that begins with a byte order mark is converted to UTF-8, with
        a warning.

        Raises:
            DataError: The content is refused, or not valid in its encoding.
        """
        blocks = super().blocks(on_read, block_bytes, on_wait)
        return blocks if self.refused == "none" else text_blocks(blocks, self.name, self.refused)


def text_blocks(
    blocks: Iterable[bytes], name: str, refused: Refused, otherwise: str = BINARY
) -> Iterator[bytes]:
    """Yield blocks of text; see `TextSource.blocks`.

    Args:
        blocks: The bytes of a source.
        name: Its name.
        refused: See `Refused`.
        otherwise: What a hint suggests to read it nevertheless.
    """
    blocks = iter(blocks)
    head = next(blocks, b"")
    while content.may_be_recognized(head) and (more := next(blocks, b"")):
        head += more
    if not head:
        return
    found = content.recognized(head, letters=refused != "certain")
    encoding = content.encoding_of(head)
    if found is None and encoding is None and refused == "binary" and content.is_binary(head):
        found = _UNKNOWN
    if found is not None:
        raise _refusal(found, name, otherwise)
    if encoding is None:
        yield head
        yield from blocks
        return
    warnings.warn(f"{name} is {encoding} and is converted to UTF-8", BpeToolWarning, stacklevel=2)
    yield from _converted(chain([head], blocks), encoding, name, otherwise)


def _refusal(found: Content, name: str, otherwise: str) -> DataError:
    advice = content.hint_of(found)
    hint = Suggestion(f"{advice}; {otherwise}" if advice else otherwise)
    return DataError(f"{name} is {found.what}", hint=hint)


def _converted(
    blocks: Iterable[bytes], encoding: str, name: str, otherwise: str
) -> Iterator[bytes]:
    """Yield text in UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    try:
        for block in blocks:
            if text := decoder.decode(block):
                yield text.encode()
            done += len(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise DataError(
            f"{name}: not valid {encoding} after byte {done}",
            hint=Suggestion(otherwise),
        ) from None
