"""How much of a set of shards the system keeps in its memory of files, by format.

It depends on the file system and on what else the system does, so it is measured, not tested.
The share is of the pages that can be read without asking the disk, just after the set was written.
"""

import argparse
import errno
import os
import tempfile
from pathlib import Path

import numpy as np

from bpe_tool.shards.layouts.registry import FORMATS
from bpe_tool.shards.manifest import Provenance
from bpe_tool.shards.writer import ShardSetWriter

PAGE = os.sysconf("SC_PAGESIZE")


def kept(path: Path) -> float:
    """The share of a file's pages that are in memory. Looking brings none of them there."""
    pages = range(0, path.stat().st_size, PAGE)
    file = os.open(path, os.O_RDONLY)
    try:
        return sum(is_kept(file, page) for page in pages) / max(1, len(pages))
    finally:
        os.close(file)


def is_kept(file: int, offset: int) -> bool:
    try:
        return os.preadv(file, [bytearray(1)], offset, os.RWF_NOWAIT) > 0
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            # A file system in memory.
            return True
        if error.errno != errno.EAGAIN:
            raise
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    parser.add_argument("--tokens", type=int, default=20_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    ids = np.arange(options.tokens, dtype=np.uint32) % 50_000
    print("| format | pages in memory, by run |\n|---|---|")
    for format in FORMATS:
        shares = []
        for _ in range(options.runs):
            with tempfile.TemporaryDirectory(dir=options.folder) as folder:
                target = Path(folder) / "set"
                with ShardSetWriter(target, format, Provenance(max_id=50_000)) as out:
                    out.write(ids, np.array([options.tokens]))
                    out.finish()
                largest = max(target.iterdir(), key=lambda path: path.stat().st_size)
                shares.append(f"{kept(largest):.0%}")
        print(f"| {format} | {', '.join(shares)} |", flush=True)


if __name__ == "__main__":
    main()
