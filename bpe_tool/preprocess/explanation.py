"""What a pipeline did to a text, in terms of the text it was given.

Each step sees the text that the steps before it left. `Origins` remembers where every part
of that text came from, so that each change can be told in offsets of the first text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bpe_tool.preprocess.edits import Edit


class Change(NamedTuple):
    """One change that one step made.

    Attributes:
        start: Where the smallest stretch of the first text begins from which all of
            `before` came, in code points.
        end: Where it ends.
        before: The text that was replaced, as the step found it.
        after: What the step put in its place.
        step: The name of the step.
        rule: See `Edit`, as for the rest.
        confidence: How sure the rule is.
        alternatives: Other texts that might have been meant.
    """

    start: int
    end: int
    before: str
    after: str
    step: str
    rule: str
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


class Explanation(NamedTuple):
    """Everything that a pipeline did to a text.

    Attributes:
        text: The text it was given.
        result: The text it returned.
        changes: All changes, step by step, each step's in the order of the text.
        net: What all of them come to: `apply_edits(text, net) == result`.
    """

    text: str
    result: str
    changes: tuple[Change, ...]
    net: tuple[Edit, ...]


class _Piece(NamedTuple):
    """A stretch of the current text: copied from the first text, or made from a part of it."""

    at: int
    length: int
    start: int
    end: int
    copied: bool


class Origins:
    """Where each part of a text came from, while steps change it.

    The text is a list of pieces. Those that no step changed are copies; any other came, as
    a whole, from a stretch of the first text. Both ends of the stretches grow along the text.
    Work is linear in pieces and edits for each step.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._pieces = [_Piece(0, length, 0, length, True)] if length else []

    def change(self, edits: Sequence[Edit]) -> list[tuple[int, int]]:
        """Follow the edits of one step; return the stretch that each of them concerns."""
        starts = [piece.at for piece in self._pieces]
        spans = [self._span(edit.start, edit.end, starts) for edit in edits]
        pieces: list[_Piece] = []
        old = iter(self._pieces)
        piece = next(old, None)
        at = 0

        def add(length: int, start: int, end: int, copied: bool) -> None:
            nonlocal at
            last = pieces[-1] if pieces else None
            if length and last and last.copied == copied and _joined(last, start, end):
                pieces[-1] = last._replace(length=last.length + length, end=end)
            elif length:
                pieces.append(_Piece(at, length, start, end, copied))
            at += length

        for edit, (start, end) in zip(edits, spans, strict=True):
            while piece is not None and piece.at + piece.length <= edit.start:
                add(*piece[1:])
                piece = next(old, None)
            if piece is not None and piece.at < edit.start:
                add(*_part(piece, 0, edit.start - piece.at)[1:])
                piece = _part(piece, edit.start - piece.at, piece.length)
            add(len(edit.text), start, end, False)
            while piece is not None and piece.at + piece.length <= edit.end:
                piece = next(old, None)
            if piece is not None and piece.at < edit.end:
                piece = _part(piece, edit.end - piece.at, piece.length)
        while piece is not None:
            add(*piece[1:])
            piece = next(old, None)
        self._pieces = pieces
        return spans

    def net(self, result: str) -> Iterator[Edit]:
        """Yield the fewest edits that turn the first text into `result`, the current one."""
        done = at = 0
        for piece in [*self._pieces, _Piece(len(result), 0, self._length, self._length, True)]:
            if piece.copied:
                if done < piece.start or at < piece.at:
                    yield Edit(done, piece.start, result[at : piece.at], "net")
                done, at = piece.end, piece.at + piece.length

    def _span(self, start: int, end: int, starts: list[int]) -> tuple[int, int]:
        """Return the stretch of the first text that a stretch of the current one came from."""
        if not starts:
            return (0, self._length) if start < end else (self._length, self._length)
        first = self._pieces[max(0, bisect_right(starts, start) - 1)]
        if start == end:
            if start >= first.at + first.length:
                return self._length, self._length
            if first.copied or start == first.at:
                place = first.start + (start - first.at if first.copied else 0)
                return place, place
            return first.start, first.end
        last = self._pieces[bisect_right(starts, end - 1) - 1]
        return (
            first.start + (start - first.at if first.copied else 0),
            last.start + (end - last.at) if last.copied else last.end,
        )


def _part(piece: _Piece, start: int, end: int) -> _Piece:
    at = piece.at + start
    if piece.copied:
        return _Piece(at, end - start, piece.start + start, piece.start + end, True)
    return piece._replace(at=at, length=end - start)


def _joined(last: _Piece, start: int, end: int) -> bool:
    """Return whether a piece of the same kind continues the last one."""
    return last.end == start if last.copied else (last.start, last.end) == (start, end)
