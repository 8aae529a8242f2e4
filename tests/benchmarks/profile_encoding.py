"""Where the time of encoding goes: nanoseconds a pretoken for each stage, on one thread.

Stages are told apart by passes that stop after one of them:

  scan          finding pretokens alone
  lookup        what counting ids takes beyond that, when all pretokens were seen: they are looked
                up in the cache or a table of tokens
  output        what making an array of them takes beyond that
  first sight   what the first pass of a new tokenizer takes beyond a later one, also for each
                pretoken that is seen for the first time: misses, merging, remembering

Figures are medians of runs with a new tokenizer each.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import bench
from encoders import PATTERNS

from bpe_tool import Tokenizer


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of a call that does not start threads."""
    start = time.process_time()
    work()
    return time.process_time() - start


def stages(tokenizer: Tokenizer, documents: list[str]) -> dict[str, float]:
    """The seconds of each stage."""
    core = tokenizer._core
    first = seconds(lambda: tokenizer.encode_arrays(documents, threads=1))
    encode = min(seconds(lambda: tokenizer.encode_arrays(documents, threads=1)) for _ in range(3))
    count = min(seconds(lambda: [tokenizer.count(text) for text in documents]) for _ in range(3))
    scan = min(seconds(lambda: [core.pretoken_count(text) for text in documents]) for _ in range(3))
    return {
        "scan": scan,
        "lookup": count - scan,
        "output": encode - count,
        "first sight": first - encode,
        "first pass": first,
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vocabs", type=Path, help="a .tiktoken file, or the folder of several")
    parser.add_argument("corpora", type=Path, nargs="+", help="text files")
    parser.add_argument("--limit-mb", type=int, default=20, help="of each file (default: 20)")
    parser.add_argument("--runs", type=int, default=5, help="(default: 5)")
    options = parser.parse_args()
    files = [options.vocabs] if options.vocabs.is_file() else sorted(options.vocabs.iterdir())
    for ranks in files:
        if ranks.stem not in PATTERNS or ranks.suffix != ".tiktoken":
            continue
        rows = []
        for corpus in options.corpora:
            with tempfile.TemporaryDirectory() as folder:
                sample = bench.sample(corpus, options.limit_mb * 10**6, Path(folder))
                documents = bench.documents(sample.read_bytes().decode())
            load = lambda ranks=ranks: Tokenizer.load(ranks, pattern=PATTERNS[ranks.stem])  # noqa: E731
            all_runs = [stages(load(), documents) for _ in range(options.runs)]
            core = load()._core
            pretokens = sum(map(core.pretoken_count, documents))
            distinct = len({each for text in documents for each in core.pretokenize(text.encode())})
            median = {
                stage: statistics.median(run[stage] for run in all_runs) for stage in all_runs[0]
            }
            cells = [f"{value / pretokens * 1e9:.1f}" for value in median.values()]
            cells.append(f"{median['first sight'] / distinct * 1e9:.0f}")
            cells.append(f"{bench.megabytes(documents) * 1e6 / pretokens:.1f}")
            cells.append(f"{distinct / pretokens:.1%}")
            rows.append([corpus.stem, *cells])
        print(f"{ranks.stem}, ns a pretoken\n")
        header = [*all_runs[0], "first sight, each", "bytes a pretoken", "seen first"]
        bench.table(["text", *header], rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
