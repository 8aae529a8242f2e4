"""Reads sentences that are written once with both their forms: `cases/contractions*.txt`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GOLD = Path(__file__).parent / "cases" / "contractions.txt"
PAIRS = GOLD.with_name("contractions_pairs.txt")
MARKED = re.compile(r"\[([^|\]\n]*)\|([^|\]\n]*)\]")


class Sentence(NamedTuple):
    line: int
    kind: str
    source: str
    expected: str


def sentences(path: Path = GOLD) -> Iterator[Sentence]:
    """All sentences of a file, in order."""
    kind = ""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("== "):
            kind = line[3:]
        elif line and not line.startswith("#"):
            line = line.replace("\\n", "\n").replace("\\r", "\r")
            yield Sentence(number, kind, MARKED.sub(r"\1", line), MARKED.sub(r"\2", line))
