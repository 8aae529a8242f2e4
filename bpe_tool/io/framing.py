"""Ids that stand around every record, such as a beginning- and an end-of-text token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from bpe_tool import _core
from bpe_tool.errors import ArgumentError, Template
from bpe_tool.io.records import ID_BYTES, Records, pack_ids, pack_positions


@dataclass(frozen=True)
class Frame:
    """The ids before and after each record."""

    before: Sequence[int] = ()
    after: Sequence[int] = ()

    def __bool__(self) -> bool:
        return bool(self.before or self.after)

    @classmethod
    def of_template(cls, tokenizer: _core.Tokenizer, *, alone: bool = True) -> Frame:
        """Return the frame that the template of a vocabulary describes.

        Args:
            tokenizer: The vocabulary.
            alone: Whether no other tokens were asked for.

        Raises:
            ArgumentError: There is no template, or other tokens were asked for, too.
        """
        if not alone:
            raise ArgumentError(
                "a template already says which tokens stand around a text",
                hint=Template("pass {template}, or else {bos} and {eos}"),
            )
        frame = cls(*tokenizer.template)
        if not frame:
            raise ArgumentError(
                "this vocabulary has no template", hint=Template("pass {bos} and {eos}")
            )
        return frame


class Unframer:
    """Takes a frame off each record of a stream, where there is one."""

    def __init__(self, frame: Frame) -> None:
        self._before = pack_ids(frame.before)
        self._after = pack_ids(frame.after)
        # What is not passed on yet of the record that has begun: it may be the frame.
        self._held = b""
        self._begun = False

    def remove(self, records: Records) -> Records:
        """Return the next records without the frame, and without offsets."""
        pieces: list[bytes] = []
        lengths: list[int] = []
        for start, end in records.spans():
            piece = self._inside(records.ids[start:end]).removesuffix(self._after)
            pieces.append(piece)
            lengths.append(len(piece) // ID_BYTES)
            self._held, self._begun = b"", False
        piece = self._inside(records.ids[records.rest() :])
        if self._begun:
            cut = max(0, len(piece) - len(self._after))
            piece, self._held = piece[:cut], piece[cut:]
            pieces.append(piece)
        ends = pack_positions(accumulate(lengths))
        return replace(records, ids=b"".join(pieces), ends=ends, offsets=b"")

    def _inside(self, ids: bytes | bytearray) -> bytes:
        """Return what there is of a record, without the ids before it."""
        piece = self._held + ids
        if not self._begun:
            if len(piece) < len(self._before) and self._before.startswith(piece):
                self._held = piece
                return piece
            piece = piece.removeprefix(self._before)
            self._begun = True
        return piece
