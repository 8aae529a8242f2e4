"""Score lemmas on treebanks in CoNLL-U: accuracy per part of speech, and the commonest errors.

Treebanks are not part of this project; name the files you have, for example those of
UD_English-EWT and UD_English-GUM. Sentences are lemmatized as they are written, one by
one, and what became of each word is compared with its lemma in the treebank, in any case.

Words are tokens of letters only. Left out are parts of contractions and possessives, and
what the treebank marks as misspelt, abbreviated or foreign: there its lemma is another
word. Content words are nouns, verbs, adjectives and adverbs.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import bench

from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.steps.lemma import Lemmatize

CONTENT = ("NOUN", "VERB", "ADJ", "ADV")
ODD_TAGS = ("GW", "AFX", "ADD", "FW")


class Word(NamedTuple):
    start: int
    end: int
    form: str
    lemma: str
    part: str


class Error(NamedTuple):
    part: str
    form: str
    expected: str
    found: str


def sentences(path: Path) -> Iterator[tuple[str, list[Word]]]:
    """The text of every sentence and the words in it that count."""
    text, words, at, joined = "", [], 0, range(0)
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("# text ="):
            text, words, at, joined = line.removeprefix("# text =").strip(), [], 0, range(0)
        elif line and line[0].isdigit():
            number, form, lemma, part, tag, features, *_, misc = line.split("\t")
            if "-" in number:
                first, last = map(int, number.split("-"))
                joined = range(first, last + 1)
            elif number.isdigit() and (start := text.find(form, at)) >= 0:
                at = start + len(form)
                odd = any(mark in features + misc for mark in ("Typo=", "Abbr=", "Foreign="))
                if form.isalpha() and int(number) not in joined and not odd and tag not in ODD_TAGS:
                    words.append(Word(start, at, form, lemma, part))
        elif not line and words:
            yield text, words
            words = []


def became(word: Word, edits: dict[int, Edit]) -> str:
    """What the step writes for a word."""
    edit = edits.get(word.start)
    return edit.text if edit else word.form


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", help="CoNLL-U files")
    parser.add_argument("--language", default="en")
    parser.add_argument("--errors", type=int, default=20, help="how many to list (default: 20)")
    parser.add_argument("--show", action="store_true", help="print every error in its sentence")
    options = parser.parse_args()
    step = Lemmatize(language=options.language)
    results: dict[str, Counter[bool]] = {}
    errors: Counter[Error] = Counter()
    for path in options.files:
        for text, words in sentences(path):
            edits = {edit.start: edit for edit in step.edits(text)}
            for word in words:
                found, expected = became(word, edits).lower(), word.lemma.lower()
                right = found == expected
                groups = [word.part, "all", *(["content"] if word.part in CONTENT else [])]
                for group in groups:
                    results.setdefault(group, Counter())[right] += 1
                if not right:
                    errors[Error(word.part, word.form.lower(), expected, found)] += 1
                    if options.show:
                        before, after = text[: word.start][-40:], text[word.end :][:40]
                        print(f"{word.part} {expected} {found} | {before}[{word.form}]{after}")
    bench.table(
        ["words", "right", "of", "%"],
        [
            [group, counts[True], counts.total(), f"{100 * counts[True] / counts.total():.2f}"]
            for group, counts in sorted(results.items())
        ],
    )
    print()
    bench.table(
        ["times", "part", "word", "in the treebank", "here"],
        [[count, *error] for error, count in errors.most_common(options.errors)],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
