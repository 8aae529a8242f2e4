"""Cuts texts into pieces with a number of ids at most: what stands behind `Tokenizer.chunks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from bpe_tool import _core, boundaries, checks
from bpe_tool.boundaries import Boundary
from bpe_tool.errors import ArgumentError
from bpe_tool.texts import AnyText, Special


def truncated(
    core: _core.Tokenizer,
    text: AnyText,
    limit: int,
    special: Special,
    around: int,
) -> AnyText:
    """Return the beginning of a text, as `Tokenizer.truncate` describes it.

    `around` is how many ids of a template count, too.
    """
    room = _room(limit, around)
    spans = [(0, core.truncate(text, room, special))]
    return _pieces(text, spans)[0]


def chunked(
    core: _core.Tokenizer,
    text: AnyText,
    limit: int,
    overlap: int,
    special: Special,
    around: int,
    boundary: Boundary = "token",
) -> tuple[list[AnyText], list[tuple[int, int]]]:
    """Return pieces of a text and where they are, as `Tokenizer.chunks` describes them."""
    room = _room(limit, around, least=1)
    overlap = checks.whole("overlap", overlap, 0, checks.MAX_COUNT)
    if overlap >= room:
        raise ArgumentError(f"is {overlap}: a piece has room for {room} ids", parameter="overlap")
    checks.choice("boundary", boundary, get_args(Boundary))
    if boundary == "token":
        spans = core.chunks(text, room, overlap, special)
    else:
        raw = checks.as_bytes("text", text)
        spans = boundaries.spans(core, raw, room, overlap, special, boundary)
    return _pieces(text, spans), spans


def _room(limit: int, around: int, least: int = 0) -> int:
    """Return how many ids are left beside those of a template."""
    limit = checks.whole("limit", limit, least, checks.MAX_COUNT)
    if limit < around + least:
        raise ArgumentError(f"is {limit}: the template alone has {around} ids", parameter="limit")
    return limit - around


def _pieces(text: AnyText, spans: Sequence[tuple[int, int]]) -> list[AnyText]:
    """Return pieces of a text in its type. Their positions count bytes."""
    raw = text.encode() if isinstance(text, str) and not text.isascii() else text
    pieces = [raw[start:end] for start, end in spans]
    if isinstance(text, str):
        return [each if isinstance(each, str) else each.decode() for each in pieces]
    return [bytes(each) for each in pieces if not isinstance(each, str)]
