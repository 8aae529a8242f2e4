"""Cuts texts into pieces that end at words, lines or paragraphs, where that is possible."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from typing import Literal, TypeAlias

from bpe_tool import _core
from bpe_tool.errors import ArgumentError
from bpe_tool.texts import Special

#: Where a piece may end. A word ends before white space; the others end after their line ends.
Boundary: TypeAlias = Literal["token", "word", "line", "paragraph"]

_ENDS: Mapping[str, re.Pattern[bytes]] = {
    "word": re.compile(rb"(?<=\S)(?=\s)"),
    "line": re.compile(rb"(?<=\n)"),
    "paragraph": re.compile(rb"(?<=\n\n)(?!\n)|(?<=\n\r\n)(?!\r?\n)"),
}

#: How many bytes are looked at first for each id that a piece has room for.
BYTES_PER_ID = 16


def spans(
    core: _core.Tokenizer, raw: bytes, room: int, overlap: int, special: Special, boundary: Boundary
) -> list[tuple[int, int]]:
    """Return where each piece starts and ends; see `Tokenizer.chunks`.

    A piece ends at the last boundary that it has room for; in a stretch without any, at a token.

    Raises:
        ArgumentError: A character has more ids than there is room for.
    """
    found: list[tuple[int, int]] = []
    ends = _ENDS[boundary]
    start = done = 0
    while done < len(raw):
        end = _end(core, raw, start, room, special, ends)
        if end <= done and start < done:
            # Nothing new fits beside what is repeated.
            start = done
            continue
        if end <= start:
            raise ArgumentError(
                f"is {room}: the text at byte {start} needs more ids", parameter="limit"
            )
        found.append((start, end))
        start = _repeated(core, raw, start, end, overlap, special, ends) if overlap else end
        done = end
    return found


def _end(
    core: _core.Tokenizer,
    raw: bytes,
    start: int,
    room: int,
    special: Special,
    ends: re.Pattern[bytes],
) -> int:
    """Return where the piece that starts at `start` ends."""
    size = BYTES_PER_ID * room + 64
    while True:
        window = raw[start : start + size]
        length = core.truncate(window, room, special)
        if start + size >= len(raw) or length < len(window) // 2:
            break
        size *= 2
    if start + length >= len(raw):
        return len(raw)
    places = _places(core, window[: length + 1], special, ends)
    for place in reversed(places):
        # What ends earlier may have other tokens, even more of them.
        if 0 < place <= length and core.count(window[:place], special, False, room) <= room:
            return start + place
    return start + length


def _places(
    core: _core.Tokenizer, text: bytes, special: Special, ends: re.Pattern[bytes]
) -> list[int]:
    """Return where the boundaries in a text are, but for those within added tokens."""
    places = [each.start() for each in ends.finditer(text)]
    tokens = {**core.added_tokens, **(core.special_tokens if special == "token" else {})}
    holding = {id for token, id in tokens.items() if re.search(r"\s", token)}
    if not places or not holding:
        return places
    ids, offsets = core.encode_with_offsets(text, special, False)
    spans = [span for id, span in zip(ids, offsets, strict=True) if id in holding]
    starts = [start for start, _ in spans]
    return [
        place
        for place in places
        if not (before := bisect_left(starts, place)) or spans[before - 1][1] <= place
    ]


def _repeated(
    core: _core.Tokenizer,
    raw: bytes,
    start: int,
    end: int,
    overlap: int,
    special: Special,
    ends: re.Pattern[bytes],
) -> int:
    """Return where the next piece starts: at a boundary at most `overlap` ids before `end`."""
    found = _places(core, raw[start:end], special, ends)
    places = [start + place for place in found if place > 0]
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if core.count(raw[places[middle] : end], special, False, overlap) <= overlap:
            high = middle
        else:
            low = middle + 1
    return places[low] if low < len(places) and places[low] < end else end
