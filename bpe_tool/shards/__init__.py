"""Sets of shards: files of ids for training, with a manifest."""

from bpe_tool.lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpe_tool.shards.reader import Shard, ShardSet, open_shards
    from bpe_tool.shards.write_rows import write_shards

__all__ = [
    "Shard",
    "ShardSet",
    "open_shards",
    "write_shards",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "Shard": "reader",
        "ShardSet": "reader",
        "open_shards": "reader",
        "write_shards": "write_rows",
    },
)
