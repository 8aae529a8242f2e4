"""Score the expansion of contractions on treebanks in CoNLL-U: accuracy per class.

Universal Dependencies splits "it's" into "it" and "'s" and gives the lemma of the clitic:
that is the answer to compare with. Treebanks are not part of this project; name the
files you have, for example those of UD_English-EWT and UD_English-GUM.

Sentences are expanded one by one, or with `--context N` together with N sentences on both
sides. A possessive is right if it is left alone. Edits outside a clitic are counted too.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import bench

from bpe_tool.preprocess.apostrophes import STRAIGHT
from bpe_tool.preprocess.steps.contractions import ExpandContractions

FULL = {
    ("'s", "be"): "is", ("'s", "have"): "has", ("'s", "do"): "does", ("'s", "we"): "us",
    ("'s", "'s"): "", ("'d", "would"): "would", ("'d", "have"): "had", ("'d", "do"): "did",
    ("'d", "will"): "would", ("'ll", "will"): "will", ("'ve", "have"): "have",
    ("'re", "be"): "are", ("'m", "be"): "am", ("n't", "not"): "not",
}  # fmt: skip
PRONOUNS = frozenset(
    ["it", "he", "she", "that", "there", "here", "what", "who", "where", "when", "why", "how"]
)
HOSTS = {"ca": "can", "wo": "will", "sha": "shall"}


class Token(NamedTuple):
    start: int
    end: int
    form: str
    lemma: str


class Clitic(NamedTuple):
    start: int  # of its host
    end: int
    kind: str
    expected: str  # the full form, empty if there is none


def sentences(path: Path) -> Iterator[tuple[str, list[Token]]]:
    """The text and the tokens of every sentence, empty nodes left out."""
    text, tokens, at = "", [], 0
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("# text ="):
            text = line.removeprefix("# text =").strip()
        elif line and line[0].isdigit():
            number, form, lemma = line.split("\t")[:3]
            if number.isdigit() and (start := text.find(form, at)) >= 0:
                at = start + len(form)
                tokens.append(Token(start, at, form.translate(STRAIGHT).lower(), lemma))
        elif not line:
            if tokens:
                yield text, tokens
            text, tokens, at = "", [], 0


def clitics(tokens: list[Token]) -> Iterator[Clitic]:
    """The words of a sentence that end in a clitic, chains as one."""
    at = 1
    while at < len(tokens):
        host, meanings, kinds = tokens[at - 1], [], []
        while at < len(tokens) and tokens[at].start == tokens[at - 1].end:
            form, lemma = tokens[at].form, tokens[at].lemma.translate(STRAIGHT)
            meaning = FULL.get((form, lemma))
            if meaning is None:
                break
            meanings.append(meaning)
            kinds.append(f"{form} = {meaning or 'possessive'}")
            at += 1
        if meanings:
            full = HOSTS.get(host.form, host.form)
            glue = "" if full == "can" and meanings[0] == "not" else " "
            kind = kinds[-1]
            noun = tokens[at - 2].lemma.isalpha() and host.form not in PRONOUNS
            if kind in ("'s = is", "'s = has") and noun:
                kind = kind.replace("'s", "noun + 's")
            expected = full + glue + " ".join(meanings) if all(meanings) else ""
            yield Clitic(host.start, tokens[at - 1].end, kind, expected)
        at += 1


def score(paths: list[Path], context: int, show: bool) -> tuple[dict[str, Counter[bool]], int]:
    """Right and wrong per class, and the number of edits outside clitics."""
    step = ExpandContractions()
    results: dict[str, Counter[bool]] = defaultdict(Counter)
    outside = 0
    for path in paths:
        parsed = list(sentences(path))
        for at, (text, tokens) in enumerate(parsed):
            before = " ".join(other for other, _ in parsed[max(0, at - context) : at])
            after = " ".join(other for other, _ in parsed[at + 1 : at + 1 + context])
            offset = len(before) + 1
            inside = range(offset, offset + len(text))
            edits = [
                edit._replace(start=edit.start - offset, end=edit.end - offset)
                for edit in step.edits(f"{before} {text} {after}")
                if edit.start in inside
            ]
            for clitic in clitics(tokens):
                mine = [e for e in edits if e.start < clitic.end and e.end > clitic.start]
                edits = [edit for edit in edits if edit not in mine]
                right = [edit.text.lower() for edit in mine] == [clitic.expected] * bool(
                    clitic.expected
                )
                if clitic.expected == "ai not":  # Treebanks do not say which auxiliary it is.
                    right = len(mine) == 1
                results[clitic.kind][right] += 1
                if show and not right:
                    print(f"{clitic.kind}: {mine and mine[0].rule} | {marked(text, clitic)}")
            for edit in edits:
                outside += 1
                if show:
                    around = text[max(0, edit.start - 40) : edit.end + 40]
                    print(f"outside: {edit.rule} {edit.text!r} | {around}")
    return results, outside


def marked(text: str, clitic: Clitic) -> str:
    """The text around a clitic."""
    word = text[clitic.start : clitic.end]
    return f"{text[max(0, clitic.start - 50) : clitic.start]}[{word}]{text[clitic.end :][:50]}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", help="CoNLL-U files")
    parser.add_argument("--context", type=int, default=0, help="sentences around (default: 0)")
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    options = parser.parse_args()
    results, outside = score(options.files, options.context, options.show)
    bench.table(
        ["class", "right", "of", "%"],
        [
            [kind, counts[True], counts.total(), f"{100 * counts[True] / counts.total():.1f}"]
            for kind, counts in sorted(results.items())
        ],
    )
    print(f"edits outside clitics: {outside}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
