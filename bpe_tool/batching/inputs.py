"""What `batch` reads: ids in files and in shards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from bpe_tool.batching.sampling.dataset import TokenDataset
from bpe_tool.batching.stream import IdBlock
from bpe_tool.errors import ArgumentError
from bpe_tool.io.documents import OnSkip
from bpe_tool.io.files import expand
from bpe_tool.io.id_readers import id_records
from bpe_tool.io.records import IdFormat
from bpe_tool.io.sources import OnRead, Source
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards.reader import ShardSet, open_shards

#: The number of inputs that a title names.
NAMED = 3


class Inputs:
    """The inputs that paths mean, in order.

    Attributes:
        sources: Those that are files, or standard input.
        shards: Those that are sets of shards.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._all: list[Source | ShardSet] = []
        for is_set, group in groupby(paths, _is_set):
            found = [*group]
            self._all += map(open_shards, found) if is_set else expand(found)
        if not paths:
            self._all += expand([])
        self.sources = [each for each in self._all if isinstance(each, Source)]
        self.shards = [each for each in self._all if isinstance(each, ShardSet)]

    @property
    def title(self) -> str:
        """The title of a page about them."""
        names = [each.name if isinstance(each, Source) else str(each.path) for each in self._all]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return ", ".join(names[:NAMED]) + more

    @property
    def special_tokens(self) -> Mapping[str, int]:
        """The special tokens in the manifests."""
        manifests = [each.manifest for each in self.shards if each.manifest]
        return {
            text: id
            for manifest in manifests
            for text, id in manifest.provenance.special_tokens.items()
        }

    @property
    def max_id(self) -> int | None:
        """The largest id that the manifests allow; `None` if an input has no manifest."""
        manifests = [each.manifest for each in self.shards if each.manifest]
        if len(manifests) < len(self._all):
            return None
        return max((each.provenance.max_id for each in manifests), default=None)

    def refuse_other_vocabulary(self, sha256: str) -> None:
        """Refuse a vocabulary that is not the one of the shards, as their manifests name it.

        Raises:
            ArgumentError: It is another file.
        """
        for each in self.shards:
            known = each.manifest and each.manifest.provenance.vocab_sha256
            if known and known != sha256:
                raise ArgumentError(
                    f": {each.path} was encoded with another vocabulary, as its manifest says",
                    parameter="tokenizer",
                    hint="pass the file that it was encoded with, or none: its manifest has the "
                    "special tokens",
                )

    def refuse_unknown_id(self, parameter: str, id: int) -> None:
        """Refuse an id that no vocabulary of the inputs has, if their manifests name them all.

        Raises:
            ArgumentError: It is above all of their ids.
        """
        highest = self.max_id
        named = all(each.manifest and each.manifest.provenance.vocab_sha256 for each in self.shards)
        if named and highest is not None and id > highest:
            raise ArgumentError(
                f": id {id} is not in the vocabulary of the shards, whose last id is {highest}",
                parameter=parameter,
            )

    @property
    def are_framed(self) -> bool:
        """Whether a manifest says that documents already have ids around them."""
        manifests = [each.manifest for each in self.shards if each.manifest]
        return any(each.provenance.before or each.provenance.after for each in manifests)

    def documents(self) -> TokenDataset | None:
        """Return the documents of the input, left in its files, if it is one set of shards."""
        if not len(self.shards) == len(self._all) == 1:
            return None
        return TokenDataset(self.shards[0].unmapped())

    def blocks(
        self, format: IdFormat, end_id: int | None, on_read: OnRead, on_skip: OnSkip
    ) -> Iterator[IdBlock]:
        """Yield the ids of all inputs, and where documents end, without skipped records.

        Args:
            format: The format of ids in files.
            end_id: See `id_records`.
            on_read: See `id_records`.
            on_skip: See `id_records`.
        """
        for each in self._all:
            if isinstance(each, ShardSet):
                for shard in each.shards:
                    yield from shard.blocks()
                continue
            for records in id_records(
                each, format, end_id=end_id, on_read=on_read, on_skip=on_skip
            ):
                ends = np.delete(np.frombuffer(records.ends, np.int64), list(records.skipped))
                yield np.frombuffer(records.ids, np.uint32), ends


def _is_set(path: str) -> bool:
    return (Path(path) / MANIFEST).exists()
