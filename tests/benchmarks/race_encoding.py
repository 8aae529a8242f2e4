"""Race encoding against every other tokenizer that can be installed, and print tables.

A table is for one vocabulary, one way of giving text and a number of threads; its columns are
corpora. First every tokenizer runs once. Ids are compared: those that differ get no rank. Then
this package, the best three others, and the best other in later passes take turns, each run in a
fresh process: it loads the vocabulary, encodes one word, then all the text once (the first figure:
what a job sees that reads its input once) and four times again (the second: caches are full).
Figures are medians in MB/s.

The ways of giving text:

  documents  a list of documents in one call, into arrays or what comes closest
  text       one big string in one call
  calls      100,000 lines, a call each, into lists of ids
  batch      the same lines in one call
  file       a file that is one text, into a file of 32-bit ids

The text is the documents of a corpus that are spread evenly over it. A tokenizer in another
environment takes part with `--python 'NAME=PYTHON'`, where NAME is that of one of the tokenizers,
perhaps with a version after it: `--python tokenizers-1.0=venv/bin/python`.
"""

import argparse
import contextlib
import hashlib
import sys
import tempfile
from array import array
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import bench
from encoders import ENCODERS, PATTERNS, Encoder, Unfit, Vocabulary, is_installed

SHAPES = ("documents", "text", "calls", "batch", "file")
LINES = 100_000
#: How many of the others run again after the first round.
BEST = 3


def work(tool: str, vocab: Vocabulary, text: Path, shape: str, threads: int) -> None:
    """Run once, in a process of its own."""
    try:
        encoder = ENCODERS[plain_name(tool)][2](vocab, threads)
    except Unfit:
        bench.report(unfit=True)
        return
    encode, to_rows, size = job(encoder, text, shape)
    encoder.batch(["word"])
    result, fresh = bench.timed(encode)
    digest = hashlib.sha256()
    for row in to_rows(result):
        digest.update(array("I", [len(row), *row]).tobytes())
    del result
    warm = sorted(bench.timed(encode)[1]["wall"] for _ in range(4))
    bench.report(
        digest=digest.hexdigest(),
        first=size / fresh["wall"],
        again=2 * size / (warm[1] + warm[2]),
        seconds=fresh["wall"],
        unfit=False,
    )


def job(
    encoder: Encoder, path: Path, shape: str
) -> tuple[Callable[[], Any], Callable[[Any], Any], float]:
    """What is timed, what turns its result into rows of ids, and the megabytes of text."""
    if shape == "file":
        out = path.with_suffix(".ids")

        def encode_file() -> Path:
            if encoder.file is None:
                (row,) = encoder.rows(encoder.batch([path.read_bytes().decode()]))
                ids = row
            else:
                ids = encoder.file(path)
            out.write_bytes(ids if isinstance(ids, memoryview) else array_of(ids))
            return out

        return encode_file, lambda out: [memoryview(out.read_bytes()).cast("I")], megabytes(path)
    whole = path.read_bytes().decode()
    if shape == "text":
        return lambda: encoder.batch([whole]), encoder.rows, megabytes(path)
    if shape == "documents":
        texts = bench.documents(whole)
        return lambda: encoder.batch(texts), encoder.rows, megabytes(path)
    lines = bench.spread([line for line in whole.split("\n") if line], LINES, lambda line: 1)
    size = bench.megabytes(lines)
    if shape == "batch":
        return lambda: encoder.batch(lines), encoder.rows, size
    one = encoder.one
    return (
        lambda: [one(line) for line in lines],
        lambda rows: [encoder.ids(row) for row in rows],
        size,
    )


def array_of(ids: Any) -> Any:
    """Ids as a buffer of 32-bit numbers."""
    return ids if hasattr(ids, "dtype") else array("I", ids)


def megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def plain_name(tool: str) -> str:
    """The tokenizer that a name with a version stands for."""
    return max((name for name in ENCODERS if tool.startswith(name)), key=len)


def contestants(options: argparse.Namespace) -> dict[str, str]:
    """The tokenizers, each with its interpreter; those that are missing are named."""
    others = dict(each.rsplit("=", 1) for each in options.python)
    wanted = dict.fromkeys(ENCODERS, sys.executable) | others
    if options.tool:
        wanted = {name: python for name, python in wanted.items() if name in options.tool}
    found = {
        name: python
        for name, python in wanted.items()
        if is_installed(python, ENCODERS[plain_name(name)][0])
    }
    if missing := wanted.keys() - found.keys():
        packages = " ".join(sorted(ENCODERS[plain_name(name)][1] for name in missing))
        print(f"not installed, so left out: pip install {packages}\n")
    return found


