"""What a pipeline did to a text, with offsets in the text it was given.

Each step sees the text that the steps before it left. `Origins` tracks where every part of that
text came from, so that each change can be reported with offsets in the first text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bpe_tool.preprocess.edits import Edit


class Change(NamedTuple):
    """One change that one step made.

    Attributes:
        start: Where the shortest span of the first text begins that all of `before` came from,
            in code points.
        end: Where it ends.
        before: The text that was replaced, as the step found it.
        after: The new text.
        step: The name of the step.
        rule: Like the rest, see `Edit`.
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

    def moved(self, by: int) -> Change:
        """Return the same change in a text that has more characters before it."""
        return self._replace(start=self.start + by, end=self.end + by)


class Explanation(NamedTuple):
    """Everything that a pipeline did to a text.

    Attributes:
        text: The text it was given.
        result: The text it returned.
        changes: All changes, step by step, and those of a step in the order of the text.
        net: The changes as one list of edits: `apply_edits(text, net) == result`.
    """

    text: str
    result: str
    changes: tuple[Change, ...]
    net: tuple[Edit, ...]


class Piece(NamedTuple):
    """A piece of the current text: copied from the first text, or made from a span of it."""

    at: int
    length: int
    start: int
    end: int
    copied: bool


class Origins:
    """Where each part of a text came from, while steps change it.

    The text is a list of pieces. A piece that no step changed is a copy; any other came, as a
    whole, from a span of the first text. The starts of these spans are in order, and so are
    their ends. Each step takes time linear in pieces and edits.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._pieces = [Piece(0, length, 0, length, True)] if length else []

    def change(self, edits: Sequence[Edit]) -> list[tuple[int, int]]:
        """Record the edits of one step; return the span of the first text behind each of them."""
        starts = [piece.at for piece in self._pieces]
        spans = [self._span(edit.start, edit.end, starts) for edit in edits]
        pieces: list[Piece] = []
        old = iter(self._pieces)
        piece = next(old, None)
        at = 0

        def add(length: int, start: int, end: int, copied: bool) -> None:
            nonlocal at
            last = pieces[-1] if pieces else None
            if length and last and last.copied == copied and _joined(last, start, end):
                pieces[-1] = last._replace(length=last.length + length, end=end)
            elif length:
                pieces.append(Piece(at, length, start, end, copied))
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

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces of the current text."""
        return tuple(self._pieces)

    def net(self, result: str) -> Iterator[Edit]:
        """Yield the fewest edits that turn the first text into `result`, the current one."""
        done = at = 0
        for piece in [*self._pieces, Piece(len(result), 0, self._length, self._length, True)]:
            if piece.copied:
                if done < piece.start or at < piece.at:
                    yield Edit(done, piece.start, result[at : piece.at], "net")
                done, at = piece.end, piece.at + piece.length

    def _span(self, start: int, end: int, starts: list[int]) -> tuple[int, int]:
        """Return the span of the first text that a span of the current text came from."""
        if not starts:
            return (0, self._length) if start < end else (self._length, self._length)
        first = self._pieces[max(0, bisect_right(starts, start) - 1)]
        if start == end:
            if start >= first.at + first.length:
                return self._length, self._length
            if first.copied or start == first.at:
                origin = first.start + (start - first.at if first.copied else 0)
                return origin, origin
            return first.start, first.end
        last = self._pieces[bisect_right(starts, end - 1) - 1]
        return (
            first.start + (start - first.at if first.copied else 0),
            last.start + (end - last.at) if last.copied else last.end,
        )


def _part(piece: Piece, start: int, end: int) -> Piece:
    at = piece.at + start
    if piece.copied:
        return Piece(at, end - start, piece.start + start, piece.start + end, True)
    return piece._replace(at=at, length=end - start)


def _joined(last: Piece, start: int, end: int) -> bool:
    """Return whether a piece of the same kind continues the last one."""
    return last.end == start if last.copied else (last.start, last.end) == (start, end)
