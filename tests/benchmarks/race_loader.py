"""Race the loader against the plain recipe for windows of ids in a memory-mapped file.

The recipe is what training scripts do by hand: slice, `astype`, `np.stack`. It makes ids only,
in an order that somebody else has to draw; the loader also draws the order and makes masks,
position ids, lengths and the numbers of samples. Every run is a fresh process over the same
file of 16-bit ids, which it reads once before the clock runs. Batches are compared first. GB/s
are those of the file's ids (2 bytes each), and of the batch's own.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import bench
import numpy as np

from bpe_tool import FixedRows, Loader, TokenDataset, open_shards

TOOLS = {"bpe_tool": "bpe_tool", "numpy recipe": "numpy"}
SEED = 1


def loader(path: Path, options: argparse.Namespace) -> Loader:
    shards = open_shards(path, dtype="uint16")
    dataset = TokenDataset(shards, view="windows", length=options.length)
    return Loader(
        dataset,
        FixedRows(options.rows),
        pad_id=0,
        shuffle=options.shuffle,
        seed=SEED,
        dtype=options.dtype,
    )


def recipe(path: Path, options: argparse.Namespace, order: np.ndarray) -> Iterator[np.ndarray]:
    ids, length = np.memmap(path, np.uint16, "r"), options.length
    for start in range(0, len(order), options.rows):
        samples = order[start : start + options.rows]
        rows = [ids[at * length : (at + 1) * length].astype(options.dtype) for at in samples]
        yield np.stack(rows)


def work(tool: str, path: Path, options: argparse.Namespace) -> None:
    """One run, in a process of its own."""
    own = loader(path, options)
    batches = [own[number].samples for number in range(min(len(own), options.batches))]
    order = np.concatenate(batches)
    same = all(
        np.array_equal(own[number].ids, ids)
        for number, ids in enumerate(islice(recipe(path, options, order), 100))
    )
    # All pages are read before the clock runs.
    np.fromfile(path, np.uint16).max()
    source = iter(own) if tool == "bpe_tool" else recipe(path, options, order)
    tokens, start = 0, time.perf_counter()
    for batch in islice(source, options.batches):
        tokens += (batch.ids if tool == "bpe_tool" else batch).size
    bench.report(same=same, tokens=tokens, wall=time.perf_counter() - start)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mtokens", type=int, default=200, help="ids in the file (default: 200)")
    parser.add_argument("--length", type=int, default=2048, help="of a window (default: 2048)")
    parser.add_argument("--rows", type=int, default=64, help="of a batch (default: 64)")
    parser.add_argument("--batches", type=int, default=1000, help="per run (default: 1000)")
    parser.add_argument("--dtype", choices=["int64", "int32"], default="int64")
    parser.add_argument("--shuffle", action="store_true", help="in a random order")
    parser.add_argument("--runs", type=int, default=5, help="(default: 5)")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.file, options)
        return 0

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ids.bin")
        ids = np.random.default_rng(SEED).integers(0, 50_000, options.mtokens * 10**6, np.uint16)
        ids.tofile(path)
        arguments = ["--file", path, *sys.argv[1:]]
        results = bench.interleave(
            list(TOOLS),
            options.runs,
            lambda tool: bench.run_fresh(__file__, [*arguments, "--worker", tool], 1),
        )
    if not all(run["same"] for runs in results.values() for run in runs):
        print("the batches differ")
        return 1
    width = np.dtype(options.dtype).itemsize
    rows = []
    for tool, runs in results.items():
        speed = bench.median([{"speed": run["tokens"] / run["wall"]} for run in runs], "speed")
        figures = (speed / 1e6, speed * 2 / 1e9, speed * width / 1e9)
        rows.append([tool, *(f"{figure:.2f}" for figure in figures)])
    header = ["tool", "million ids/s", "GB/s of the file", f"GB/s of {options.dtype}"]
    bench.table(header, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
