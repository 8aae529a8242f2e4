"""Race the expansion of contractions against the `contractions` package.

Every run is a fresh process that expands one sentence, then the whole text once as one string
and once line by line. With `--dense` only the paragraphs are kept that have an apostrophe
in every 80 characters. The results differ on purpose, so only times are compared. The table
shows medians of interleaved runs; CPU time is what is divided.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import bench

TOOLS = {"bpe_tool": "bpe_tool", "contractions": "contractions"}
SENTENCE = "It's late \u2014 and he doesn\u2019t know that she's gone."


def load(tool: str) -> tuple[Callable[[str], str], Callable[[list[str]], list[str]]]:
    """What expands one text, and what expands many."""
    if tool == "bpe_tool":
        from bpe_tool.preprocess.steps.contractions import ExpandContractions

        step = ExpandContractions()
        return step.apply, step.apply_all
    import contractions

    return contractions.fix, lambda texts: [contractions.fix(text) for text in texts]


def read(path: Path, limit: int, dense: bool) -> str:
    with path.open("rb") as file:
        text = file.read(limit).decode("utf-8", "ignore")
    if not dense:
        return text
    marks = ("'", "\u2019")
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        paragraph
        for paragraph in paragraphs
        if sum(map(paragraph.count, marks)) * 80 >= len(paragraph) > 0
    )


def work(tool: str, path: Path, limit: int, dense: bool) -> None:
    """One run, in a process of its own."""
    text = read(path, limit, dense)
    lines = text.split("\n")
    apply, apply_all = load(tool)
    apply(SENTENCE)
    _, whole = bench.timed(lambda: apply(text))
    _, each = bench.timed(lambda: apply_all(lines))
    bench.report(megabytes=bench.megabytes([text]), whole=whole["cpu"], lines=each["cpu"])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", type=Path, nargs="+", help="text files in English")
    parser.add_argument("--limit-mb", type=float, default=10, help="of each file (default: 10)")
    parser.add_argument("--dense", action="store_true", help="only what is full of apostrophes")
    parser.add_argument("--runs", type=int, default=5, help="(default: 5)")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    limit = int(options.limit_mb * 1e6)
    if options.worker:
        work(options.worker, options.corpora[0], limit, options.dense)
        return 0

    tools = bench.available(TOOLS, [])
    dense = ["--dense"] if options.dense else []
    for corpus in options.corpora:
        arguments = [corpus, "--limit-mb", options.limit_mb, *dense]
        results = bench.interleave(
            tools,
            options.runs,
            lambda tool, arguments=arguments: bench.run_fresh(
                __file__, [*arguments, "--worker", tool], 1
            ),
        )
        size = results[tools[0]][0]["megabytes"]
        slowest = {key: bench.median(results[tools[-1]], key) for key in ("whole", "lines")}
        print(f"{corpus.name}: {size:.1f} MB{' (dense)' if options.dense else ''}\n")
        bench.table(
            ["tool", "one text MB/s", f"/ {tools[-1]}", "lines MB/s", f"/ {tools[-1]}", "peak MB"],
            [
                [
                    tool,
                    f"{size / bench.median(runs, 'whole'):.1f}",
                    f"{slowest['whole'] / bench.median(runs, 'whole'):.1f}",
                    f"{size / bench.median(runs, 'lines'):.1f}",
                    f"{slowest['lines'] / bench.median(runs, 'lines'):.1f}",
                    f"{bench.median(runs, 'peak'):.0f}",
                ]
                for tool, runs in results.items()
            ],
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
