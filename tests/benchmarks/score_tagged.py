"""Score the expansion of contractions on the Brown corpus: accuracy per class, and calibration.

The corpus is a folder of files of `word/tag`; the tag of a contraction names its parts, as
`pps+hvz` does for "he's" = he has. It is not part of this project: name the folder you have.
Paragraphs are put together as they were printed and expanded one by one.

`--calibration` shows how often a contraction of several meanings was right, by the
confidence of the rule; a word left alone that is a possessive is not counted there.
"""

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import bench

from bpe_tool.preprocess.steps.contractions import ExpandContractions

#: The second part of a tag and the letters behind the apostrophe, and what they stand for.
MEANINGS = {
    ("bez", "s"): "is", ("hvz", "s"): "has", ("doz", "s"): "does", ("ppo", "s"): "us",
    ("md", "d"): "would", ("hvd", "d"): "had", ("dod", "d"): "did", ("md", "ll"): "will",
    ("hv", "ve"): "have", ("ber", "re"): "are", ("bem", "m"): "am",
}  # fmt: skip
NOUN = re.compile(r"(?:nn|np|nr)s?(?:-|$)")
NO_SPACE_BEFORE = frozenset([".", ",", ";", ":", "?", "!", ")", "''", "'", "]"])
NO_SPACE_AFTER = frozenset(["(", "``", "`", "["])
QUOTES = {"``": '"', "''": '"', "`": "'"}


class Word(NamedTuple):
    start: int
    end: int
    kind: str
    full: str  # the full form, empty if the word is to stay


def kind_and_full(word: str, tag: str) -> tuple[str, str] | None:
    """The class of a word and its full form; None for one without an apostrophe."""
    tag = tag.removesuffix("-hl").removesuffix("-tl").removesuffix("-nc")
    lower = word.lower()
    if "'" not in lower:
        return None
    if tag.endswith("*") and lower.endswith("n't"):
        return "n't = not", ""
    host, _, clitic = lower.rpartition("'")
    first, _, second = tag.partition("+")
    meaning = MEANINGS.get((second, clitic))
    if meaning and host:
        noun = NOUN.match(first) and meaning in ("is", "has")
        return f"{'noun + ' if noun else ''}'{clitic} = {meaning}", f"{host} {meaning}"
    return ("'s = possessive" if "$" in tag else "other"), ""


def paragraphs(path: Path) -> Iterator[tuple[str, list[Word]]]:
    """The text of every paragraph, and its words with an apostrophe."""
    for block in re.split(r"\n\s*\n\s*\n", path.read_text("latin-1")):
        text, words, glued = "", [], True
        for token in block.split():
            word, _, tag = token.rpartition("/")
            if word in (";", "?", "!", ":") and text.endswith(word):
                continue  # The corpus writes these twice.
            if not glued and word not in NO_SPACE_BEFORE:
                text += " "
            glued = word in NO_SPACE_AFTER
            start = len(text)
            text += QUOTES.get(word, '"' if word == "''" else word)
            if found := kind_and_full(word, tag):
                words.append(Word(start, len(text), *found))
        if words:
            yield text, words


class Score:
    """Right and wrong by class, and by confidence."""

    def __init__(self, show: str):
        self.step = ExpandContractions()
        self.kinds: dict[str, Counter[bool]] = defaultdict(Counter)
        self.rules: dict[tuple[float, str], Counter[bool]] = defaultdict(Counter)
        self.show = show

    def add(self, text: str, words: list[Word]) -> None:
        """Count one paragraph."""
        edits = {edit.start: edit for edit in self.step.edits(text)}
        for word in words:
            inside = [edit for at, edit in edits.items() if word.start <= at < word.end]
            made = inside[0].text.lower() if inside else ""
            negated = word.kind == "n't = not" and made.endswith("not")
            right = negated or (made == word.full and word.kind != "n't = not")
            self.kinds[word.kind][right] += 1
            if inside and inside[0].confidence < 1:
                self.rules[inside[0].confidence, inside[0].rule][right] += 1
            if self.show and word.kind.startswith(self.show) and not right:
                rule = inside[0].rule if inside else "left alone"
                around = text[max(0, word.start - 60) : word.start]
                print(
                    f"{word.kind} ({rule}): …{around}[{text[word.start : word.end]}]"
                    f"{text[word.end : word.end + 60]}…"
                )


def percent(counts: Counter[bool]) -> str:
    return f"{100 * counts[True] / counts.total():.1f}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="holds ca01 to cr09")
    parser.add_argument("--files", choices=["all", "odd", "even"], default="all",
                        help="to develop on some and judge by the others")  # fmt: skip
    parser.add_argument("--calibration", action="store_true", help="by confidence, too")
    parser.add_argument("--show", default="", metavar="CLASS", help="print what is wrong")
    options = parser.parse_args()
    score = Score(options.show)
    for path in sorted(options.folder.glob("c[a-r][0-9][0-9]")):
        if options.files in ("all", "odd" if int(path.name[2:]) % 2 else "even"):
            for text, words in paragraphs(path):
                score.add(text, words)
    bench.table(
        ["class", "right", "of", "%"],
        [
            [kind, counts[True], counts.total(), percent(counts)]
            for kind, counts in sorted(score.kinds.items())
        ],
    )
    if options.calibration:
        print()
        bench.table(
            ["confidence", "rule", "right", "of", "%"],
            [
                [confidence, rule, counts[True], counts.total(), percent(counts)]
                for (confidence, rule), counts in sorted(score.rules.items())
            ],
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
