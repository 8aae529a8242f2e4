"""Sets of shards: files of ids for training, with a manifest."""

from bpe_tool.lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpe_tool.shards.reader import ShardSet, open_shards
    from bpe_tool.shards.shard import Shard
    from bpe_tool.shards.writer import write_shards

__all__ = [
    "Shard",
    "ShardSet",
    "open_shards",
    "write_shards",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "Shard": "shard",
        "ShardSet": "reader",
        "open_shards": "reader",
        "write_shards": "writer",
    },
)
