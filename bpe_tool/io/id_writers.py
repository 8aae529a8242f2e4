"""Writes records of ids in all formats."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Protocol

from bpe_tool.errors import ArgumentError, DataError, Suggestion
from bpe_tool.io import npy_header
from bpe_tool.io.records import RAW_WIDTHS, IdFormat, Records

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: How many ids with offsets are written at a time.
MANY_IDS = 64 * 1024

#: How many bytes of offsets are kept in memory; more go to a temporary file.
MAX_WAITING_BYTES = 16 * 1024 * 1024


class Appendable(Protocol):
    """Accepts bytes."""

    def write(self, data: bytes | bytearray | memoryview, /) -> None:
        """Append all of `data`. A reader of a pipe can read it when this returns."""


class Output(Appendable, Protocol):
    """Accepts bytes, which may be overwritten later.

    Attributes:
        replaces: Whether written bytes can be patched.
    """

    replaces: bool

    def patch(self, offset: int, data: bytes) -> None:
        """Overwrite bytes that were written earlier."""


class IdSink(ABC):
    """Writes records of ids in one format.

    Attributes:
        keeps_boundaries: Whether the format shows where each record ends.
    """

    keeps_boundaries = True

    @abstractmethod
    def write(self, records: Records) -> None:
        """Write the next records."""

    def keep(self, fields: Sequence[bytes]) -> None:  # noqa: B027 - most formats keep none
        """Take other fields of the records that end in the next `write`, if the format holds any.

        They are members of a JSON object: `"id":1,"meta":null`.
        """

    def finish(self) -> None:  # noqa: B027 - most formats need nothing at the end
        """Write what can only be written at the end."""


def id_sink(
    format: IdFormat,
    output: Output,
    *,
    max_id: int,
    end_id: int | None = None,
    offsets: bool = False,
    count: bool = False,
    keep: bool = False,
) -> IdSink:
    """Make the sink for a format.

    Args:
        format: The format.
        output: Where the ids go.
        max_id: The largest id that can occur.
        end_id: The id that ends each record, if there is one.
        offsets: Write offsets, too.
        count: Write only the number of ids in each record.
        keep: Write the fields that `IdSink.keep` gets.

    Raises:
        ArgumentError: The format cannot hold `max_id` or `offsets`, or it needs a file.
    """
    if keep:
        if format != "ndjson" or count:
            raise ArgumentError(
                "only JSON lines hold other fields", hint=Suggestion("use {format:ndjson}")
            )
        kept = _KeepingOutput(output)
        return KeepingSink(id_sink(format, kept, max_id=max_id, offsets=offsets), kept)
    if count:
        return CountSink(output)
    if offsets:
        if format != "ndjson":
            raise ArgumentError(
                f"the format {format} cannot hold offsets", hint=Suggestion("use {format:ndjson}")
            )
        return OffsetsSink(output)
    if format == "ids":
        return LineSink(output, json=False)
    if format == "ndjson":
        return LineSink(output, json=True)
    limit = 256 ** RAW_WIDTHS[format] - 1
    if max_id > limit:
        raise ArgumentError(
            f"the largest id of this vocabulary is {max_id}; {format} holds ids up to {limit}",
            hint=Suggestion("use {format:u32}"),
        )
    if format == "npy":
        return NpySink(output, end_id)
    return RawSink(output, RAW_WIDTHS[format], end_id)


def check_boundaries(format: IdFormat, *, several: bool, ended: bool) -> None:
    """Refuse several records in a format that keeps no boundaries between them.

    Args:
        format: The format.
        several: Whether there may be more than one record.
        ended: Whether an id marks the end of each record.

    Raises:
        ArgumentError: There may be several, and nothing marks their ends.
    """
    if format in RAW_WIDTHS and several and not ended:
        raise ArgumentError(
            f"{format} keeps no boundaries between records",
            hint=Suggestion("end each with a special token: {eos}"),
        )


class LineSink(IdSink):
    """One record per line: decimal numbers separated by a space, or JSON.

    JSON objects have the field `ids`. A skipped record is an empty line, or `null` in JSON.
    """

    def __init__(self, output: Appendable, *, json: bool) -> None:
        self._output = output
        self._json = json
        # Whether the current line already holds an id.
        self._begun = False

    def write(self, records: Records) -> None:
        """Write the next records."""
        if text := records.lines(json=self._json, continued=self._begun):
            self._begun = not text.endswith(b"\n")
            self._output.write(text)


class _KeepingOutput:
    """Adds other fields to JSON objects of ids, before their ends."""

    replaces = False

    def __init__(self, output: Output) -> None:
        self._output = output
        self.fields: deque[bytes] = deque()

    def write(self, data: bytes | bytearray | memoryview, /) -> None:
        """Write the next lines or parts of lines. Numbers and brackets are all that they hold."""
        lines = bytes(data).split(b"\n")
        for index, line in enumerate(lines):
            if self.fields and (line.endswith(b"]}") or line == b"null"):
                fields = self.fields.popleft()
                if line != b"null":
                    lines[index] = line[:-1] + b"," + fields + b"}"
        self._output.write(b"\n".join(lines))

    def patch(self, offset: int, data: bytes) -> None:
        """Fail: lines are written once."""
        raise OSError("JSON lines cannot be patched")


class KeepingSink(IdSink):
    """JSON objects as another sink writes them, and other fields of each record."""

    def __init__(self, sink: IdSink, output: _KeepingOutput) -> None:
        self._sink = sink
        self._output = output

    def keep(self, fields: Sequence[bytes]) -> None:
        """Take the fields of the records that end in the next `write`."""
        self._output.fields.extend(fields)

    def write(self, records: Records) -> None:
        """Write the next records."""
        self._sink.write(records)

    def finish(self) -> None:
        """Write what can only be written at the end."""
        self._sink.finish()


class OffsetsSink(IdSink):
    """JSON objects with the fields `ids` and `offsets`; `null` for a skipped record.

    The ids of an incomplete record are written as they come. Its offsets come after them, so they
    are kept: in memory, or in a temporary file if there are many.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        # The offsets of the record whose line is incomplete, if there is one.
        self._waiting: IO[bytes] | None = None

    def write(self, records: Records) -> None:
        """Write the next records."""
        import numpy as np

        from bpe_tool.io import ndjson

        ids = np.frombuffer(records.ids, np.uint32)
        offsets = np.frombuffer(records.offsets, np.int64).reshape(-1, 2)
        ends = np.frombuffer(records.ends, np.int64).tolist()
        skipped = set(records.skipped)
        lines: list[bytes] = []
        start = 0
        for index, end in enumerate(ends):
            last = records.unterminated and index == len(ends) - 1
            line_end = b"" if last else b"\n"
            if index in skipped:
                lines.append(b"null" + line_end)
            elif self._waiting is not None or end - start > MANY_IDS:
                self._output.write(b"".join(lines))
                lines.clear()
                self._go_on(ids[start:end], offsets[start:end])
                self._complete(line_end)
            else:
                record = {"ids": ids[start:end], "offsets": offsets[start:end]}
                lines.append(ndjson.write(record) + line_end)
            start = end
        if lines:
            self._output.write(b"".join(lines))
        if start < len(ids):
            self._go_on(ids[start:], offsets[start:])

    def _go_on(self, ids: NDArray[np.uint32], offsets: NDArray[np.int64]) -> None:
        """Write some ids of a record, and keep their offsets."""
        from bpe_tool.io import ndjson

        separator = b","
        if self._waiting is None:
            self._waiting = SpooledTemporaryFile(MAX_WAITING_BYTES)  # noqa: SIM115 - see _complete
            self._output.write(b'{"ids":[')
            separator = b""
        for start in range(0, len(ids), MANY_IDS):
            some = slice(start, start + MANY_IDS)
            self._output.write(separator + ndjson.write(ids[some])[1:-1])
            self._waiting.write(separator + ndjson.write(offsets[some])[1:-1])
            separator = b","

    def _complete(self, line_end: bytes) -> None:
        """Write the offsets that were kept, and end the line."""
        assert self._waiting is not None
        with self._waiting as waiting:
            self._output.write(b'],"offsets":[')
            waiting.seek(0)
            while piece := waiting.read(MAX_WAITING_BYTES):
                self._output.write(piece)
        self._output.write(b"]}" + line_end)
        self._waiting = None


