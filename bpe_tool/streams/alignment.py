"""Preprocesses text and keeps where its bytes came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from bpe_tool.io.alignment import NOTHING, Alignment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.preprocess.pipeline import Pipeline
    from bpe_tool.preprocess.special_tokens import SpecialTokens


def aligned(
    pipeline: Pipeline, special_tokens: SpecialTokens, raw: bytes, text: str, marks: int
) -> tuple[list[str], Alignment]:
    """Preprocess a text; return its parts, and where they came from.

    Args:
        pipeline: The steps.
        special_tokens: Texts that are left alone.
        raw: The bytes that the text was decoded from. Positions are in them.
        text: The text.
        marks: How many bytes are written before and after each special token.

    Returns:
        The parts, as `Pipeline.parts_of_all` returns them.
    """
    starts = _byte_starts(raw, text)
    parts = special_tokens.split(text)
    pieces: list[tuple[int, int, int, bool]] = []
    at = start = 0
    for index, part in enumerate(parts):
        if index % 2:
            pieces.append((at, start, start + len(part), False))
            at += len(part.encode()) + 2 * marks
        elif part:
            parts[index], made = pipeline.traced(part)
            widths = _byte_starts(None, parts[index])
            pieces += (
                (at + int(widths[each.at]), start + each.start, start + each.end, each.copied)
                for each in made
            )
            at += int(widths[-1])
        start += len(part)
    if not pieces:
        return parts, NOTHING
    begins, firsts, lasts, copied = zip(*pieces, strict=True)
    return parts, Alignment(
        np.array(begins, np.int64),
        starts[np.array(firsts, np.int64)],
        starts[np.array(lasts, np.int64)],
        np.array(copied, np.bool_),
    )


def _byte_starts(raw: bytes | None, text: str) -> NDArray[np.int64]:
    """Return where each character of a text begins in its bytes, and where the last one ends.

    With `raw`, these are the bytes that it was decoded from, perhaps with replacements.
    """
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    widths = 1 + (points > 0x7F).astype(np.int64) + (points > 0x7FF) + (points > 0xFFFF)
    if raw is not None and widths.sum() != len(raw):
        widths[points == 0xFFFD] = list(_replaced_widths(raw))
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(widths)))


def _replaced_widths(raw: bytes) -> Iterator[int]:
    """Yield the number of bytes behind each U+FFFD of decoded bytes."""
    at = 0
    while True:
        try:
            valid, end = raw[at:].decode(), 0
        except UnicodeDecodeError as error:
            valid, end = raw[at : at + error.start].decode(), error.end - error.start
            at += error.end
        yield from [3] * valid.count("\ufffd")
        if not end:
            return
        yield end
