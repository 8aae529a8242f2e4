"""Measure what writing shards adds to encoding.

The command line encodes a file into 32-bit ids on /dev/null, and then into shards of every
format, in turns. Each set is checked against the ids before any time is shown. The last column
is the wall time over that of encoding alone: for shards of JSON lines, into JSON lines.

On the disk thread of a set, its ids are written and hashed. With `--threads 1` that thread has a
core of its own, if there are two; without, it shares the cores with those that encode.

Before every run memory is used and given back: what a virtual machine has not used for a while
it has to ask its host for, which can take longer than all the rest of writing a file.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench

from bpe_tool import ArgumentError, open_shards
from bpe_tool.shards.layouts.registry import FORMATS, layout_named

#: Encoding alone, and the format of its ids.
ALONE = {"encode alone": "u32", "encode alone, ndjson": "ndjson"}
#: How much memory is used before each run: many times what it needs.
MEMORY_BYTES = 2000 << 20
USE_MEMORY = f"import mmap; mmap.mmap(-1, {MEMORY_BYTES})[::4096] = bytes({MEMORY_BYTES >> 12})"
COMMAND = [sys.executable, "-m", "bpe_tool"]


def run(arguments: list[object]) -> dict[str, float]:
    """Wall and CPU seconds and the peak memory of a command."""
    start = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *map(str, arguments)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{arguments} ended with {process.returncode}")
    return {
        "wall": time.perf_counter() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3),
    }


def holds(format: str, max_id: int) -> bool:
    """Whether a format is there, and can hold ids up to this one."""
    try:
        layout_named(format).dtype(max_id)
    except ArgumentError as error:
        print(f"left out: {error}")
        return False
    return True


def digest_of_set(path: Path) -> str:
    digest = hashlib.sha256()
    for shard in open_shards(path).shards:
        for ids, _ in shard.blocks():
            digest.update(ids.astype("<u4").tobytes())
        shard.release()
    return digest.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vocab", type=Path, help="a vocabulary file")
    parser.add_argument("corpus", type=Path, help="a text file")
    parser.add_argument("--pattern", help="its pattern, if the file does not hold it")
    parser.add_argument("--end", default="<|endoftext|>=100257", help="TEXT=ID of the last token")
    parser.add_argument("--lines", action="store_true", help="a document a line, not a separator")
    parser.add_argument("--shard-tokens", type=int, default=5_000_000, help="(default: 5000000)")
    parser.add_argument("--runs", type=int, default=3, help="(default: 3)")
    parser.add_argument("--format", action="append", choices=FORMATS, help="only this one")
    parser.add_argument("--folder", type=Path, help="where to write (default: a temporary one)")
    parser.add_argument("--threads", type=int, default=0, help="that encode (default: all)")
    options = parser.parse_args()
    text, _, id = options.end.rpartition("=")
    common = ["encode", "-q", options.corpus, "-t", options.vocab, "--eos", id, "--special", "text"]
    if options.pattern:
        common += ["--pattern", options.pattern, "--special-token", options.end]
    common += ["--threads", options.threads]
    common += ["--lines"] if options.lines else ["--separator", text]
    formats = [format for format in options.format or FORMATS if holds(format, int(id))]
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)

        def measured(tool: str) -> dict[str, float]:
            shutil.rmtree(folder / tool, ignore_errors=True)
            subprocess.run([sys.executable, "-c", USE_MEMORY], check=True)
            if tool in ALONE:
                return run([*common, "--format", ALONE[tool], "-o", os.devnull])
            shards = ["--format", tool, "--shard-tokens", options.shard_tokens]
            return run([*common, *shards, "-o", folder / tool])

        run([*common, "--format", "u32", "-o", folder / "ids"])
        with (folder / "ids").open("rb") as file:
            expected = hashlib.file_digest(file, "sha256").hexdigest()
        results = bench.interleave([*ALONE, *formats], options.runs, measured)
        different = [each for each in formats if digest_of_set(folder / each) != expected]
        if different:
            print(f"other ids in the shards of {', '.join(different)}")
            return 1
    size = options.corpus.stat().st_size / 1e6
    baselines = {ALONE[tool]: bench.median(results[tool], "wall") for tool in ALONE}
    rows = []
    for tool, runs in results.items():
        wall = bench.median(runs, "wall")
        baseline = baselines.get(ALONE.get(tool, tool), baselines["u32"])
        cells = [f"{wall:.2f}", f"{size / wall:.1f}", f"{bench.median(runs, 'cpu'):.2f}"]
        peak = f"{bench.median(runs, 'peak'):.0f}"
        rows.append([tool, *cells, peak, f"{wall / baseline:.2f}"])
    bench.table(["format", "seconds", "MB/s", "CPU seconds", "peak MB", "× alone"], rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
