"""The batches of an epoch, in a reproducible order, divided among ranks and exactly resumable."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from inspect import Signature, signature
from typing import Any, SupportsIndex, TypedDict, Unpack, final, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.batching import loader_state
from bpe_tool.batching.batch import Batch
from bpe_tool.batching.framed import FramedSamples
from bpe_tool.batching.literals import Dtype, Side, Uneven
from bpe_tool.batching.loader_state import Progress
from bpe_tool.batching.objectives.labelling import Labelling
from bpe_tool.batching.objectives.objective import Objective
from bpe_tool.batching.objectives.responses import Responses
from bpe_tool.batching.policies.policy import PadOptions, Policy
from bpe_tool.batching.rows import Rows, as_ragged, check_side, given_id
from bpe_tool.batching.sampling.dataset import Samples, TokenDataset, as_dataset
from bpe_tool.batching.sampling.order import Order
from bpe_tool.checks import MAX_ID, MAX_SEED

#: The number of samples that a policy sees at once, by default.
POOL = 65_536


@final
class Loader:
    """The batches of an epoch, for one rank of a training run.

    Which samples are in which batch, and the order of the batches, depend only on the dataset,
    the policy, the epoch, `shuffle`, `seed`, `pool`, `max_length`, `multiple`, and the number of
    ids around each sample (`bos_id`, `eos_id`). Each rank takes every `world_size`-th batch, so
    a run can resume with a different number of ranks and continues with the next batch.

    A loader is a sequence, and iterating over it is all that one process needs:

        for epoch in range(loader.epoch, epochs):
            for batch in loader:
                train(**batch.torch())
                torch.save(loader.state_dict(), path)

    `loader[i]` and `len(loader)` make it a dataset of batches for torch, whose workers then
    prepare them. They work on copies, so count what was used, and name the epoch:

        batches = torch.utils.data.DataLoader(
            loader, batch_size=None, num_workers=4, collate_fn=Batch.torch
        )
        for epoch in range(loader.epoch, epochs):
            loader.set_epoch(epoch)
            for done, arrays in enumerate(batches, 1):
                train(**arrays)
                torch.save(loader.state_dict(done), path)

    (`persistent_workers=True` would keep copies that never hear of the next epoch.) Packed rows
    go to a model of Hugging Face as `train(**arrays, use_cache=False)`; see `Batch.arrays`.

    A loader begins with the first batch of the epoch, or with the batch where `load_state_dict`
    set it: `loader[0]`, `len(loader)` and each new iteration count from there. An iteration that
    reaches the end sets the loader to the next epoch.

    Samples without ids become rows of padding. A dataset that does not fill a batch makes one
    with fewer rows; an empty dataset makes none.

    Args:
        dataset: The samples: a `TokenDataset`, or what it takes as `source`.
        policy: Which samples share a batch: `FixedRows`, `LengthBuckets`, `TokenBudget` or
            `Packed`.
        pad_id: The id for padding. The text may hold it, too.
        shuffle: Whether samples, and then batches, come in a random order.
        seed: Decides that order, and what an objective draws; from 0 to 2^64 - 1.
        epoch: The first epoch, from 0 to 2^64 - 1. It decides the same things.
        rank: The rank of this process, from 0.
        world_size: The number of ranks.
        uneven: What happens to the last batches of an epoch when there are not enough for all
            ranks. All ranks get the same number in any case. `"drop"`: these batches are left
            out. `"repeat"`: they are followed by the first batches of the epoch.
        pool: The number of samples that the policy sees at once.
        objective: Makes labels, such as `Causal()`.
        prompt_lengths: The number of ids at the start of each sample that are not learned,
            `bos_id` not counted: `(samples,)`. Only with an objective.
        responses: Instead: the ids of each sample that are learned; see `find_responses`. An
            `eos_id` is learned if the response before it has no end of its own, or ends the
            sample.
        bos_id: An id to put before each sample.
        eos_id: An id to put after each sample, even after one that was cut.
        max_length: The most ids of a row, these two included; longer samples are cut.
        truncation_side: The side on which they are cut.
        side: The side of padding.
        multiple: The width of a batch is rounded up to a multiple of this.
        dtype: The type of the arrays: `"int64"` or `"int32"`.

    Raises:
        ArgumentError: An argument is out of range, or contradicts another.
        TypeError: `policy` is not a policy.

    >>> import bpe_tool
    >>> rows = [[1, 2, 3], [4], [5, 6], [7, 8, 9], [10]]
    >>> loader = bpe_tool.Loader(rows, bpe_tool.FixedRows(2), pad_id=0)
    >>> [batch.ids.tolist() for batch in loader]
    [[[1, 2, 3], [4, 0, 0]], [[5, 6, 0], [7, 8, 9]], [[10]]]
    """

    def __init__(
        self,
        dataset: TokenDataset | Samples,
        policy: Policy,
        *,
        pad_id: int,
        shuffle: bool = False,
        seed: int = 0,
        epoch: int = 0,
        rank: int = 0,
        world_size: int = 1,
        uneven: Uneven = "drop",
        pool: int = POOL,
        objective: Objective | None = None,
        prompt_lengths: ArrayLike | None = None,
        responses: Responses | None = None,
        bos_id: int | None = None,
        eos_id: int | None = None,
        max_length: int | None = None,
        truncation_side: Side = "right",
        side: Side = "right",
        multiple: int = 1,
        dtype: Dtype = "int64",
    ) -> None:
        world_size = checks.whole("world_size", world_size, 1)
        # Ranks are counted from 0.
        rank = checks.whole("rank", rank, 0, world_size - 1)
        checks.instance("policy", policy, Policy, "a policy, such as FixedRows(32)")
        checks.choice("uneven", uneven, get_args(Uneven))
        self._dataset = as_dataset(dataset, "dataset")
        self._policy = policy
        # As `int`, so that equal loaders have equal states.
        self._seed = checks.whole("seed", seed, 0, MAX_SEED)
        self._pool = checks.whole("pool", pool, 1)
        self._shuffle = checks.flag("shuffle", shuffle)
        self._rank, self._world_size, self._uneven = rank, world_size, uneven
        before, after = given_id("bos_id", bos_id), given_id("eos_id", eos_id)
        self._labelling = Labelling(
            len(self._dataset), len(before), objective, prompt_lengths, responses
        )
        self._samples = FramedSamples(self._dataset, before, after, max_length, truncation_side)
        check_side("side", side)
        checks.choice("dtype", dtype, get_args(Dtype))
        self._padding = PadOptions(
            pad_id=checks.whole("pad_id", pad_id, 0, MAX_ID),
            side=side,
            multiple=checks.whole("multiple", multiple, 1),
            dtype=dtype,
            max_length=self._samples.max_length,
        )
        policy.check(self._padding)
        self._set(Progress(checks.whole("epoch", epoch, 0, MAX_SEED)))

    @property
    def epoch(self) -> int:
        """The epoch whose batches the loader yields."""
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Move the loader to the first batch of an epoch.

        If it is already in that epoch, its position is unchanged.

        Raises:
            ArgumentError: `epoch` is not from 0 to 2^64 - 1.
        """
        number = checks.whole("epoch", epoch, 0, MAX_SEED)
        if number != self._epoch:
            self._set(Progress(number))

    def _set(self, progress: Progress) -> None:
        self._order = Order(
            len(self._dataset),
            self._widths,
            self._policy,
            shuffle=self._shuffle,
            seed=self._seed,
            epoch=progress.epoch,
            pool=self._pool,
            place=progress.place,
        )
        self._epoch = progress.epoch
        # The batch of all ranks at which it begins, and how many an iteration has yielded.
        self._start, self._done = progress.batches, 0

    def _widths(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the least width of a batch that holds each sample."""
        lengths, multiple = self._samples.lengths(samples), self._padding.multiple
        return lengths if multiple == 1 else lengths + -lengths % multiple

    def __len__(self) -> int:
        """Return the number of batches for this rank.

        Unless the policy is `FixedRows`, this looks at the lengths of all samples.
        """
        left = max(0, len(self._order) - self._start)
        return left // self._world_size if self._uneven == "drop" else -(-left // self._world_size)

    def __getitem__(self, index: SupportsIndex) -> Batch:
        """Return one of its batches. Threads may do so at the same time.

        Raises:
            IndexError: There is no such batch.
            DataError: A sample does not fit the policy, or is damaged.
        """
        number = operator.index(index)
        if number < 0:
            number += len(self)
        if not self._holds(number):
            raise IndexError(f"batch {operator.index(index)} of {len(self)}")
        return self._batch(number)

    def __iter__(self) -> Iterator[Batch]:
        """Yield its batches, and then set it to the next epoch."""
        order, done = self._order, 0
        self._done = 0
        while self._order is order and self._holds(done):
            batch = self._batch(done)
            done += 1
            self._done = done
            yield batch
        if self._order is order:
            self._set(Progress(self._epoch + 1))

    def _holds(self, index: int) -> bool:
        """Return whether there is such a batch. Counts only as many pools as necessary."""
        first = self._start + index * self._world_size
        last = first + self._world_size - 1
        return index >= 0 and (first if self._uneven == "repeat" else last) in self._order

    def _batch(self, index: int) -> Batch:
        number = self._start + index * self._world_size + self._rank
        if number not in self._order:
            number %= len(self._order)
        batch = self._order[number].batch(self._samples, self._padding)
        return self._labelling.label(batch, seed=self._seed, epoch=self._epoch)

    def state_dict(self, done: int | None = None) -> dict[str, Any]:
        """Return how far it is, as numbers and strings that JSON can hold.

        Args:
            done: The number of batches used since the epoch or the state was set. It is only
                needed if they did not come from an iteration over this object.

        Returns:
            The same for all ranks, if they have used the same number of batches.

        Raises:
            ArgumentError: `done` is negative.
        """
        done = self._done if done is None else checks.whole("done", done)
        batches = self._start + done * self._world_size
        progress = Progress(self._epoch, batches, self._order.place(batches))
        return loader_state.written(progress, self._identity())

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set it to the batch after those that were used when the state was taken.

        The number of ranks may differ: the batches that are left are divided among the new ones.
        `uneven`, `objective`, `pad_id` and the like are not part of the state.

        Raises:
            ArgumentError: It is not a state, or that of a loader with other batches.
        """
        self._set(loader_state.read(state, self._identity()))

    def _identity(self) -> dict[str, Any]:
        """Return what decides which samples are in which batch."""
        return {
            "dataset": self._dataset.digest(),
            "policy": repr(self._policy),
            "shuffle": self._shuffle,
            "seed": self._seed,
            "pool": self._pool,
            "frame": self._samples.frame,
            "max_length": self._samples.max_length,
            "multiple": self._padding.multiple,
        }

    def __repr__(self) -> str:
        rank = f", rank {self._rank} of {self._world_size}" if self._world_size > 1 else ""
        return f"<Loader: {self._dataset!r} by {self._policy!r}, epoch {self._epoch}{rank}>"


class LoaderOptions(TypedDict, total=False):
    """The arguments of `Loader` that make sense in one process. `Loader` documents them."""

    shuffle: bool
    seed: int
    epoch: int
    pool: int
    objective: Objective | None
    prompt_lengths: ArrayLike | None
    responses: Responses | None
    bos_id: int | None
    eos_id: int | None
    max_length: int | None
    truncation_side: Side
    side: Side
    multiple: int
    dtype: Dtype


def batches(
    rows: Rows, policy: Policy, *, pad_id: int, **options: Unpack[LoaderOptions]
) -> Iterator[Batch]:
    """Yield rows of ids in batches: one epoch of a `Loader`, which documents all other arguments.

    Args:
        rows: Lists or arrays of ids, or a `Ragged`. They are the samples.
        policy: Which rows share a batch: `FixedRows`, `LengthBuckets`, `TokenBudget` or `Packed`.
        pad_id: The id for padding.

    Raises:
        ArgumentError: An argument is out of range, or contradicts another.
        DataError: A row holds something else than ids, or does not fit the policy.
        TypeError: A row is not a row of ids.

    >>> import bpe_tool
    >>> rows = [[1, 2, 3], [4], [5, 6], [7]]
    >>> for batch in bpe_tool.batches(rows, bpe_tool.TokenBudget(6), pad_id=0):
    ...     print(batch.samples, batch.ids.tolist())
    [0 2] [[1, 2, 3], [5, 6, 0]]
    [1 3] [[4], [7]]
    """
    for name in options.keys() - LoaderOptions.__annotations__.keys():
        raise TypeError(f"batches() got an unexpected keyword argument {name!r}")
    return iter(Loader(as_ragged(rows), policy, pad_id=pad_id, **options))


def _signature() -> Signature:
    """Return the signature of `batches` with its options spelled out, as `help` shows it."""
    own, known = signature(batches), signature(Loader).parameters
    *first, _ = own.parameters.values()
    return own.replace(
        parameters=[*first, *(known[name] for name in LoaderOptions.__annotations__)]
    )


batches.__signature__ = _signature()  # type: ignore[attr-defined]
