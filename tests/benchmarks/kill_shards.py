"""Kill runs that write shards at random moments. Exits 1 if one leaves a false set.

What a killed run leaves must be the complete old set, no manifest, or the complete new set;
the next run must complete its work, and leave nothing else behind.
"""

import argparse
import hashlib
import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import bench

from bpe_tool import open_shards
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards.layouts.registry import FORMATS
from bpe_tool.shards.verify import problems

COMMAND = [sys.executable, "-m", "bpe_tool"]


def digest(folder: Path) -> str | None:
    """What is in a set that is sound; nothing if there is no manifest."""
    if not (folder / MANIFEST).exists():
        return None
    shards = open_shards(folder)
    found = list(problems(shards))
    if found:
        return f"damaged: {found[0]}"
    digest = hashlib.sha256()
    for shard in shards.shards:
        digest.update(shard.bounds.tobytes())
        for ids, _ in shard.blocks():
            digest.update(ids.astype("<u4").tobytes())
    return digest.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vocab", type=Path, help="a vocabulary")
    parser.add_argument("corpus", type=Path, help="a text file; the first megabytes are used")
    parser.add_argument("--pattern", help="its pattern, if the file does not hold it")
    parser.add_argument("--kills", type=int, default=200, help="(default: 200)")
    parser.add_argument("--megabytes", type=int, default=2, help="(default: 2)")
    parser.add_argument("--seed", type=int, default=0, help="(default: 0)")
    options = parser.parse_args()
    generator = random.Random(options.seed)
    counts: Counter[str] = Counter()
    # How long a whole run takes: a first guess, then what the last one took.
    duration = 1.0
    with tempfile.TemporaryDirectory() as name:
        text = Path(name) / "text"
        with options.corpus.open("rb") as file:
            text.write_bytes(file.read(options.megabytes * 1_000_000))
        kills = 0
        for number in itertools.count():
            # Some runs end before; these are counted apart.
            if kills == options.kills:
                break
            format = list(FORMATS)[number % len(FORMATS)]
            folder = Path(name) / f"{number}"
            command = [*COMMAND, "encode", "-q", "-t", options.vocab, "--lines", "--force"]
            command += ["--pattern", options.pattern] if options.pattern else []
            command += ["--format", format, "--shard-tokens", "20000", "--special", "text"]
            command += ["-o", folder, text]
            old = None
            if number % 2:
                subprocess.run([*map(str, command[:-1])], input=b"old\nset\n", check=True)
                old = digest(folder)
            process = subprocess.Popen([*map(str, command)])
            time.sleep(duration * generator.uniform(0.2, 1.1))
            process.kill()
            killed = process.wait() < 0
            kills += killed
            left = digest(folder) if folder.exists() else None
            start = time.monotonic()
            subprocess.run([*map(str, command)], check=True)
            duration = time.monotonic() - start
            new = digest(folder)
            rest = [path.name for path in folder.iterdir() if path.name.startswith(".")]
            if left not in (None, old, new) or new is None or "damaged" in new or rest:
                print(f"run {number}, {format}: left {left}, then {new}, beside {rest}")
                counts["wrong"] += 1
            what = "new set" if left == new else "old set" if left else "no manifest"
            counts[f"{what}{'' if killed else ', had ended'}"] += 1
    bench.table(["left by a run that was killed", "times"], sorted(counts.items()))
    return int(bool(counts["wrong"]))


if __name__ == "__main__":
    sys.exit(main())
