"""Rephrases text by tables of phrases: wordy English in plain English, or your own."""

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
from bpe_tool.preprocess.english.phrase_tables import PhraseTable, Rewrite, load_table
from bpe_tool.preprocess.english.substitution import Replacement, reword
from bpe_tool.preprocess.protected import Protected
from bpe_tool.preprocess.step import Step, applied

# How much text on either side of a phrase a draw depends on, in code points.
_CONTEXT = 64


def draw(seed: int, rule: str, text: str, start: int, end: int) -> tuple[float, int]:
    """Draw two numbers for a span of a text.

    They are a hash of the seed, the rule, the offset in the text and the 64 code points on
    either side, so a text has the same draws whatever was processed before it.

    Returns:
        A number at least 0 and below 1, and an independent one below 2**32.
    """
    context = text[max(0, start - _CONTEXT) : end + _CONTEXT]
    message = f"{seed}\0{rule}\0{start}\0{context}".encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(message, digest_size=12).digest()
    return int.from_bytes(digest[:8]) / 2**64, int.from_bytes(digest[8:])


@dataclass(frozen=True, kw_only=True)
class Rephrase(Step):
    """Replace phrases by others.

    Of phrases that overlap, the leftmost is rewritten, and of those that begin together the
    longest. A phrase may hold one line end, which is kept. Case is kept, and `a` and `an` before
    the phrase are adapted. Left alone are quotations, lines quoted with `>`, code, addresses and
    handles, words with capitals that look like names, participles that look like adjectives, and
    what follows a negation directly, unless the entry is a verb or a noun. No entry of a table
    may add, remove or change a negation or a number.

    Choices (between alternatives, or by a `fraction` below 1) depend on a hash of the seed, the
    entry, the offset in the text and the 64 code points on either side. They are the same in
    every process, however texts are batched.

    The built-in table writes no phrase that it also replaces, so a second pass rarely changes
    anything. It can: the words after a phrase may only fit its entry once they are rewritten. A
    table of your own may also rewrite what it wrote.

    Attributes:
        tables: Names of tables (`"plain-english"`) and paths of your own. Each line of a table
            has a phrase, a tab, and alternatives with `|` between them. Earlier tables take
            precedence.
        fraction: The share of phrases to rewrite, from 0 to 1.
        seed: Determines the choices.
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
        """Return the edits. The rule of each names its table and entry."""
        spans = self._finder.find(text)
        if not spans:
            return []
        edits: list[Edit] = []
        protected = Protected(text, quotations=True)
        done = 0
        for start, end in spans:
            if start < done or protected.overlaps(start, end):
                continue
            # The text before may just have been rewritten.
            before = word_before(text, start)
            between = (
                text[edits[-1].end : start] if edits and start < edits[-1].end + _CONTEXT else ""
            )
            if before != EDGE and between.isspace():
                before = word_before(edits[-1].text, len(edits[-1].text))
            for rewrite in self._fitting(text, start, end, before):
                replacement = self._replacement(rewrite, text, start, end)
                if (
                    replacement
                    and replacement.start >= done
                    and not protected.overlaps(*replacement[:2])
                ):
                    edits.append(Edit(*replacement, rule=rewrite.rule))
                # A phrase that the draw leaves alone is done too.
                done = end
                break
        return edits

    def data_digests(self) -> dict[str, str]:
        """Return the SHA-256 of each table, by its name or path."""
        return {table.name: table.digest for table in self._tables}

    def _fitting(self, text: str, start: int, end: int, before: str) -> Iterator[Rewrite]:
        """Yield the rewrites of a phrase that its context allows."""
        context = Context(before, word_after(text, end), words_later(text, end))
        negated = is_negation(before)
        for rewrite in self._rewrites[" ".join(text[start:end].lower().split())]:
            if negated and not rewrite.after_negation:
                continue
            if all(guard.holds(context) for guard in rewrite.guards):
                yield rewrite

    def _replacement(self, rewrite: Rewrite, text: str, start: int, end: int) -> Replacement | None:
        output = rewrite.outputs[0]
        if len(rewrite.outputs) > 1 or self.fraction < 1:
            share, number = draw(self.seed, rewrite.rule, text, start, end)
            if share >= self.fraction:
                return None
            output = rewrite.outputs[number % len(rewrite.outputs)]
        return reword(text, start, end, output)

    @cached_property
    def _tables(self) -> tuple[PhraseTable, ...]:
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
    """Replace phrases by others; see `Rephrase`.

    >>> rephrase("In order to make a decision, we utilized a large number of tests.")
    'To decide, we used many tests.'
    """
    return applied(Rephrase, text, tables, fraction, seed)
