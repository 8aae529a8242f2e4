"""The values that arguments by name may take. It needs no numpy, so that help is fast."""

from __future__ import annotations

from typing import Literal, TypeAlias

#: A side of a row.
Side: TypeAlias = Literal["left", "right"]

#: The types that the arrays of a batch may have: those that models take for ids.
Dtype: TypeAlias = Literal["int64", "int32"]

#: Whose names `Batch.arrays` uses for the borders of documents.
Names: TypeAlias = Literal["flash-attention", "transformers"]

#: The file formats of batches.
BatchFormat: TypeAlias = Literal["ndjson", "npz", "npy"]

#: What a sample of a dataset is.
View: TypeAlias = Literal["documents", "windows"]

#: What happens to the last batches of an epoch when there are not enough for all ranks.
Uneven: TypeAlias = Literal["drop", "repeat"]

#: Which documents share a packed row.
Strategy: TypeAlias = Literal["best-fit", "concatenate", "best-fit-crop"]

#: What happens to documents that are longer than a packed row.
Long: TypeAlias = Literal["split", "truncate", "drop"]

#: The ways of batching that a report compares.
Way: TypeAlias = Literal["in-order", "buckets", "token-budget", Strategy]

#: What `MaskedLM` chooses at once.
MaskUnit: TypeAlias = Literal["token", "word", "span"]

#: The labels that `bpe-tool batch` makes.
Labels: TypeAlias = Literal["causal", "shifted", "mlm"]
