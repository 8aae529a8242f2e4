"""Sets of shards for tests: documents, what is in a set, and damaged copies of files."""

import random
from pathlib import Path

import bpe_tool
from bpe_tool.shards.verify import problems

DOCUMENTS = [[1, 2, 3, 0], [], [4, 0], [5, 6, 7, 8, 9, 0]]


def documents_of(shards: bpe_tool.ShardSet) -> list[list[int]]:
    """All documents of a set, in order."""
    return [
        shard.ids[shard.bounds[i] : shard.bounds[i + 1]].tolist()
        for shard in shards.shards
        for i in range(len(shard.bounds) - 1)
    ]


def read_all(path: Path, **options: object) -> None:
    """Read everything in a set, in every way."""
    shards = bpe_tool.open_shards(path, **options)
    for shard in shards.shards:
        for ids, ends in shard.blocks():
            ids.sum()
            ends.sum()
    list(problems(shards))


def damages(data: bytes, count: int) -> list[bytes]:
    """The data cut off, and with bytes changed, most of them near the beginning or the end."""
    generator = random.Random(len(data))
    found = [data[:length] for length in {0, 1, 7, 8, 9, 33, len(data) // 2, len(data) - 1}]
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(generator.randrange(1, 4)):
            near = generator.choice([len(data), min(len(data), 64)])
            position = generator.randrange(near) * generator.choice([1, -1])
            changed[position] = generator.choice([0, 0x7F, 0x80, 0xFF, changed[position] ^ 1])
        found.append(bytes(changed))
    return found
