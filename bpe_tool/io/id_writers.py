"""Writes records of ids in the form asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Protocol

from bpe_tool import _core
from bpe_tool.errors import ArgumentError, DataError, Template
from bpe_tool.io import npy_header
from bpe_tool.io.records import END_BYTES, ID_BYTES, RAW_WIDTHS, IdFormat, Records

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: How many ids with their offsets are written at once.
MANY_IDS = 64 * 1024

#: How many bytes of offsets wait in memory.
MAX_WAITING_BYTES = 16 * 1024 * 1024


class Appendable(Protocol):
    """Takes bytes."""

    def write(self, data: bytes | bytearray | memoryview, /) -> None:
        """Append all of `data`; it is on its way when this returns."""


class Output(Appendable, Protocol):
    """Takes bytes, some of which may be overwritten.

    Attributes:
        replaces: Whether what was written can still be patched.
    """

    replaces: bool

    def patch(self, offset: int, data: bytes) -> None:
        """Overwrite bytes that were written before."""


class IdSink(ABC):
    """Writes records of ids in one form.

    Attributes:
        keeps_boundaries: Whether what is written tells where each record ends.
    """

    keeps_boundaries = True

    @abstractmethod
    def write(self, records: Records) -> None:
        """Write the next records."""

    def finish(self) -> None:  # noqa: B027 - most forms have nothing to add
        """Write what can only be written at the end."""


def id_sink(
    format: IdFormat,
    output: Output,
    *,
    max_id: int,
    end_id: int | None = None,
    offsets: bool = False,
    count: bool = False,
) -> IdSink:
    """Make the sink for a format.

    Args:
        format: How ids are written.
        output: Where they go.
        max_id: The largest id that can come.
        end_id: The id that ends each record, if one does.
        offsets: Write offsets, too.
        count: Write only how many ids there are in each record.

    Raises:
        ArgumentError: The format cannot hold `max_id` or `offsets`, or needs a file.
    """
    if count:
        return CountSink(output)
    if offsets:
        if format != "ndjson":
            raise ArgumentError(
                f"the format {format} cannot hold offsets", hint=Template("use {format:ndjson}")
            )
        return OffsetsSink(output)
    if format == "ids":
        return LineSink(output, json=False)
    if format == "ndjson":
        return LineSink(output, json=True)
    limit = 256 ** RAW_WIDTHS[format] - 1
    if max_id > limit:
        raise ArgumentError(
            f"the largest id of this vocabulary is {max_id}; {format} ends at {limit}",
            hint=Template("use {format:u32}"),
        )
    if format == "npy":
        return NpySink(output, end_id)
    return RawSink(output, RAW_WIDTHS[format], end_id)


def check_boundaries(format: IdFormat, *, several: bool, ended: bool) -> None:
    """Refuse several records in a format that keeps no boundaries between them.

    Args:
        format: How ids are written.
        several: Whether there may be more than one record.
        ended: Whether an id marks the end of each.

    Raises:
        ArgumentError: There may be several, and nothing marks their ends.
    """
    if format in RAW_WIDTHS and several and not ended:
        raise ArgumentError(
            f"{format} keeps no boundaries between records",
            hint=Template("end each with a special token: {eos}"),
        )


class LineSink(IdSink):
    """One record a line: decimal numbers with a space between, or JSON.

    JSON objects have the field `ids`; a skipped record is `null`, or else an empty line.
    """

    def __init__(self, output: Appendable, *, json: bool) -> None:
        self._output = output
        self._json = json
        # Whether the current line holds an id already.
        self._begun = False

    def write(self, records: Records) -> None:
        """Write the next records."""
        text = _core.format_ids(
            records.ids,
            records.ends,
            json=self._json,
            skipped=records.skipped,
            continued=self._begun,
        )
        if not text:
            return
        unterminated = records.unterminated and _last_line(text, self._begun)
        self._begun = not text.endswith(b"\n")
        self._output.write(text.removesuffix(b"\n") if unterminated else text)


class OffsetsSink(IdSink):
    """JSON objects with the fields `ids` and `offsets`; `null` for a skipped record.

    The ids of a record that is not complete are written as they come. Its offsets, which
    stand behind them, wait in memory, and if they are many on disk.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        # The offsets of the record whose line has begun, if one has.
        self._waiting: IO[bytes] | None = None

    def write(self, records: Records) -> None:
        """Write the next records."""
        import numpy as np

        from bpe_tool.io import ndjson

        ids = np.frombuffer(records.ids, np.uint32)
        offsets = np.frombuffer(records.offsets, np.int64).reshape(-1, 2)
        ends = np.frombuffer(records.ends, np.int64).tolist()
        lines: list[bytes] = []
        start = 0
        for index, end in enumerate(ends):
            last = records.unterminated and index == len(ends) - 1
            line_end = b"" if last else b"\n"
            if index in records.skipped:
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
        """Write the offsets that were kept, and the end of the line."""
        assert self._waiting is not None
        with self._waiting as waiting:
            self._output.write(b'],"offsets":[')
            waiting.seek(0)
            while piece := waiting.read(MAX_WAITING_BYTES):
                self._output.write(piece)
        self._output.write(b"]}" + line_end)
        self._waiting = None


class CountSink(IdSink):
    """How many ids each record has, one a line; an empty line if it was skipped."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._count = 0

    def write(self, records: Records) -> None:
        """Write the next records."""
        lines: list[str] = []
        for index, (start, end) in enumerate(records.spans()):
            self._count += (end - start) // ID_BYTES
            lines.append("\n" if index in records.skipped else f"{self._count}\n")
            self._count = 0
        self._count += (len(records.ids) - records.rest()) // ID_BYTES
        if lines:
            self._output.write("".join(lines).encode())


class RawSink(IdSink):
    """Nothing but ids, as little-endian numbers of one width."""

    keeps_boundaries = False

    def __init__(self, output: Output, width: int, end_id: int | None) -> None:
        self._output = output
        self._width = width
        self._end_id = end_id

    def write(self, records: Records) -> None:
        """Write the next records. One that holds the id that ends records is an error."""
        import numpy as np

        if records.ids:
            ids = np.frombuffer(records.ids, np.uint32)
            if self._end_id is not None:
                ends = len(records.ends) // END_BYTES
                if np.count_nonzero(ids == self._end_id) != ends:
                    raise DataError(
                        "the text holds the token that ends records",
                        hint=Template("use {format:ids}, or {special:text}"),
                    )
            raw = ids.astype(f"<u{self._width}", copy=False)
            self._output.write(raw.view(np.uint8).data)


class NpySink(RawSink):
    """A `.npy` file of unsigned 32-bit ids. Its header is completed at the end."""

    def __init__(self, output: Output, end_id: int | None) -> None:
        if not output.replaces:
            raise ArgumentError(
                "npy needs a file: its length is written first, and known last",
                hint=Template("name a file with {output}, or use {format:u32}"),
            )
        super().__init__(output, RAW_WIDTHS["npy"], end_id)
        self._written = 0
        output.write(npy_header.build(f"<u{self._width}", 0))

    def write(self, records: Records) -> None:
        """Write the next records."""
        super().write(records)
        self._written += len(records.ids) // ID_BYTES

    def finish(self) -> None:
        """Write how many ids there are."""
        self._output.patch(0, npy_header.build(f"<u{self._width}", self._written))


def _last_line(text: bytes, begun: bool) -> bool:
    r"""Return whether the last line of `text` holds an id, or one before it did.

    A line that is empty must keep its `\n`: without it, there would be no line.
    """
    return begun if text == b"\n" else not text.endswith(b"\n\n")
