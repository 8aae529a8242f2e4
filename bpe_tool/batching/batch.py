"""One batch: rows of ids of one width, and what a model needs to know about them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeAlias, final, get_args

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.batching.literals import Names
from bpe_tool.errors import ArgumentError, DataError

if TYPE_CHECKING:
    import torch

#: `cu_seqlens` is counted in 32 bits, as attention kernels want it.
MOST_FLAT_IDS = 2**31 - 1

Ints: TypeAlias = NDArray[np.int64] | NDArray[np.int32]


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Batch:
    """Rows of ids of one width, and what a model needs to know about them.

    Made by `pad` and its kin. The value is frozen: `dataclasses.replace` makes another one
    with other fields. Its arrays are not: to change labels in place is what people do, and
    torch wants memory that may be written. Two batches are equal if all their arrays are.

    Nothing here was found by looking at ids: masks and the like come from lengths, so that
    the id used for padding may stand in the text, too.

    Attributes:
        ids: The ids: `(rows, width)`, int64 or int32.
        attention_mask: 1 for an id of the input, 0 for padding: of the same shape and type.
        lengths: How many ids of each row are no padding: `(rows,)`, int64.
        position_ids: Where each id stands in its row, or in its document if several share a
            row; 0 for padding: of the same shape and type as `ids`.
        labels: What is to be predicted at each place: likewise.
        segment_ids: Which document of its row each id belongs to, from 1; 0 for padding:
            likewise. Only batches of packed rows have them.
        cu_seqlens: Where the documents begin when the rows are joined without their padding,
            from 0, and where the last one ends: `(documents + 1,)`, int32.
        max_seqlen: How long the longest of those documents is.
        samples: Which row of the input each row is: `(rows,)`, int64; -1 for a row of several.
        pieces: Which stretch of the input each document is, if not a whole sample: `(documents,
            2)`, int64. The first column is the sample, the second how many of its ids come
            before. Documents are in the order of `cu_seqlens`; without packing they are the rows.
        numbered: Whether the numbers of samples are known; if not, they were just counted from 0.
            Equal batches may differ in it.
    """

    ids: Ints
    attention_mask: Ints
    lengths: NDArray[np.int64]
    position_ids: Ints
    labels: Ints | None = None
    segment_ids: Ints | None = None
    cu_seqlens: NDArray[np.int32] | None = None
    max_seqlen: int | None = None
    samples: NDArray[np.int64] | None = None
    pieces: NDArray[np.int64] | None = None
    numbered: bool = field(default=True, compare=False)

    def arrays(self, *, names: Names = "flash-attention") -> dict[str, Any]:
        """Return what a model is called with.

        Args:
            names: What the borders of documents are called, of a batch that has them.
                `"transformers"`: as models of Hugging Face with flash-attention want it, of a
                batch that is `flattened`.

        Returns:
            `input_ids`, `attention_mask`, `position_ids` and `labels`, which are Hugging Face's
            names; `segment_ids`; `cu_seqlens` and `max_seqlen`, which are those of
            flash-attention; as far as there are such arrays. With `names="transformers"`, instead
            of the last three: `cu_seq_lens_q`, `cu_seq_lens_k` (int32), `max_length_q`,
            `max_length_k`, and `seq_idx` (int32), which counts from 0 and is -1 at padding.

        Raises:
            ArgumentError: There are no such names.

        Packed rows come without `attention_mask`: one that marks nothing but padding lets
        documents that share a row attend to each other. Hugging Face's models that get none
        keep documents apart by `position_ids`, if they are called with `use_cache=False`; with
        flash-attention also only if there is one row, as `flattened` makes it.
        """
        found: dict[str, Any] = {
            "input_ids": self.ids,
            "attention_mask": self.attention_mask if self.segment_ids is None else None,
            "position_ids": self.position_ids,
            "labels": self.labels,
            "segment_ids": self.segment_ids,
            "cu_seqlens": self.cu_seqlens,
            "max_seqlen": self.max_seqlen,
        }
        checks.choice("names", names, get_args(Names))
        if names == "transformers":
            segments, bounds = found.pop("segment_ids"), found.pop("cu_seqlens")
            found["cu_seq_lens_q"] = found["cu_seq_lens_k"] = bounds
            found["max_length_q"] = found["max_length_k"] = found.pop("max_seqlen")
            found["seq_idx"] = None if segments is None else (segments - 1).astype(np.int32)
        return {name: value for name, value in found.items() if value is not None}

    def flattened(self) -> Batch:
        """Return all documents in one row without padding, each told apart from the others.

        That is how attention kernels for sequences of different lengths take a batch
        ("padding-free"; `DataCollatorWithFlattening` of Hugging Face). `cu_seqlens` says
        where documents begin in this very row. Documents without ids are in no row.

        Raises:
            ArgumentError: It has labels, but is not packed. Make labels afterwards: in a row
                of several documents, the first id of each is not to be predicted.
            DataError: There are more ids than `cu_seqlens` can count (2^31 - 1).

        >>> import bpe_tool
        >>> batch = bpe_tool.pad([[5, 6, 2], [7, 2]], pad_id=0).flattened()
        >>> batch.ids.tolist(), batch.position_ids.tolist(), batch.cu_seqlens.tolist()
        ([[5, 6, 2, 7, 2]], [[0, 1, 2, 0, 1]], [0, 3, 5])
        """
        packed = self.segment_ids is not None
        if self.labels is not None and not packed:
            raise ArgumentError(
                "labels of padded rows are not those of one row of all documents",
                hint="flatten the batch first, and then make labels",
            )
        lengths = self.lengths if self.cu_seqlens is None else np.diff(self.cu_seqlens)
        total, longest = int(self.lengths.sum()), int(lengths.max(initial=0))
        if total > MOST_FLAT_IDS:
            raise DataError(f"{total} ids in one row: `cu_seqlens` counts to {MOST_FLAT_IDS}")
        real, held = self.attention_mask != 0, np.flatnonzero(lengths)
        own, ids = lengths[held], self.ids[real][None]
        segments = np.empty_like(ids)
        segments[0] = np.repeat(np.arange(1, len(own) + 1), own)
        pieces = self.pieces
        if pieces is None and self.samples is not None and not packed:
            pieces = np.stack([self.samples, np.zeros_like(self.samples)], axis=1)
        return Batch(
            ids=ids,
            attention_mask=np.ones_like(ids),
            lengths=np.array([total], np.int64),
            position_ids=self.position_ids[real][None],
            labels=None if self.labels is None else self.labels[real][None],
            segment_ids=segments,
            cu_seqlens=np.cumsum([0, *own], dtype=np.int64).astype(np.int32),
            max_seqlen=longest,
            samples=np.full(1, -1, np.int64),
            pieces=None if pieces is None else pieces[held],
            numbered=self.numbered,
        )

    def torch(self, *, names: Names = "flash-attention") -> dict[str, torch.Tensor | int]:
        """Return `arrays()` as tensors that share their memory with this batch."""
        import torch

        return {
            name: torch.from_numpy(value) if isinstance(value, np.ndarray) else value
            for name, value in self.arrays(names=names).items()
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Batch):
            return NotImplemented
        names = [field.name for field in fields(self) if field.compare]
        return all(_equal(getattr(self, name), getattr(other, name)) for name in names)

    # Its arrays can change.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        rows, width = self.ids.shape
        extras = [
            field.name
            for field in fields(self)
            if field.name in ("labels", "segment_ids") and getattr(self, field.name) is not None
        ]
        ids = int(self.lengths.sum())
        return f"<Batch: {', '.join([f'{rows} rows of {width}', f'{ids} ids', *extras])}>"


def _equal(left: object, right: object) -> bool:
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(left, right)
    return type(left) is type(right) and left == right
