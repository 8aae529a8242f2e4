"""Fresh processes, interleaved runs, medians and tables: what every race here uses."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

# The helpers of the tests are used here too.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SEPARATOR = "<|endoftext|>"
T = TypeVar("T")


def available(tools: Mapping[str, str], wanted: Sequence[str]) -> list[str]:
    """Those of `tools` (name to module) that are installed; the others are named."""
    chosen = [tool for tool in tools if not wanted or tool in wanted]
    missing = [tool for tool in chosen if find_spec(tools[tool]) is None]
    if missing:
        names = " ".join(tools[tool] for tool in missing)
        print(f"not installed, so left out: {', '.join(missing)} (pip install {names})\n")
    return [tool for tool in chosen if tool not in missing]


def read_documents(path: Path, limit: int) -> list[str]:
    """The first `limit` bytes of a file, cut into documents before each separator."""
    with path.open("rb") as file:
        return documents(file.read(min(limit, path.stat().st_size)).decode("utf-8", "ignore"))


def documents(text: str) -> list[str]:
    """A text, cut before each separator."""
    first, *others = text.split(SEPARATOR)
    return [first, *(SEPARATOR + other for other in others)]


def spread(items: Sequence[T], limit: int, size: Callable[[T], int]) -> list[T]:
    """Items that are spread evenly over all of them and have about the size `limit` together."""
    share = min(1.0, limit / max(1, sum(map(size, items))))
    return [item for at, item in enumerate(items) if int((at + 1) * share) > int(at * share)]


def sample(path: Path, limit: int, folder: Path) -> Path:
    """A file of about `limit` bytes, with documents from everywhere in another file."""
    chosen = folder / path.name
    raw = path.read_bytes().split(SEPARATOR.encode())
    chosen.write_bytes(SEPARATOR.encode().join(spread(raw, limit, len)))
    return chosen


def megabytes(texts: Sequence[str]) -> float:
    """The size of texts in UTF-8."""
    return sum(len(text.encode()) for text in texts) / 1e6


def timed(work: Callable[[], object]) -> tuple[object, dict[str, float]]:
    """The result of `work`, and its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
    }


def report(**values: object) -> None:
    """Send a worker's result, with the peak of its memory, to the process that started it."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike the figure above this one begins anew with the program.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        peak = int(line.split()[1]) * 1024 / 1e6
    print(json.dumps({"peak": peak, **values}))


class Failed(Exception):
    """A worker ended without a result."""


def run_fresh(
    script: str, arguments: Sequence[object], cores: int, python: str = sys.executable
) -> dict:
    """Run a worker in a new process that may use `cores` cores.

    Raises:
        Failed: It gave no result; what it wrote to stderr says why.
    """
    allowed = sorted(os.sched_getaffinity(0))[:cores] if hasattr(os, "sched_getaffinity") else []
    environment = os.environ | {
        "RAYON_NUM_THREADS": str(cores),
        "TOKENIZERS_PARALLELISM": "true" if cores > 1 else "false",
    }
    done = subprocess.run(
        [python, script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        env=environment,
        preexec_fn=(lambda: os.sched_setaffinity(0, allowed)) if allowed else None,
    )
    if done.returncode:
        raise Failed(f"exit {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def interleave(
    tools: Sequence[str], runs: int, run: Callable[[str], dict]
) -> dict[str, list[dict]]:
    """Every tool once, then every tool again: a slow minute of the machine hits them all."""
    results: dict[str, list[dict]] = {tool: [] for tool in tools}
    for at in range(runs):
        for tool in tools:
            print(f"\rrun {at + 1} of {runs}: {tool:<24}", end="", file=sys.stderr, flush=True)
            results[tool].append(run(tool))
    print("\r" + " " * 60 + "\r", end="", file=sys.stderr, flush=True)
    return results


def median(results: Sequence[dict], key: str) -> float:
    """The median of one figure over the runs."""
    return statistics.median(result[key] for result in results)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table in Markdown with its columns aligned."""
    lines = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    for number, line in enumerate(lines):
        print(
            "| "
            + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            + " |"
        )
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    print(flush=True)
