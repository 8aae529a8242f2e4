"""Race the preset `classic` against the same steps put together from other packages.

The others are NLTK (its word tokenizer and Snowball stemmer) and spaCy's blank English pipeline
with NLTK's stemmer; both with the `contractions` package, and our list of stopwords. Every run
is a fresh process on one core that treats the file line by line. Words are told apart in other
ways everywhere, so results differ a little; the table says how many words the tools share with
ours. It shows medians of interleaved runs; CPU time is what is divided.
"""

import argparse
import string
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import bench

TOOLS = {"bpe_tool": "bpe_tool", "nltk": "nltk", "spacy": "spacy"}
PUNCTUATION = set(string.punctuation + "“”‘’«»—–…")


def load(tool: str) -> Callable[[list[str]], list[str]]:
    """What treats many lines."""
    from bpe_tool import Pipeline
    from bpe_tool.preprocess.steps.stopword_lists import load_stopwords

    if tool == "bpe_tool":
        return Pipeline.from_preset("classic").apply_all
    import contractions
    from nltk.stem.snowball import SnowballStemmer

    english = load_stopwords("english-small")
    stopwords = set(english.words) - set(english.negation)
    stem = SnowballStemmer("english").stem
    if tool == "nltk":
        from nltk.tokenize import NLTKWordTokenizer

        tokenize = NLTKWordTokenizer().tokenize
    else:
        import spacy

        nlp = spacy.blank("en")

        def tokenize(line: str) -> list[str]:
            return [token.text for token in nlp.make_doc(line)]

    def treat(line: str) -> str:
        line = unicodedata.normalize("NFC", " ".join(line.split()))
        words = tokenize(contractions.fix(line).lower())
        return " ".join(
            stem(word)
            for word in words
            if word not in stopwords
            and not PUNCTUATION.issuperset(word)
            and not any(map(str.isdigit, word))
        )

    return lambda lines: [treat(line) for line in lines]


def work(tool: str, path: Path, limit: int) -> None:
    """One run, in a process of its own."""
    with path.open("rb") as file:
        lines = file.read(limit).decode("utf-8", "ignore").split("\n")
    treat = load(tool)
    treat(["It's late, and 2 lamps weren't lit."])
    results, times = bench.timed(lambda: treat(lines))
    words = Counter(" ".join(results).split())
    ours = Counter(" ".join(load("bpe_tool")(lines)).split())
    shared = (words & ours).total() / max(words.total(), ours.total())
    bench.report(megabytes=bench.megabytes(lines), cpu=times["cpu"], shared=shared)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", type=Path, nargs="+", help="text files in English")
    parser.add_argument("--limit-mb", type=float, default=2, help="of each file (default: 2)")
    parser.add_argument("--runs", type=int, default=3, help="(default: 3)")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    limit = int(options.limit_mb * 1e6)
    if options.worker:
        work(options.worker, options.corpora[0], limit)
        return 0

    tools = bench.available(TOOLS, [])
    for corpus in options.corpora:
        results = bench.interleave(
            tools,
            options.runs,
            lambda tool, corpus=corpus: bench.run_fresh(
                __file__, [corpus, "--limit-mb", options.limit_mb, "--worker", tool], 1
            ),
        )
        size = results[tools[0]][0]["megabytes"]
        ours = bench.median(results[tools[0]], "cpu")
        print(f"{corpus.name}: {size:.1f} MB\n")
        bench.table(
            ["tool", "MB/s", "bpe_tool is faster by", "words as ours"],
            [
                [
                    tool,
                    f"{size / bench.median(runs, 'cpu'):.2f}",
                    f"{bench.median(runs, 'cpu') / ours:.1f}",
                    f"{bench.median(runs, 'shared'):.1%}",
                ]
                for tool, runs in results.items()
            ],
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
