"""Work on many machines: batches and datasets for Ray Data, and commands on a Ray cluster."""

from bpe_tool.lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpe_tool.distributed.batches import BatchEncoder, BatchPreprocessor
    from bpe_tool.distributed.datasets import read_texts, write_ids

__all__ = [
    "BatchEncoder",
    "BatchPreprocessor",
    "read_texts",
    "write_ids",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "BatchEncoder": "batches",
        "BatchPreprocessor": "batches",
        "read_texts": "datasets",
        "write_ids": "datasets",
    },
)