class CountSink(IdSink):
    """The number of ids in each record, one per line; an empty line if it was skipped."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._count = 0

    def write(self, records: Records) -> None:
        """Write the next records."""
        skipped = set(records.skipped)
        lines: list[str] = []
        start = 0
        for index, end in enumerate(memoryview(records.ends).cast("q")):
            self._count += end - start
            lines.append("\n" if index in skipped else f"{self._count}\n")
            self._count, start = 0, end
        self._count += records.id_count - start
        if lines:
            self._output.write("".join(lines).encode())


class RawSink(IdSink):
    """Only ids, as little-endian numbers of one width."""

    keeps_boundaries = False

    def __init__(self, output: Output, width: int, end_id: int | None) -> None:
        self._output = output
        self._width = width
        self._end_id = end_id

    def write(self, records: Records) -> None:
        """Write the next records.

        Raises:
            DataError: A record holds the id that ends records.
        """
        if not records.id_count:
            return
        if self._end_id is not None and records.count(self._end_id) != len(records):
            raise DataError(
                "the text contains the token that ends records",
                hint=Suggestion("use {format:ids}, or {special:text}"),
            )
        self._output.write(records.raw(self._width))


class NpySink(RawSink):
    """A `.npy` file of unsigned 32-bit ids. The header is completed at the end."""

    def __init__(self, output: Output, end_id: int | None) -> None:
        if not output.replaces:
            raise ArgumentError(
                "npy needs a file: its header holds the length, which is known last",
                hint=Suggestion("name a file with {output}, or use {format:u32}"),
            )
        super().__init__(output, RAW_WIDTHS["npy"], end_id)
        self._written = 0
        output.write(npy_header.build(f"<u{self._width}", 0))

    def write(self, records: Records) -> None:
        """Write the next records."""
        super().write(records)
        self._written += records.id_count

    def finish(self) -> None:
        """Write how many ids there are."""
        self._output.patch(0, npy_header.build(f"<u{self._width}", self._written))
