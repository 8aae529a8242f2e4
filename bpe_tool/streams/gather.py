"""Encodes files into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpe_tool import _core
from bpe_tool.id_arrays import id_width
from bpe_tool.io.files import Selection, expand
from bpe_tool.io.id_writers import IdSink
from bpe_tool.io.records import Records
from bpe_tool.ragged import Ragged
from bpe_tool.streams.encode import Encoding, encode

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def encoded_files(
    paths: Sequence[str], encoding: Encoding, dtype: DTypeLike, *, selection: Selection
) -> Ragged:
    """Encode the documents of files; return a row for each.

    Args:
        paths: See `bpe_tool.io.files.expand`.
        encoding: How to encode them.
        dtype: The type of the ids.
        selection: See `bpe_tool.io.files.expand`.

    Raises:
        ArgumentError: The ids do not fit the type.
        BpeToolError: See `bpe_tool.streams.encode.encode`.
        OSError: Likewise.
    """
    import numpy as np

    width = id_width(dtype, encoding.tokenizer.max_id)
    gathered = _core.Gathered(width)
    encode(expand(paths, selection), encoding, _ArraySink(gathered))
    ids, bounds = gathered.finish()
    return Ragged(np.frombuffer(ids, f"u{width}"), np.frombuffer(bounds, np.int64))


class _ArraySink(IdSink):
    """Keeps ids in the core."""

    def __init__(self, gathered: _core.Gathered) -> None:
        self._gathered = gathered

    def write(self, records: Records) -> None:
        """Add the next records."""
        self._gathered.add(records)
