"""What a file holds, as its name says: compressed data, an archive, a format of records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from bpe_tool.io.content import Compression

#: The formats in which text comes. Those but `text` hold records with named fields.
Format: TypeAlias = Literal["text", "ndjson", "json", "csv", "tsv", "parquet", "arrow"]

#: Those that are text, and can be read as plain text, too.
TEXTUAL: frozenset[Format] = frozenset({"text", "ndjson", "json", "csv", "tsv"})

#: What messages call them.
FORMAT_NAMES: Mapping[Format, str] = {
    "text": "text",
    "ndjson": "JSON lines",
    "json": "JSON",
    "csv": "CSV",
    "tsv": "TSV",
    "parquet": "Parquet",
    "arrow": "Arrow",
}

Archive: TypeAlias = Literal["zip", "tar"]

#: The suffixes of files that are decompressed.
COMPRESSIONS: Mapping[str, Compression] = {
    ".gz": "gzip",
    ".zst": "zstd",
    ".bz2": "bzip2",
    ".xz": "xz",
}

#: Short suffixes of compressed tar archives.
_SHORT: Mapping[str, str] = {".tgz": ".gz", ".tzst": ".zst", ".tbz2": ".bz2", ".txz": ".xz"}

_FORMATS: Mapping[str, Format] = {
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}


def compression_of(name: str) -> Compression | None:
    """Return how a file is compressed, by its name."""
    suffix = _suffix(name)
    return COMPRESSIONS.get(_SHORT.get(suffix, suffix))


def format_of(name: str) -> Format:
    """Return the format of a file by its name, less the suffix of compression."""
    return _FORMATS.get(_suffix(_decompressed(name)).lower(), "text")


def archive_of(name: str) -> Archive | None:
    """Return which archive a file is, by its name."""
    suffix = _suffix(name)
    if suffix == ".zip":
        return "zip"
    return "tar" if suffix in _SHORT or _suffix(_decompressed(name)) == ".tar" else None


def _decompressed(name: str) -> str:
    suffix = _suffix(name)
    return name.removesuffix(suffix) if suffix in COMPRESSIONS else name


def _suffix(name: str) -> str:
    """Return the last suffix; "" if there is none, as in `.gz`."""
    start, dot, rest = name.rpartition("/")[2].rpartition(".")
    return dot + rest if start else ""
