"""Sets of shards that are not complete: what they look like, to whoever reads a directory."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from bpe_tool.errors import DataError
from bpe_tool.io.temporaries import is_temporary

#: The name of a set's last file. With it, the set is complete.
MANIFEST = "manifest.json"

#: How the names of all shards begin.
SHARD = "shard-"

#: Sets are made in temporary directories for a target of this name.
STAGED = "shards"

_SHARD = re.compile(re.escape(SHARD) + r"[0-9]{6}\.[a-z0-9.]+")


def is_staging(name: str) -> bool:
    """Return whether this is what the directories are called in which sets are made."""
    return name.startswith(f".{STAGED}.") and is_temporary(name)


def refuse_half_written(folder: Path, names: Collection[str]) -> None:
    """Refuse a directory in which a set is being made, or was when its writer was killed.

    Args:
        folder: The directory.
        names: What is in it.

    Raises:
        DataError: It is such a one. (One whose set is being replaced is not.)
    """
    if MANIFEST not in names and any(map(is_staging, names)):
        raise DataError(f"{folder}: this set is not complete: its writer was killed, or is at work")


def refuse_unfinished(folder: Path, names: Collection[str]) -> None:
    """Refuse a directory whose files are to be read one by one, and are not a complete set.

    Args:
        folder: The directory.
        names: What is in it.

    Raises:
        DataError: A set is being made there, or was; or there are shards and no manifest.
    """
    refuse_half_written(folder, names)
    if MANIFEST not in names and any(map(_SHARD.fullmatch, names)):
        raise DataError(
            f"{folder}: there are shards and no manifest; a set is complete when it has one",
            hint=f"name the files to read them nevertheless: {folder}/{SHARD}*",
        )
