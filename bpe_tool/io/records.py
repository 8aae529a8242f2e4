"""Records of ids, which flow between stages, and the formats that they are written in."""

from __future__ import annotations

from typing import Literal, TypeAlias

from bpe_tool._core import Records

__all__ = ["RAW_WIDTHS", "IdFormat", "Records"]

#: The formats in which ids are written and read.
IdFormat: TypeAlias = Literal["ids", "ndjson", "u16", "u32", "npy"]

#: Bytes of an id in the formats that hold ids and nothing else.
RAW_WIDTHS = {"u16": 2, "u32": 4, "npy": 4}
