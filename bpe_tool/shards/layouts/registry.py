"""The layouts by the names that `--format` gives them. Each is imported when it is used.

A new layout is a file beside this one with a subclass of `layout.Layout` (or of
`flat.FlatLayout`, if its ids are one array); its name goes to `ShardFormat` and `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeAlias

from bpe_tool.errors import ArgumentError

if TYPE_CHECKING:
    from bpe_tool.shards.layouts.layout import Layout

#: The names of layouts: what `--format` takes, and what manifests hold.
ShardFormat: TypeAlias = Literal[
    "npy", "u16", "u32", "llmc", "megatron", "datatrove", "npz", "ndjson", "arrow", "parquet"
]

#: The module and class of each format.
FORMATS: Mapping[str, tuple[str, str]] = {
    "npy": ("npy", "Npy"),
    "u16": ("raw", "U16"),
    "u32": ("raw", "U32"),
    "llmc": ("llmc", "LlmC"),
    "megatron": ("megatron", "Megatron"),
    "datatrove": ("datatrove", "Datatrove"),
    "npz": ("npz", "Npz"),
    "ndjson": ("ndjson", "Ndjson"),
    "arrow": ("arrow_parquet", "Arrow"),
    "parquet": ("arrow_parquet", "Parquet"),
}

#: Optional packages that formats need.
NEEDS: Mapping[str, str] = {"arrow": "pyarrow", "parquet": "pyarrow"}

#: Modules that formats import only when they write.
TO_WRITE: Mapping[str, tuple[str, ...]] = {
    "arrow": ("bpe_tool.shards.layouts.pyarrow_tables",),
    "parquet": ("bpe_tool.shards.layouts.pyarrow_tables", "pyarrow.parquet"),
}


def writing_modules(format: str) -> tuple[str, ...]:
    """Return the modules that writing a format imports and that are slow to import."""
    layout = f"bpe_tool.shards.layouts.{FORMATS[format][0]}"
    return ("bpe_tool.shards.writer", layout, *TO_WRITE.get(format, ()))


def layout_named(format: str) -> Layout:
    """Return the layout with a name.

    Raises:
        ArgumentError: There is none, or a package that it needs is not installed.
    """
    if format not in FORMATS:
        raise ArgumentError(f"{format!r} is not a format of shards: {', '.join(FORMATS)}")
    needed = NEEDS.get(format)
    if needed and find_spec(needed) is None:
        raise ArgumentError(
            f"the format {format} needs {needed}", hint="pip install 'bpe-tool[arrow]'"
        )
    module, name = FORMATS[format]
    layout: Layout = getattr(import_module(f"bpe_tool.shards.layouts.{module}"), name)()
    return layout
