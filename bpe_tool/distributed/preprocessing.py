"""Preprocesses units of text, and joins the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bpe_tool.distributed.facts import Facts
from bpe_tool.distributed.set_aside import Poison, held, tried
from bpe_tool.distributed.units import Piece, WorkUnit, content_digest
from bpe_tool.errors import BpeToolError
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.io.id_writers import Output
from bpe_tool.io.sources import Source
from bpe_tool.streams.preprocess import StreamPreprocessor
from bpe_tool.streams.preprocess_block import BlockPreprocessor

#: The file of the text in an output.
TEXT = "text"

#: How many bytes are copied at a time.
COPY_BYTES = 8 << 20


@dataclass(frozen=True, kw_only=True)
class PreprocessUnits:
    """Preprocesses a unit of text.

    Attributes:
        preprocessor: What happens to each record.
        set_aside: Whether records that cannot be processed are left empty and listed.
    """

    preprocessor: BlockPreprocessor
    set_aside: bool = False

    def __call__(self, unit: WorkUnit, folder: Path) -> tuple[str, dict[str, Any]]:
        """Preprocess a unit; see `work_folder.Work`."""
        facts = Facts()
        found: list[Poison] = []
        try:
            with facts.warnings(), AtomicFile(folder / TEXT) as file:
                sources = [piece.opened() for piece in unit.pieces]
                self._write([*sources, *_after(unit, unit.pieces[-1])], file, facts)
        except BpeToolError:
            if not self.set_aside:
                raise
            facts = Facts()
            with facts.warnings(), AtomicFile(folder / TEXT) as file:
                found = self._write_sound(unit, file, facts)
        facts.write_set_aside(folder, found)
        return content_digest(unit), facts.record()

    def digest(self, unit: WorkUnit) -> str:
        """Return the SHA-256 of the bytes of a unit."""
        return content_digest(unit)

    def _write(self, sources: Sequence[Source], output: Output, facts: Facts) -> None:
        StreamPreprocessor(
            preprocessor=self.preprocessor, on_skip=facts.skip, on_block=facts.block
        ).write(sources, output)

    def _write_sound(self, unit: WorkUnit, output: Output, facts: Facts) -> list[Poison]:
        """Write what can be preprocessed, an empty record for the rest, and return the rest."""
        found: list[Poison] = []
        for piece in unit.pieces:
            alone = WorkUnit(unit.number, (piece,), unit.last and piece is unit.pieces[-1])
            own = self.preprocessor.unit.of(piece.source)
            empty = (b"null" if own.field is not None else b"") + (own.record_terminator or b"")
            attempt = partial(self._attempt, _after(alone, piece))
            for each in tried(alone, self.preprocessor.unit, None, attempt):
                if isinstance(each, Poison):
                    found.append(each)
                    output.write(empty)
                else:
                    text, told = each.result
                    facts.add(told)
                    output.write(text)
        return found

    def _attempt(self, after: Sequence[Source], some: Source) -> tuple[bytes, Facts]:
        told, kept = Facts(), _Held()
        self._write([some, *after], kept, told)
        return b"".join(kept.pieces), told


def join(outputs: Iterable[Path], path: Path) -> None:
    """Write the texts of all units, in order, as one file.

    Raises:
        OSError: A file cannot be read or written.
    """
    with AtomicFile(path) as file:
        for output in outputs:
            with (output / TEXT).open("rb") as text:
                while block := text.read(COPY_BYTES):
                    file.write(block)


def _after(unit: WorkUnit, piece: Piece) -> list[Source]:
    """Return what comes after the last record of a piece, as far as it matters.

    After an input without records, the record before is not the last of all.
    """
    return [] if unit.last else [held(piece.source, "", b"")]


class _Held:
    """Keeps text in memory."""

    replaces = False

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview, /) -> None:
        self.pieces.append(bytes(data))

    def patch(self, offset: int, data: bytes) -> None:
        raise AssertionError("text is not patched")
