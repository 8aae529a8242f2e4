"""A batch as a notebook shows it: the first rows, with the padding left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpe_tool.rendering.blocks import Block, Cell, Facts, Table
from bpe_tool.rendering.html import in_notebook

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.batching.batch import Batch

#: How many rows are shown, and how many ids of each.
_ROWS, _IDS = 20, 40


def as_notebook(batch: Batch) -> str:
    """Return a batch as markup for a notebook."""
    return in_notebook("Batch", view(batch))


def view(batch: Batch) -> list[Block]:
    """Return the sizes of a batch, and its first rows."""
    rows, width = batch.ids.shape
    ids = int(batch.lengths.sum())
    facts: list[tuple[str, Cell]] = [("rows", rows), ("width", width), ("ids", ids)]
    facts.append(("padding", rows * width - ids))
    columns = ["row", "length", "ids"]
    filled = [batch.attention_mask[row] != 0 for row in range(min(rows, _ROWS))]
    shown: list[list[Cell]] = [
        [row, int(batch.lengths[row]), _line(batch.ids[row, own])] for row, own in enumerate(filled)
    ]
    if batch.labels is not None:
        columns.append("labels")
        for row, own in enumerate(filled):
            shown[row].append(_line(batch.labels[row, own]))
    more = rows - len(shown)
    note = f"without padding; and {more:,} more" if more else "without padding"
    return [Facts("Sizes", facts), Table("Rows", columns, shown, note)]


def _line(ids: NDArray) -> str:  # type: ignore[type-arg]
    shown = " ".join(map(str, ids[:_IDS].tolist()))
    return f"{shown} …" if len(ids) > _IDS else shown
