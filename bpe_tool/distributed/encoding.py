"""Encodes units of text. The ids of each are a set of one shard; `joining` makes one of all."""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bpe_tool.distributed.facts import Facts
from bpe_tool.distributed.set_aside import Poison, tried
from bpe_tool.distributed.units import WorkUnit, content_digest
from bpe_tool.errors import BpeToolError
from bpe_tool.io import records
from bpe_tool.io.documents import Unit
from bpe_tool.io.id_writers import IdSink
from bpe_tool.io.sources import Source
from bpe_tool.io.template import Template
from bpe_tool.shards.manifest import Provenance
from bpe_tool.shards.writer import ShardSetWriter, ShardSink
from bpe_tool.streams import encode as encode_stream
from bpe_tool.streams.preprocess import StreamPreprocessor
from bpe_tool.texts import Special
from bpe_tool.tokenizer import Tokenizer

if TYPE_CHECKING:
    from bpe_tool.streams.preprocess_block import BlockPreprocessor

#: The directory of the ids in an output.
IDS = "ids"


@dataclass(frozen=True, kw_only=True)
class EncodeUnits:
    """Turns a unit of text into ids.

    Attributes:
        tokenizer: The vocabulary.
        unit: What a document is.
        template: See `streams.encode.Encoding`.
        special: Likewise.
        count_special: Likewise.
        max_pretoken_bytes: Likewise.
        threads: Likewise.
        preprocessor: How text is preprocessed before, if it is.
        provenance: What the ids are.
        set_aside: Whether documents that cannot be encoded are left empty and listed.
    """

    tokenizer: Tokenizer
    unit: Unit
    template: Template
    special: Special | Literal["marked"] = "text"
    count_special: bool = False
    max_pretoken_bytes: int
    threads: int = 1
    preprocessor: BlockPreprocessor | None = None
    provenance: Provenance
    set_aside: bool = False

    @classmethod
    def of(
        cls,
        encoding: encode_stream.Encoding,
        preprocessor: BlockPreprocessor | None,
        provenance: Provenance,
        *,
        set_aside: bool,
    ) -> EncodeUnits:
        """Return what encodes units as a stream is encoded, but with one thread by default."""
        return cls(
            tokenizer=Tokenizer(encoding.tokenizer),
            unit=encoding.unit,
            template=encoding.template,
            special=encoding.special,
            count_special=encoding.count_special,
            max_pretoken_bytes=encoding.max_pretoken_bytes,
            threads=max(1, encoding.threads),
            preprocessor=preprocessor,
            provenance=provenance,
            set_aside=set_aside,
        )

    def __call__(self, unit: WorkUnit, folder: Path) -> tuple[str, dict[str, Any]]:
        """Encode a unit; see `work_folder.Work`."""
        facts = Facts()
        found: list[Poison] = []
        try:
            with facts.warnings(), self._writer(folder) as writer:
                self._encode([piece.opened() for piece in unit.pieces], ShardSink(writer), facts)
        except BpeToolError:
            if not self.set_aside:
                raise
            shutil.rmtree(folder / IDS, ignore_errors=True)
            facts = Facts()
            with facts.warnings(), self._writer(folder) as writer:
                found = self._encode_sound(unit, ShardSink(writer), facts)
        facts.missing = self.tokenizer._core.take_missing()
        facts.write_set_aside(folder, found)
        return content_digest(unit), facts.record()

    def digest(self, unit: WorkUnit) -> str:
        """Return the SHA-256 of the bytes of a unit."""
        return content_digest(unit)

    @cached_property
    def _encoding(self) -> encode_stream.Encoding:
        return encode_stream.Encoding(
            tokenizer=self.tokenizer._core,
            unit=self.unit,
            template=self.template,
            special=self.special,
            count_special=self.count_special,
            threads=self.threads,
            max_pretoken_bytes=self.max_pretoken_bytes,
        )

    def _writer(self, folder: Path) -> ShardSetWriter:
        format = "u16" if self.provenance.max_id < 1 << 16 else "u32"
        return ShardSetWriter(folder / IDS, format, self.provenance)

    def _encode(self, sources: Sequence[Source], sink: IdSink, facts: Facts) -> None:
        texts = None
        if self.preprocessor is not None:
            texts = StreamPreprocessor(
                preprocessor=self.preprocessor, on_skip=facts.skip, on_block=facts.block
            ).documents(sources)
        facts.special_tokens += encode_stream.encode(
            sources, self._encoding, sink, texts=texts, on_skip=facts.skip
        )

    def _encode_sound(self, unit: WorkUnit, sink: IdSink, facts: Facts) -> list[Poison]:
        """Encode the documents that can be encoded; leave the others empty and return them."""

        def attempt(some: Source) -> tuple[list[records.Records], Facts]:
            own, kept = Facts(), _Held()
            self._encode([some], kept, own)
            return kept.records, own

        found: list[Poison] = []
        for each in tried(unit, self.unit, (), attempt):
            if isinstance(each, Poison):
                found.append(each)
                sink.write(records.Records(array("I"), array("q", [0]), array("q"), skipped=(0,)))
                continue
            made, own = each.result
            facts.add(own)
            for block in made:
                sink.write(block)
        sink.finish()
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {name: value for name, value in vars(self).items() if name != "_encoding"}
        return _rebuilt, (type(self), fields)


def _rebuilt(kind: type[EncodeUnits], fields: dict[str, Any]) -> EncodeUnits:
    return kind(**fields)


class _Held(IdSink):
    """Keeps records in memory."""

    def __init__(self) -> None:
        self.records: list[records.Records] = []

    def write(self, records: records.Records) -> None:
        self.records.append(records)
