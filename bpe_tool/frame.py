"""Ids that stand around every record, such as a beginning- and an end-of-text token."""

from __future__ import annotations

from collections.abc import Sequence

from bpe_tool.records import ID_BYTES, OFFSETS_BYTES, Records, pack_ids, pack_positions


class Frame:
    """Puts ids before and after each record of one stream.

    They stand for no text: their offsets are those of the document's two ends. Records
    that were skipped get none.
    """

    def __init__(self, before: Sequence[int], after: Sequence[int]) -> None:
        self.before = pack_ids(before)
        self.after = pack_ids(after)
        self._started = False
        self._text_end = 0

    def add(self, records: Records) -> Records:
        """Return the next records with the ids around them."""
        skipped = set(records.skipped)
        pieces: list[bytes | bytearray] = []
        offsets: list[bytes | bytearray] = []
        ends: list[int] = []
        length = 0
        rest = records.rest()
        for index, (start, end) in enumerate(records.spans()):
            if index not in skipped:
                length += self._begin(pieces, offsets, records)
                pieces += (records.ids[start:end], self.after)
                length += end - start + len(self.after)
                self._follow(offsets, records, start, end)
                if records.offsets:
                    offsets.append(self._nowhere(self.after, self._text_end))
            ends.append(length // ID_BYTES)
            self._started, self._text_end = False, 0
        if rest < len(records.ids):
            self._begin(pieces, offsets, records)
            pieces.append(records.ids[rest:])
            self._follow(offsets, records, rest, len(records.ids))
        return Records(
            b"".join(pieces),
            pack_positions(ends),
            b"".join(offsets),
            records.skipped,
            records.unterminated,
        )

    def _begin(
        self,
        pieces: list[bytes | bytearray],
        offsets: list[bytes | bytearray],
        records: Records,
    ) -> int:
        """Begin a record unless it has begun; return how many bytes that added."""
        if self._started:
            return 0
        self._started = True
        pieces.append(self.before)
        if records.offsets:
            offsets.append(self._nowhere(self.before, 0))
        return len(self.before)

    def _follow(
        self, offsets: list[bytes | bytearray], records: Records, start: int, end: int
    ) -> None:
        """Pass on the offsets of the ids in `start:end`, and note where the text ends."""
        if records.offsets and end > start:
            scale = OFFSETS_BYTES // ID_BYTES
            own = records.offsets[start * scale : end * scale]
            offsets.append(own)
            self._text_end = int.from_bytes(own[-8:], sys.byteorder)

    @staticmethod
    def _nowhere(ids: bytes, position: int) -> bytes:
        return pack_positions([position, position]) * (len(ids) // ID_BYTES)
