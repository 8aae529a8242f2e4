"""Batches of an epoch: in an order of their own, shared out to ranks, exact to resume."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Protocol, SupportsIndex, TypeAlias, final, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch, Dtype
from bpe_tool.batching.collate import Collation
from bpe_tool.batching.objectives.responses import Responses
from bpe_tool.batching.objectives.targets import samples
from bpe_tool.batching.policies.packed import Packed
from bpe_tool.batching.policies.padded import Policy
from bpe_tool.batching.rows import Rows, Side, as_ragged, given_id
from bpe_tool.batching.sampling.dataset import Source, TokenDataset, as_dataset
from bpe_tool.batching.sampling.order import Order
from bpe_tool.checks import MAX_SEED
from bpe_tool.errors import ArgumentError, Template
from bpe_tool.id_arrays import whole_numbers

Uneven: TypeAlias = Literal["drop", "repeat"]

#: How many samples a policy sees at once, if not said otherwise.
POOL = 65_536

#: The form of what `state_dict` returns.
_STATE_VERSION = 1


class Objective(Protocol):
    """What `Loader` asks of an objective, such as `Causal` or `MaskedLM`."""

    def apply(
        self,
        batch: Batch,
        *,
        seed: int = 0,
        epoch: int = 0,
        loss_mask: NDArray[np.bool_] | None = None,
        prompt_lengths: NDArray[np.int64] | None = None,
    ) -> Batch:
        """Return the batch with its labels; see `Causal.apply`."""
        ...


@final
class Loader:
    """The batches of an epoch, for one rank of a training run.

    The batches of an epoch and their order depend on the dataset, the policy, `seed` and the
    epoch only. Of these, a rank takes every `world_size`-th. So a run may be resumed with
    another number of ranks, and goes on with the very next batch.

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

    What it begins with is the epoch's first batch, or the one where `load_state_dict` set
    it: `loader[0]`, `len(loader)` and each new iteration count from there. An iteration that
    reaches the end sets the loader to the next epoch.

    Samples without ids are rows of nothing but padding. A dataset that does not fill a batch
    makes one with fewer rows; an empty one makes none.

    Args:
        dataset: The samples: a `TokenDataset`, or what it takes as `source`.
        policy: Which go together: `FixedRows`, `LengthBuckets`, `TokenBudget`, `Packed`.
        pad_id: The id for padding. It may stand in the text, too.
        shuffle: Whether samples, and then batches, come in a random order.
        seed: Decides that order, and what an objective draws; from 0 to 2^64 - 1.
        epoch: The first epoch; likewise.
        rank: Which of the ranks this is.
        world_size: How many ranks there are.
        uneven: What becomes of the last batches of an epoch if they are not enough for all
            ranks. All ranks get equally many in any case. `"drop"`: they are left out.
            `"repeat"`: the first batches of the epoch follow them.
        pool: How many samples a policy looks at together.
        objective: What makes labels, such as `Causal()`.
        prompt_lengths: How many ids at the start of each sample are not to be learned, without
            `bos_id`: `(samples,)`. Only with an objective.
        responses: Instead: which ids of each sample are to be learned, see `find_responses`.
            An `eos_id` is learned where the response before it has no end of its own, or ends the
            sample.
        bos_id: An id to put before each sample.
        eos_id: An id to put after each sample, also after one that was cut.
        max_length: How long a row may be, with these; longer samples are cut.
        truncation_side: Where they are cut.
        side: Where padding goes.
        multiple: What the width of a batch is a multiple of.
        dtype: The type of the arrays: `"int64"` or `"int32"`.

    Raises:
        ArgumentError: An argument is out of range, or contradicts another.
        TypeError: `policy` is none.

    >>> import bpe_tool
    >>> rows = [[1, 2, 3], [4], [5, 6], [7, 8, 9], [10]]
    >>> loader = bpe_tool.Loader(rows, bpe_tool.FixedRows(2), pad_id=0)
    >>> [batch.ids.tolist() for batch in loader]
    [[[1, 2, 3], [4, 0, 0]], [[5, 6, 0], [7, 8, 9]], [[10]]]
    """

    def __init__(
        self,
        dataset: TokenDataset | Source,
        policy: Policy | Packed,
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
        if not isinstance(policy, Packed) and not hasattr(policy, "groups"):
            raise checks.wrong_type("policy", policy, "a policy, such as FixedRows(32)")
        if objective is not None and not hasattr(objective, "apply"):
            raise checks.wrong_type("objective", objective, "an objective, such as Causal()")
        checks.choice("uneven", uneven, get_args(Uneven))
        self._dataset = as_dataset(dataset, "dataset")
        self._policy = policy
        # As `int`, so that equal loaders have equal states.
        self._seed = checks.whole("seed", seed, 0, MAX_SEED)
        self._pool = checks.whole("pool", pool, 1)
        self._shuffle = checks.flag("shuffle", shuffle)
        self._rank, self._world_size, self._uneven = rank, world_size, uneven
        self._objective = objective
        self._prompt_lengths = None
        if prompt_lengths is not None:
            self._prompt_lengths = whole_numbers("prompt_lengths", prompt_lengths)
            self._check_prompts(self._prompt_lengths)
        self._responses = responses
        if responses is not None:
            self._check_responses(responses)
        self._collation = Collation(
            self._dataset,
            policy,
            pad_id=pad_id,
            before=given_id("bos_id", bos_id),
            after=given_id("eos_id", eos_id),
            max_length=max_length,
            truncation_side=truncation_side,
            side=side,
            multiple=multiple,
            dtype=dtype,
        )
        self._set(checks.whole("epoch", epoch, 0, MAX_SEED))

    def _check_prompts(self, prompt_lengths: NDArray[np.int64]) -> None:
        if self._objective is None:
            raise ArgumentError(
                "are for an objective",
                parameter="prompt_lengths",
                hint=Template("pass {objective}"),
            )
        if len(prompt_lengths) != len(self._dataset):
            raise ArgumentError(
                f"are a whole number for each of {len(self._dataset)} samples, "
                f"not {len(prompt_lengths)}",
                parameter="prompt_lengths",
            )

    def _check_responses(self, responses: Responses) -> None:
        checks.instance("responses", responses, Responses, "what `find_responses` returned")
        if self._objective is None or self._prompt_lengths is not None:
            raise ArgumentError(
                "are for an objective, and replace prompt lengths",
                parameter="responses",
                hint=Template("pass {objective}, and leave {prompt_lengths} out"),
            )
        if len(responses) != len(self._dataset):
            raise ArgumentError(
                f"are of {len(responses)} samples, and the dataset has {len(self._dataset)}",
                parameter="responses",
            )

    @property
    def epoch(self) -> int:
        """The epoch that its batches are of."""
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Set it to the first batch of an epoch. In the epoch where it is, it stays.

        Raises:
            ArgumentError: `epoch` is not from 0 to 2^64 - 1.
        """
        number = checks.whole("epoch", epoch, 0, MAX_SEED)
        if number != self._epoch:
            self._set(number)

    def _set(self, epoch: int, start: int = 0, place: tuple[int, int] = (0, 0)) -> None:
        self._order = Order(
            len(self._dataset),
            self._collation.widths,
            self._policy,
            shuffle=self._shuffle,
            seed=self._seed,
            epoch=epoch,
            pool=self._pool,
            place=place,
        )
        # The first batch of all ranks, and how many an iteration has given out.
        self._epoch, self._start, self._done = epoch, start, 0

    def __len__(self) -> int:
        """Return how many batches there are for this rank.

        Unless the policy is `FixedRows`, that takes a look at the lengths of all samples.
        """
        left = max(0, len(self._order) - self._start)
        return left // self._world_size if self._uneven == "drop" else -(-left // self._world_size)

    def __getitem__(self, index: SupportsIndex) -> Batch:
        """Return one of its batches; threads may do so together.

        Raises:
            IndexError: There are not so many.
            DataError: A sample does not fit the policy, or is damaged.
        """
        number = operator.index(index)
        if number < 0:
            number += len(self)
        if not self._holds(number):
            raise IndexError(f"batch {operator.index(index)} of {len(self)}")
        return self._batch(number)

    def __iter__(self) -> Iterator[Batch]:
        """Yield its batches; at the end it is set to the next epoch."""
        order, done = self._order, 0
        self._done = 0
        while self._order is order and self._holds(done):
            batch = self._batch(done)
            done += 1
            self._done = done
            yield batch
        if self._order is order:
            self._set(self._epoch + 1)

    def _holds(self, index: int) -> bool:
        """Return whether there is a batch, for which no more pools are counted than needed."""
        first = self._start + index * self._world_size
        last = first + self._world_size - 1
        return index >= 0 and (first if self._uneven == "repeat" else last) in self._order

    def _batch(self, index: int) -> Batch:
        number = self._start + index * self._world_size + self._rank
        if number not in self._order:
            number %= len(self._order)
        batch = self._collation.batch(self._order[number])
        if self._objective is None:
            return batch
        before = len(self._collation.before)
        if self._responses is not None:
            mask = self._responses.loss_mask(batch, before=before)
            return self._objective.apply(batch, seed=self._seed, epoch=self._epoch, loss_mask=mask)
        prompts = self._prompt_lengths
        if prompts is not None:
            prompts = prompts[samples(batch)] + before
        return self._objective.apply(
            batch, seed=self._seed, epoch=self._epoch, prompt_lengths=prompts
        )

    def state_dict(self, done: int | None = None) -> dict[str, Any]:
        """Return where it is, as numbers and strings that JSON can hold.

        Args:
            done: How many batches were used since the loader was set to where it is. Only
                needed if they were not taken by iterating over this object.

        Returns:
            The same for all ranks, if they have used equally many batches.

        Raises:
            ArgumentError: `done` is negative.
        """
        done = self._done if done is None else checks.whole("done", done)
        batches = self._start + done * self._world_size
        return {
            "version": _STATE_VERSION,
            "epoch": self._epoch,
            "batches": batches,
            "place": list(self._order.place(batches)),
            **self._identity(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set it to the batch after those that were used when the state was taken.

        The number of ranks may be another one: the batches that are left are shared out
        anew. `uneven`, `objective`, `pad_id` and the like are not part of the state.

        Raises:
            ArgumentError: It is the state of a loader with other batches, or none at all.
        """
        checks.instance("state", state, Mapping, "what `state_dict` returned")
        place = state.get("place")
        numbers: list[Any] = [state.get("epoch"), state.get("batches")]
        numbers += place if isinstance(place, list | tuple) and len(place) == 2 else [None]
        if state.get("version") != _STATE_VERSION or not all(
            type(number) is int and 0 <= number <= MAX_SEED for number in numbers
        ):
            raise ArgumentError("is not the state of a loader of this version", parameter="state")
        for name, value in self._identity().items():
            if state.get(name) != value:
                raise ArgumentError(
                    f"the state is of other batches: `{name}` was {state.get(name)}, "
                    f"and is {value} now",
                    hint="make the loader as it was, or begin without the state",
                )
        epoch, batches, pool, before = numbers
        self._set(epoch, batches, (pool, before))

    def _identity(self) -> dict[str, Any]:
        """Return what decides which samples are in which batch."""
        collation = self._collation
        return {
            "dataset": self._dataset.digest(),
            "policy": repr(self._policy),
            "shuffle": self._shuffle,
            "seed": self._seed,
            "pool": self._pool,
            "frame": collation.frame,
            "max_length": collation.max_length,
            "multiple": collation.multiple,
        }

    def __repr__(self) -> str:
        rank = f", rank {self._rank} of {self._world_size}" if self._world_size > 1 else ""
        return f"<Loader: {self._dataset!r} by {self._policy!r}, epoch {self._epoch}{rank}>"


def batches(
    rows: Rows,
    policy: Policy | Packed,
    *,
    pad_id: int,
    shuffle: bool = False,
    seed: int = 0,
    epoch: int = 0,
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
) -> Iterator[Batch]:
    """Yield rows of ids in batches: one epoch of a `Loader`, whose arguments these are.

    Args:
        rows: Lists or arrays of ids, or a `Ragged`.
        policy: Which go together: `FixedRows`, `LengthBuckets`, `TokenBudget`, `Packed`.
        pad_id: The id for padding.
        shuffle: Whether rows, and then batches, come in a random order.
        seed: Decides that order, and what an objective draws.
        epoch: Likewise.
        pool: How many rows a policy looks at together.
        objective: What makes labels.
        prompt_lengths: How many ids at the start of each row are not to be learned.
        responses: Instead: which ids of each row are to be learned; see `find_responses`.
        bos_id: An id to put before each row.
        eos_id: An id to put after each row.
        max_length: How long a row may be, with these.
        truncation_side: Where longer rows are cut.
        side: Where padding goes.
        multiple: What the width of a batch is a multiple of.
        dtype: The type of the arrays.

    Raises:
        ArgumentError: An argument is out of range, or contradicts another.
        DataError: A row holds something else than ids, or does not fit the policy.
        TypeError: A row is no row of ids.

    >>> import bpe_tool
    >>> rows = [[1, 2, 3], [4], [5, 6], [7]]
    >>> for batch in bpe_tool.batches(rows, bpe_tool.TokenBudget(6), pad_id=0):
    ...     print(batch.samples, batch.ids.tolist())
    [0 2] [[1, 2, 3], [5, 6, 0]]
    [1 3] [[4], [7]]
    """
    loader = Loader(
        as_ragged(rows),
        policy,
        pad_id=pad_id,
        shuffle=shuffle,
        seed=seed,
        epoch=epoch,
        pool=pool,
        objective=objective,
        prompt_lengths=prompt_lengths,
        responses=responses,
        bos_id=bos_id,
        eos_id=eos_id,
        max_length=max_length,
        truncation_side=truncation_side,
        side=side,
        multiple=multiple,
        dtype=dtype,
    )
    return iter(loader)
