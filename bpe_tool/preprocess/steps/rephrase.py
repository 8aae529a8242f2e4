"""Says things in other words, by tables of phrases: wordy English in plain English, or your own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.english.context import (
    EDGE,
    Context,
    is_negation,
    word_after,
    word_before,
    words_later,
)
from bpe_tool.preprocess.english.phrase_finder import PhraseFinder
from bpe_tool.preprocess.english.phrase_tables import Rewrite, Table, load_table
from bpe_tool.preprocess.english.substitution import Replacement, reword
from bpe_tool.preprocess.protected import Protected
from bpe_tool.preprocess.step import Step, applied

# How much text on either side of a phrase its draw depends on, in code points.
_CONTEXT = 64


def draw(seed: int, rule: str, text: str, start: int, end: int) -> tuple[float, int]:
    """Draw for one place in a text.

    A hash of the seed, the rule, the place in the text and the 64 code points on either side of
    it; of nothing else. So a text has the same draws whatever came before it.

    Returns:
        A number from 0 up to but without 1, and an independent one below 2**32.
    """
    context = text[max(0, start - _CONTEXT) : end + _CONTEXT]
    message = f"{seed}\0{rule}\0{start}\0{context}".encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(message, digest_size=12).digest()
    return int.from_bytes(digest[:8]) / 2**64, int.from_bytes(digest[8:])


@dataclass(frozen=True, kw_only=True)
class Rephrase(Step):
    """Write phrases in other words.

    The longest phrase at the leftmost place is rewritten, never two that overlap. White space
    in a phrase may be one line end, which is kept. Case is kept, `a` and `an` before the phrase
    are repaired. Left alone are quotations, lines quoted with `>`, code, addresses and handles,
    words with capitals that look like names, participles that look like adjectives, and what
    stands straight after a negation unless the entry is a verb or a noun; no entry of a table
    may touch a negation or a number.

    Where there is a choice (several alternatives, or `fraction` below 1) it is a hash of the
    seed, the entry, the offset in the text and the 64 code points on either side: the same in
    every process, however texts are batched.

    No phrase of our table is in what it writes, so that doing it twice is doing it once as a
    rule. Not always: what is rewritten after a phrase may let the marks of its entry hold. A
    table of yours may also rewrite what it wrote.

    Attributes:
        tables: Names of tables (`"plain-english"`) and paths of your own: a phrase, a tab and
            alternatives with `|` between them in each line. An earlier table goes first.
        fraction: The share of phrases to rewrite, from 0 to 1.
        seed: Another number draws otherwise.
    """

    name: ClassVar[str] = "rephrase"
    idempotent: ClassVar[bool] = False

    tables: tuple[str, ...] = ("plain-english",)
    fraction: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.tables, str) or not self.tables:
            raise ArgumentError(
                f"is {self.tables!r}",
                parameter="tables",
                hint='give at least one, as in `("plain-english",)`',
            )
        super().__post_init__()
        _ = self._rewrites  # reads the files, and refuses what is wrong with them

    def edits(self, text: str) -> list[Edit]:
        """Return the changes to make; the rule of each names its table and entry."""
        places = self._finder.find(text)
        if not places:
            return []
        edits: list[Edit] = []
        protected = Protected(text, quotations=True)
        done = 0
        for start, end in places:
            if start < done or protected.overlaps(start, end):
                continue
            # What stands before may just have been rewritten.
            before = word_before(text, start)
            between = (
                text[edits[-1].end : start] if edits and start < edits[-1].end + _CONTEXT else ""
            )
            if before != EDGE and between.isspace():
                before = word_before(edits[-1].text, len(edits[-1].text))
            for rewrite in self._fitting(text, start, end, before):
                wording = self._wording(rewrite, text, start, end)
                if wording and wording.start >= done and not protected.overlaps(*wording[:2]):
                    edits.append(Edit(*wording, rule=rewrite.rule))
                # A phrase that the draw has passed over is done, too.
                done = end
                break
        return edits

    def data_digests(self) -> dict[str, str]:
        """Return the SHA-256 of each table, by its name or path."""
        return {table.name: table.digest for table in self._tables}

    def _fitting(self, text: str, start: int, end: int, before: str) -> Iterator[Rewrite]:
        """Yield what may be done with a phrase in its surroundings."""
        around = Context(before, word_after(text, end), words_later(text, end))
        negated = is_negation(before)
        for rewrite in self._rewrites[" ".join(text[start:end].lower().split())]:
            if negated and not rewrite.after_negation:
                continue
            if all(guard.holds(around) for guard in rewrite.guards):
                yield rewrite

    def _wording(self, rewrite: Rewrite, text: str, start: int, end: int) -> Replacement | None:
        output = rewrite.outputs[0]
        if len(rewrite.outputs) > 1 or self.fraction < 1:
            share, number = draw(self.seed, rewrite.rule, text, start, end)
            if share >= self.fraction:
                return None
            output = rewrite.outputs[number % len(rewrite.outputs)]
        return reword(text, start, end, output)

    @cached_property
    def _tables(self) -> tuple[Table, ...]:
        return tuple(map(load_table, self.tables))

    @cached_property
    def _rewrites(self) -> dict[str, list[Rewrite]]:
        rewrites: dict[str, list[Rewrite]] = {}
        for table in self._tables:
            for phrase, found in table.rewrites.items():
                rewrites.setdefault(phrase, []).extend(found)
        return rewrites

    @cached_property
    def _finder(self) -> PhraseFinder:
        return PhraseFinder(self._rewrites)


def rephrase(
    text: str,
    *,
    tables: tuple[str, ...] = ("plain-english",),
    fraction: float = 1.0,
    seed: int = 0,
) -> str:
    """Write phrases in other words: see `Rephrase`.

    >>> rephrase("In order to make a decision, we utilized a large number of tests.")
    'To decide, we used many tests.'
    """
    return applied(Rephrase, text, tables, fraction, seed)
