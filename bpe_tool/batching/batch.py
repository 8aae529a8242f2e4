"""One batch: rows of ids of one width, with attention mask, positions, labels and segments."""

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

#: The most ids in one row of `flattened`: attention kernels take `cu_seqlens` as int32.
MOST_FLAT_IDS = 2**31 - 1

Ints: TypeAlias = NDArray[np.int64] | NDArray[np.int32]


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Batch:
    """Rows of ids of one width, and what a model needs to know about them.

    Made by `pad`, `pack` and `Loader`. The value is frozen: `dataclasses.replace` makes another
    one with other fields. Its arrays are not frozen: callers change labels in place, and torch
    needs writable memory. Two batches are equal if all their arrays are.

    Masks, lengths and positions come from the lengths of rows, never from the values of ids, so
    the text may hold the id that is used for padding.

    Attributes:
        ids: The ids: `(rows, width)`, int64 or int32.
        attention_mask: 1 for an id of the input, 0 for padding: of the same shape and type.
        lengths: The number of ids in each row, without padding: `(rows,)`, int64.
        position_ids: The position of each id in its row, or in its document if several share a
            row; 0 for padding: of the same shape and type as `ids`.
        labels: The id to predict in each slot: of the same shape and type as `ids`.
        segment_ids: The number of the document in its row that each id belongs to, from 1; 0 for
            padding: of the same shape and type as `ids`. Only packed rows have them.
        cu_seqlens: Where each document begins when the rows are joined without padding, and
            where the last one ends: `(documents + 1,)`, int32. The first number is 0.
        max_seqlen: The length of the longest of those documents.
        samples: The number of the sample that each row is: `(rows,)`, int64; -1 for a row of
            several samples.
        pieces: The piece of its sample that each document is, if it is not the whole sample:
            `(documents, 2)`, int64. The first column is the number of the sample, the second the
            position in it at which the piece begins. Documents are in the order of `cu_seqlens`;
            without packing they are the rows.
        numbered: Whether the numbers of samples were given. If not, they were counted from 0.
            It does not take part in comparisons.
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
        """Return the arguments for a model.

        Args:
            names: The names for the borders of documents. `"transformers"` is for Hugging Face's
                models with flash-attention, which take a batch that is `flattened`.

        Returns:
            `input_ids`, `attention_mask`, `position_ids` and `labels`, as Hugging Face calls
            them; `segment_ids`; `cu_seqlens` and `max_seqlen`, as flash-attention calls them.
            What a batch does not have is left out. With `names="transformers"`, instead of the
            last three: `cu_seq_lens_q`, `cu_seq_lens_k` (int32), `max_length_q`, `max_length_k`,
            and `seq_idx` (int32), which counts from 0 and is -1 at padding.

        Raises:
            ArgumentError: `names` is neither.

        Packed rows come without `attention_mask`: a mask of padding alone would let documents
        that share a row attend to each other. Without it, Hugging Face's models keep documents
        apart by `position_ids` if they are called with `use_cache=False`; with flash-attention
        they also need a single row, as `flattened` makes it.
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
        """Return all documents in one row without padding.

        Attention kernels for sequences of different lengths take a batch in this form
        ("padding-free"; Hugging Face's `DataCollatorWithFlattening`). `cu_seqlens` says where
        documents begin in the row. Documents without ids are left out.

        Raises:
            ArgumentError: It has labels and is not packed. Make labels afterwards: in a row of
                several documents, the first id of each is not predicted.
            DataError: There are more ids than `cu_seqlens` can count (2^31 - 1).

        >>> import bpe_tool
        >>> batch = bpe_tool.pad([[5, 6, 2], [7, 2]], pad_id=0).flattened()
        >>> batch.ids.tolist(), batch.position_ids.tolist(), batch.cu_seqlens.tolist()
        ([[5, 6, 2, 7, 2]], [[0, 1, 2, 0, 1]], [0, 3, 5])
        """
        packed = self.segment_ids is not None
        if self.labels is not None and not packed:
            raise ArgumentError(
                "the labels were made for padded rows, and differ from those of one row",
                hint="flatten the batch before making labels",
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

    # Its arrays are mutable.
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

    def _repr_html_(self) -> str:
        from bpe_tool.batching.batch_view import as_notebook

        return as_notebook(self)


def _equal(left: object, right: object) -> bool:
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(left, right)
    return type(left) is type(right) and left == right
