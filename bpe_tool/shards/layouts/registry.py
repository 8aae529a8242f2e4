"""Which forms of shards there are. Each is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bpe_tool.errors import ArgumentError

if TYPE_CHECKING:
    from bpe_tool.shards.layouts.layout import ShardFormat

#: Where each is defined.
FORMATS: Mapping[str, tuple[str, str]] = {
    "npy": ("npy", "Npy"),
    "u16": ("raw", "U16"),
    "u32": ("raw", "U32"),
    "llmc": ("llmc", "LlmC"),
    "megatron": ("megatron", "Megatron"),
    "datatrove": ("datatrove", "Datatrove"),
    "npz": ("npz", "Npz"),
    "ndjson": ("ndjson", "Ndjson"),
    "arrow": ("tables", "Arrow"),
    "parquet": ("tables", "Parquet"),
}

#: What some need that is not always installed.
NEEDS: Mapping[str, str] = {"arrow": "pyarrow", "parquet": "pyarrow"}

#: What some import only when they write.
TO_WRITE: Mapping[str, tuple[str, ...]] = {
    "arrow": ("bpe_tool.shards.layouts.arrow",),
    "parquet": ("bpe_tool.shards.layouts.arrow", "pyarrow.parquet"),
}


def writing_modules(name: str) -> tuple[str, ...]:
    """Return what is imported when shards of a format are written, and takes time."""
    layout = f"bpe_tool.shards.layouts.{FORMATS[name][0]}"
    return ("bpe_tool.shards.sink", layout, *TO_WRITE.get(name, ()))


def shard_format(name: str) -> ShardFormat:
    """Return the format of a name.

    Raises:
        ArgumentError: There is none, or what it needs is not installed.
    """
    if name not in FORMATS:
        raise ArgumentError(f"{name!r} is no format of shards: {', '.join(FORMATS)}")
    needed = NEEDS.get(name)
    if needed and find_spec(needed) is None:
        raise ArgumentError(
            f"the format {name} needs {needed}", hint="pip install 'bpe-tool[arrow]'"
        )
    module, kind = FORMATS[name]
    format: ShardFormat = getattr(import_module(f"bpe_tool.shards.layouts.{module}"), kind)()
    return format
