"""Loaders in other processes, by the ways that people start them."""

import functools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from bpe_tool import (
    Batch,
    LengthBuckets,
    Loader,
    MaskedLM,
    Packed,
    TokenBudget,
    TokenDataset,
    pad,
    write_shards,
)

METHODS = [
    method for method in ("fork", "spawn") if method in multiprocessing.get_all_start_methods()
]
POLICIES = [TokenBudget(200), LengthBuckets((16, 40), rows=4), Packed(32, rows=3)]


@pytest.fixture(scope="module")
def shards(tmp_path_factory) -> Path:
    chance = np.random.default_rng(3)
    path = tmp_path_factory.mktemp("shards") / "set"
    rows = [chance.integers(0, 90, length) for length in chance.integers(0, 40, 120)]
    write_shards(rows, path, vocab_size=100, shard_tokens=300)
    return path


def loader(shards: Path, policy=POLICIES[0], **changes) -> Loader:
    objective = MaskedLM(91, 90, probability=0.3)
    options = {"pad_id": 0, "shuffle": True, "seed": 9, "pool": 50, "objective": objective}
    return Loader(TokenDataset(shards), policy, **(options | changes))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_other_processes_make_equal_batches(shards, policy, method):
    """The loader has been used here before it is sent, or inherited."""
    one = loader(shards, policy)
    whole = [one[index] for index in range(len(one))]
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(one.__getitem__, range(len(whole)), timeout=60)) == whole


def equal(tensors: dict, batch: Batch) -> bool:
    arrays = batch.arrays()
    return tensors.keys() == arrays.keys() and all(
        np.array_equal(np.asarray(tensors[name]), arrays[name]) for name in arrays
    )


def torch_loader(one: Loader, workers: int, method: str | None):
    data = pytest.importorskip("torch.utils.data", reason="torch is not installed")
    return data.DataLoader(
        one,
        batch_size=None,
        num_workers=workers,
        collate_fn=Batch.torch,
        multiprocessing_context=method,
    )


# The machine may have fewer than four cores.
@pytest.mark.filterwarnings("ignore:This DataLoader will create 4 worker processes:UserWarning")
@pytest.mark.parametrize("workers, method", [(0, None), *product([1, 4], METHODS)])
def test_torch_gets_the_same_batches_from_any_number_of_workers(shards, workers, method):
    one = loader(shards, Packed(32, rows=3))
    found = list(torch_loader(one, workers, method))
    whole = list(loader(shards, Packed(32, rows=3)))
    assert len(found) == len(whole) and all(map(equal, found, whole))
    # What workers fetch in advance is not what was used.
    assert one.state_dict()["batches"] == 0


@pytest.mark.parametrize("workers", [0, 2])
def test_torch_resumes_and_goes_on_with_the_next_epoch(shards, workers):
    one, whole = loader(shards), list(loader(shards))
    batches = torch_loader(one, workers, METHODS[0] if workers else None)
    for done, _ in enumerate(batches, 1):
        if done == 3:
            break
    one.load_state_dict(one.state_dict(done))
    assert len(batches) == len(whole) - 3
    assert all(map(equal, batches, whole[3:]))
    one.set_epoch(1)
    second = list(loader(shards, epoch=1))
    assert len(batches) == len(second) and all(map(equal, batches, second))


def test_torch_takes_samples_its_own_way(shards):
    data = pytest.importorskip("torch.utils.data", reason="torch is not installed")
    windows = TokenDataset(shards, view="windows", length=16)
    first = next(iter(data.DataLoader(windows, batch_size=4)))
    assert first.tolist() == [windows[index].tolist() for index in range(4)]
    documents = TokenDataset(shards)
    collate = functools.partial(pad, pad_id=0)
    chosen = [[3, 1], [5, 0, 2]]
    for batch, samples in zip(
        data.DataLoader(documents, batch_sampler=chosen, collate_fn=collate), chosen, strict=True
    ):
        assert batch == pad([documents[sample] for sample in samples], pad_id=0)


def look_up(row: dict, dataset: TokenDataset) -> dict:
    return {"ids": dataset[row["sample"]]}


def make(rows: dict) -> dict:
    batch = pad(rows["ids"], pad_id=0, length=40)
    return {"input_ids": batch.ids, "attention_mask": batch.attention_mask}


@pytest.mark.parametrize("processes", [None, 2])
def test_hugging_face_maps_over_datasets(shards, processes, tmp_path):
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    own = TokenDataset(shards)
    table = datasets.Dataset.from_dict({"sample": list(range(len(own)))})
    found = table.map(functools.partial(look_up, dataset=own), num_proc=processes)
    padded = found.map(make, batched=True, batch_size=16, num_proc=processes)
    for index in range(len(own)):
        ids = own[index].tolist()
        assert padded[index]["ids"] == ids
        assert padded[index]["input_ids"] == ids + [0] * (40 - len(ids))
        assert sum(padded[index]["attention_mask"]) == len(ids)
