"""Recognizes incomplete sets of shards by the names in a directory."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from bpe_tool.errors import DataError
from bpe_tool.io.temporaries import is_temporary

#: The name of the file that is written last. A set that has it is complete.
MANIFEST = "manifest.json"

#: The prefix of all names of shards.
SHARD = "shard-"

#: Sets are written to temporary directories for a target of this name.
STAGED = "shards"

_SHARD = re.compile(re.escape(SHARD) + r"[0-9]{6}\.[a-z0-9.]+")


def is_staging(name: str) -> bool:
    """Return whether this is the name of a directory to which a set is written."""
    return name.startswith(f".{STAGED}.") and is_temporary(name)


def refuse_half_written(folder: Path, names: Collection[str]) -> None:
    """Refuse a directory in which a set is being written, or was when its writer was killed.

    Args:
        folder: The directory.
        names: The names in it.

    Raises:
        DataError: It is such a directory. (One whose complete set is being replaced is not.)
    """
    if MANIFEST not in names and any(map(is_staging, names)):
        raise DataError(f"{folder}: this set is not complete: its writer was killed, or is at work")


def refuse_unfinished(folder: Path, names: Collection[str]) -> None:
    """Refuse a directory whose files are to be read one by one, and are an incomplete set.

    Args:
        folder: The directory.
        names: The names in it.

    Raises:
        DataError: See `refuse_half_written`; or there are shards and no manifest.
    """
    refuse_half_written(folder, names)
    if MANIFEST not in names and any(map(_SHARD.fullmatch, names)):
        raise DataError(
            f"{folder}: there are shards and no manifest; a set is complete when it has one",
            hint=f"name the files to read them nevertheless: {folder}/{SHARD}*",
        )
