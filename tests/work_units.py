"""Work on units for tests: done in this process, and compared with what one stream gives."""

from collections.abc import Iterator
from pathlib import Path

import bpe_tool
from bpe_tool.distributed.driver import Cluster
from bpe_tool.distributed.encoding import EncodeUnits
from bpe_tool.distributed.run import InProcess
from bpe_tool.io.documents import Unit
from bpe_tool.io.files import expand
from bpe_tool.io.template import Template
from bpe_tool.shards.manifest import Provenance
from bpe_tool.shards.writer import ShardSetWriter, ShardSink
from bpe_tool.streams import encode as encode_stream

LINES = Unit(b"\n")
MAX_PRETOKEN_BYTES = 1 << 20


def encoding(tokenizer: bpe_tool.Tokenizer, unit: Unit = LINES) -> encode_stream.Encoding:
    return encode_stream.Encoding(
        tokenizer=tokenizer._core,
        unit=unit,
        template=Template((), (7,)),
        max_pretoken_bytes=MAX_PRETOKEN_BYTES,
    )


def provenance(tokenizer: bpe_tool.Tokenizer) -> Provenance:
    return Provenance(max_id=tokenizer._core.max_id, vocab_size=len(tokenizer))


def work(
    tokenizer: bpe_tool.Tokenizer,
    unit: Unit = LINES,
    *,
    set_aside: bool = False,
    special: str = "text",
) -> EncodeUnits:
    made = EncodeUnits.of(
        encoding(tokenizer, unit), None, provenance(tokenizer), set_aside=set_aside
    )
    return EncodeUnits(**{**vars(made), "special": special})


def cluster(**options: object) -> Cluster:
    return Cluster(**{"executor": InProcess(), "unit_bytes": 50, **options})


def content(folder: Path) -> dict[str, bytes]:
    """All files below a directory."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def in_one_stream(
    files: list[Path],
    tokenizer: bpe_tool.Tokenizer,
    folder: Path,
    unit: Unit,
    format: str,
    shard_tokens: int | None,
) -> dict[str, bytes]:
    """The set that `encode` writes without a cluster."""
    with ShardSetWriter(folder, format, provenance(tokenizer), shard_tokens=shard_tokens) as writer:
        encode_stream.encode(
            expand([str(file) for file in files]), encoding(tokenizer, unit), ShardSink(writer),
            on_skip=lambda error: None,
        )  # fmt: skip
    return content(folder)


def records(data: bytes, terminator: bytes) -> Iterator[tuple[int, int]]:
    """Where the records of a file begin and end, searched from its beginning."""
    start = 0
    while start < len(data):
        found = data.find(terminator, start)
        stop = len(data) if found < 0 else found + len(terminator)
        yield start, stop
        start = stop
