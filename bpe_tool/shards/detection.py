"""Detects the format of files without a manifest: those that other programs wrote."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from bpe_tool.checks import shown
from bpe_tool.errors import ArgumentError, DataError, Suggestion
from bpe_tool.io.unfinished import refuse_half_written
from bpe_tool.shards.layouts.flat import BOUNDS_SUFFIX
from bpe_tool.shards.layouts.llmc import is_llmc
from bpe_tool.shards.layouts.megatron import INDEX_SUFFIX

#: The types of ids in files that are nothing but ids.
RawType: TypeAlias = Literal["uint16", "uint32"]

#: The formats by the suffix of a file. `.bin` may be one of several.
BY_SUFFIX: Mapping[str, str] = {
    ".npy": "npy",
    ".u16": "u16",
    ".u32": "u32",
    ".ds": "datatrove",
    ".npz": "npz",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".arrow": "arrow",
    ".parquet": "parquet",
}

#: The formats of such files.
RAW: Mapping[str, str] = {"uint16": "u16", "uint32": "u32"}


def detect_shards(path: Path, dtype: str | None) -> list[tuple[Path, str]]:
    """Return the shards at a path: for each, the file of ids and its format.

    Args:
        path: A file; or a directory, which stands for all its files in byte order of names.
        dtype: The type of ids in files that do not say it.

    Raises:
        DataError: There are no shards.
        ArgumentError: `dtype` is missing, or is not a type of ids.
        OSError: The directory or a file cannot be read.
    """
    if dtype is not None:
        dtype = _raw_type(dtype)
    if not path.is_dir():
        if path.suffix == INDEX_SUFFIX:
            path = path.with_suffix(".bin")
        if not path.exists():
            # Megatron's own arguments are names without a suffix.
            ids = path.with_name(path.name + ".bin")
            if ids.exists() and ids.with_suffix(INDEX_SUFFIX).exists():
                return [(ids, "megatron")]
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return [(path, _format(path, dtype))]
    entries = list(path.iterdir())
    refuse_half_written(path, [each.name for each in entries])
    files = sorted(filter(_may_hold_ids, entries), key=os.fsencode)
    if not files:
        raise DataError(
            f"{path}: no manifest, and no files of ids; a set is complete when it has a manifest"
        )
    return [(each, _format(each, dtype)) for each in files]


def _raw_type(dtype: str) -> str:
    try:
        name = np.dtype(dtype).name
    except (TypeError, ValueError):
        name = ""
    if name not in RAW:
        raise ArgumentError(f"is {shown(dtype)}: it must be uint16 or uint32", parameter="dtype")
    return name


def _may_hold_ids(path: Path) -> bool:
    if path.name.startswith(".") or path.name.endswith(BOUNDS_SUFFIX):
        return False
    return path.suffix in (*BY_SUFFIX, ".bin") and path.is_file()


def _format(path: Path, dtype: str | None) -> str:
    if path.suffix in BY_SUFFIX:
        format = BY_SUFFIX[path.suffix]
        if dtype is not None and format in RAW.values() and format != RAW[dtype]:
            raise ArgumentError(
                f"{path}: its name says {format}, and not {dtype}",
                hint=Suggestion("leave {dtype} out, or rename the file to end in .bin"),
            )
        return format
    if path.suffix == ".bin" and path.with_suffix(INDEX_SUFFIX).exists():
        return "megatron"
    if is_llmc(path):
        return "llmc"
    if dtype is None:
        raise ArgumentError(
            f"{path}: the file does not say how wide its ids are",
            hint=Suggestion("pass {dtype:uint16} or uint32"),
        )
    return RAW[dtype]