def best(tools: Sequence[str], runs: dict[str, list[dict]]) -> list[str]:
    """Those that are fastest in the first pass, and the one that is in later passes."""
    by = {key: sorted(tools, key=lambda tool: -runs[tool][0][key]) for key in ("first", "again")}
    return list(dict.fromkeys([*by["first"][:BEST], *by["again"][:1]]))


class Race:
    """One vocabulary, one way of giving text, and a number of threads."""

    def __init__(
        self,
        options: argparse.Namespace,
        pythons: dict[str, str],
        vocab: Vocabulary,
        shape: str,
        threads: int,
    ) -> None:
        self.options, self.pythons = options, pythons
        self.vocab, self.shape, self.threads = vocab, shape, threads
        #: By tokenizer and text, what the table shows.
        self.cells: dict[tuple[str, str], str] = {}
        self.ratios: dict[str, str] = {}

    def run(self, tool: str, text: Path) -> dict[str, Any]:
        arguments = ["--worker", tool, self.vocab.ranks, self.vocab.folder, text]
        arguments += ["--shape", self.shape, "--threads", self.threads]
        try:
            return bench.run_fresh(__file__, arguments, self.threads, self.pythons[tool])
        except bench.Failed as error:
            return {"failed": str(error)}

    def add(self, text: Path) -> None:
        """Run all tokenizers on a text, then the best again."""
        tools = list(self.pythons)
        first = bench.interleave(tools, 1, lambda tool: self.run(tool, text))
        (reference,) = first[tools[0]]
        ranked = []
        for tool in tools:
            (run,) = first[tool]
            if run.get("unfit"):
                self.cells[tool, text.stem] = "–"
            elif "failed" in run:
                self.cells[tool, text.stem] = run["failed"]
            elif run["digest"] != reference.get("digest"):
                self.cells[tool, text.stem] = "ids differ"
            else:
                self.cells[tool, text.stem] = f"{run['first']:.0f} / {run['again']:.0f}"
                ranked.append(tool)
        own = [tool for tool in ranked if tool.startswith("bpe_tool")]
        others = best([tool for tool in ranked if tool not in own], first)
        runs = bench.interleave(own + others, self.options.runs, lambda tool: self.run(tool, text))
        speed = {
            tool: [bench.median(runs[tool], key) for key in ("first", "again")] for tool in runs
        }
        for tool, (once, again) in speed.items():
            self.cells[tool, text.stem] = f"**{once:.0f} / {again:.0f}**"
        if own and others:
            ratios = [
                speed[own[0]][at] / max(speed[tool][at] for tool in others) for at in range(2)
            ]
            self.ratios[text.stem] = f"{ratios[0]:.2f} / {ratios[1]:.2f}"

    def show(self, texts: Sequence[Path]) -> None:
        columns = [text.stem for text in texts]
        print(f"{self.vocab.name}, {self.shape}, threads: {self.threads}\n")
        rows = [[tool, *(self.cells[tool, column] for column in columns)] for tool in self.pythons]
        ratios = [self.ratios.get(column, "–") for column in columns]
        bench.table(
            ["first / again, MB/s", *columns], [*rows, ["bpe_tool / the best other", *ratios]]
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vocabs", type=Path, help="a .tiktoken file, or the folder of several")
    parser.add_argument("corpora", type=Path, nargs="+", help="text files")
    parser.add_argument("--limit-mb", type=int, default=20, help="of each file (default: 20)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="(default: 1)")
    parser.add_argument("--shape", nargs="+", default=["documents"], choices=[*SHAPES, "all"])
    parser.add_argument("--runs", type=int, default=5, help="(default: 5)")
    parser.add_argument("--tool", action="append", help="only this one, with bpe_tool")
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--worker", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        vocab = Vocabulary(options.vocabs, options.corpora[0])
        shape, threads = options.shape[0], options.threads[0]
        work(options.worker, vocab, options.corpora[1], shape, threads)
        return 0
    if options.tool:
        options.tool.append("bpe_tool")

    pythons = contestants(options)
    files = [options.vocabs] if options.vocabs.is_file() else sorted(options.vocabs.iterdir())
    ranks = [file for file in files if file.stem in PATTERNS and file.suffix == ".tiktoken"]
    shapes = SHAPES if "all" in options.shape else options.shape
    print(
        f"MB/s of a first pass in a fresh process / of later passes. In bold: medians of"
        f" {options.runs} runs; others ran once. –: it does not have this vocabulary.\n"
    )
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KeyboardInterrupt):
        texts = [
            bench.sample(corpus, options.limit_mb * 10**6, Path(folder))
            for corpus in options.corpora
        ]
        vocabs = [Vocabulary(file, Path(folder)) for file in ranks]
        for vocab in vocabs:
            vocab.write()
        for vocab, shape, threads in product(vocabs, shapes, options.threads):
            race = Race(options, pythons, vocab, shape, threads)
            for text in texts:
                race.add(text)
            race.show(texts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
