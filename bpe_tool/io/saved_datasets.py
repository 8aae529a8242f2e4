"""Recognizes datasets that the library datasets has saved in a directory (`save_to_disk`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bpe_tool.errors import DataError

#: What such a directory holds beside its data. The state lists the files of the data.
STATE = "state.json"
INFO = "dataset_info.json"

#: What a directory of several splits holds beside the directories of the splits.
SPLITS = "dataset_dict.json"


def data_files(folder: Path, names: Sequence[str]) -> list[str]:
    """Return the files in a directory that are data: of a saved dataset, those that it lists.

    Raises:
        DataError: The list of a saved dataset cannot be read.
    """
    if SPLITS in names:
        return [name for name in names if name != SPLITS]
    if STATE not in names or INFO not in names:
        return list(names)
    path = folder / STATE
    try:
        state = json.loads(path.read_bytes())
        listed = [each["filename"] for each in state["_data_files"]]
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{path}: not the state of a saved dataset") from None
    if missing := [name for name in listed if name not in names]:
        raise DataError(f"{folder}: the file {missing[0]} of this dataset is missing")
    return listed
