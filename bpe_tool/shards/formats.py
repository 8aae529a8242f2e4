"""Which forms of shards there are. Each is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from bpe_tool.errors import ArgumentError

if TYPE_CHECKING:
    from bpe_tool.shards.format import ShardFormat

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
    "arrow": ("arrow", "Arrow"),
    "parquet": ("arrow", "Parquet"),
}


def shard_format(name: str) -> ShardFormat:
    """Return the format of a name.

    Raises:
        ArgumentError: There is none, or what it needs is not installed.
    """
    if name not in FORMATS:
        raise ArgumentError(f"{name!r} is no format of shards: {', '.join(FORMATS)}")
    module, kind = FORMATS[name]
    try:
        found = import_module(f"bpe_tool.shards.{module}")
    except ModuleNotFoundError as error:
        raise ArgumentError(
            f"the format {name} needs {error.name}", hint="pip install 'bpe-tool[arrow]'"
        ) from None
    format: ShardFormat = getattr(found, kind)()
    return format
