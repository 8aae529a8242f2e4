"""The step `expand_contractions`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.apostrophes import APOSTROPHES
from bpe_tool.preprocess.contractions import clitic_d, clitic_s, perfect
from bpe_tool.preprocess.contractions.aint import aint
from bpe_tool.preprocess.contractions.clitic_s import may_follow_noun_verb
from bpe_tool.preprocess.contractions.context import WordsBefore, words_after
from bpe_tool.preprocess.contractions.grammar import (
    CANDIDATE,
    HOST,
    HOST_WINDOW,
    NO_HOST_AFTER,
    PRONOUNS,
    Word,
    expand,
    parse,
)
from bpe_tool.preprocess.contractions.inversion import reorder
from bpe_tool.preprocess.contractions.lexicon import WH_HOSTS
from bpe_tool.preprocess.contractions.reading import POSSESSIVE, Verdict
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.protected import Protected
from bpe_tool.preprocess.step import Step, made

#: Start, end, full form, rule, confidence, alternatives.
_Found = tuple[int, int, str, str, float, tuple[str, ...]]

#: Every address that a contraction may be part of has one of these before it.
_ADDRESS_MARKS = frozenset("@/.")

_AMBIGUOUS = ("likely", "keep", "list")
_INVERSION = ("literal", "reorder")
#: With `ambiguous="keep"`, decisions less sure than this are not made.
SURE = 0.9

_NEXT = re.compile(r"[^\S\n]([^\W\d_]+)(?![\w'-])")
#: "Woolf's A Room of One's Own"
_TITLE = re.compile(r"[^\S\n](?:A|An|The|My|Our|All|On|In|At)\s")
#: After these, "it's" may be meant for "its".
_BEFORE_ITS = tuple(
    word + space
    for word in [
        "of",
        "on",
        "in",
        "to",
        "with",
        "by",
        "from",
        "at",
        "into",
        "through",
        "than",
        "has",
        "have",
        "had",
        "lost",
        "takes",
    ]
    for space in " \n"
)


@dataclass(frozen=True, kw_only=True)
class ExpandContractions(Step):
    """Write English contractions out in full.

    Args:
        ambiguous: What to do where 's, 'd or ain't may mean several things. `"likely"`: take
            the likeliest. `"keep"`: leave those of which the rules are less than 90 % sure.
            `"list"`: as `"likely"`, and name the other texts in the edits.
        inversion: `"literal"` keeps the order of words ("Do not you think"); `"reorder"`
            puts "not" behind the subject of a question ("Do you not think").
    """

    name: ClassVar[str] = "expand_contractions"
    #: What was left alone for want of context may find it in words written out next to it.
    idempotent: ClassVar[bool] = False

    ambiguous: str = "likely"
    inversion: str = "literal"

    def __post_init__(self) -> None:
        _check("ambiguous", self.ambiguous, _AMBIGUOUS)
        _check("inversion", self.inversion, _INVERSION)

    def edits(self, text: str) -> list[Edit]:
        """Return one edit for each contraction: its place, its full form, and why."""
        return [Edit(*found) for found in self._found(text)]

    def apply(self, text: str) -> str:
        """Return the text with its contractions written out."""
        if "'" not in text and text.isascii() and "`" not in text:
            return text
        pieces: list[str] = []
        done = 0
        for start, end, full, _, _, _ in self._found(text):
            pieces += (text[done:start], full)
            done = end
        if not done:
            return text
        pieces.append(text[done:])
        return "".join(pieces)

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the changed texts."""
        apply = self.apply
        return [
            text if text.isascii() and "'" not in text and "`" not in text else apply(text)
            for text in texts
        ]

    def _found(self, text: str) -> list[_Found]:
        """Find the contractions and decide about them."""
        folded = straight(text)
        protected = Protected(text)
        found: list[_Found] = []
        done = 0
        for match in CANDIDATE.finditer(folded):
            at, end = match.span()
            chunk = folded[max(done, at - HOST_WINDOW) : at].rpartition(" ")[2]
            host = chunk
            plain = chunk.isalpha()
            if not plain:
                inner = _host(chunk)
                if inner is None:
                    continue
                host = inner
                # What may be the end of an address is looked at more closely below.
                plain = len(chunk) < HOST_WINDOW and _ADDRESS_MARKS.isdisjoint(chunk)
            word = parse(host + folded[at:end])
            if word is None:
                continue
            start = at - len(host)
            if word.kind == "fixed":
                decided: _Found | None = (start, end, word.text, word.rule, 1.0, ())
                if word.auxiliary and self.inversion == "reorder":
                    decided = _reordered(folded, start, end, word) or decided
            else:
                decided = self._decide(folded, start, end, word)
            if decided is None:
                continue
            asks = protected.in_code if plain else protected.overlaps
            if asks(start, decided[1]):
                continue
            found.append(decided)
            done = decided[1]
        return found

    def _decide(self, folded: str, start: int, end: int, word: Word) -> _Found | None:
        """Decide about a word that may mean several things."""
        verdict = _verdict(folded, start, end, word)
        if not verdict.meaning or (self.ambiguous == "keep" and verdict.confidence < SURE):
            return None
        full = expand(word.source, verdict.meaning)
        others: tuple[str, ...] = ()
        if self.ambiguous == "list":
            others = tuple(expand(word.source, other) for other in verdict.others)
        if word.kind == "aint" and self.inversion == "reorder":
            auxiliary = full.split(" ")[0]
            word = word._replace(auxiliary=auxiliary, rule=verdict.rule)
            reordered = _reordered(folded, start, end, word)
            if reordered:
                return (*reordered[:4], verdict.confidence, others)
        return start, end, full, verdict.rule, verdict.confidence, others


def expand_contractions(text: str, *, ambiguous: str = "likely", inversion: str = "literal") -> str:
    """Write English contractions out in full.

    Args:
        text: Any text.
        ambiguous: `"likely"` or `"keep"`; see `ExpandContractions`.
        inversion: `"literal"` or `"reorder"`; see `ExpandContractions`.

    Returns:
        The text; the very same if it has no contractions.

    >>> expand_contractions("It's late, and John's dog hasn't eaten. He's been out.")
    "It is late, and John's dog has not eaten. He has been out."
    """
    return made(ExpandContractions, ambiguous=ambiguous, inversion=inversion).apply(text)


def straight(text: str) -> str:
    """Return the text with every apostrophe straight. Places stay the same."""
    if text.isascii():
        return text.replace("`", "'")
    for apostrophe in APOSTROPHES[1:]:
        text = text.replace(apostrophe, "'")
    return text


def _host(chunk: str) -> str | None:
    """Return the host that ends a chunk of text, `None` if it can have no clitics."""
    match = HOST.search(chunk)
    if match is None:
        # The apostrophe of 'tis follows no letter.
        return None if chunk and (chunk[-1].isalnum() or chunk[-1] in NO_HOST_AFTER) else ""
    start = match.start()
    if start and chunk[start - 1] in NO_HOST_AFTER:
        return None
    host = match[0]
    if "-" in host:
        last = host.rpartition("-")[2]
        if last.lower() in PRONOUNS:
            return last  # A hyphen for a dash.
    return host


def _verdict(folded: str, start: int, end: int, word: Word) -> Verdict:
    """Ask the rules about a word."""
    kind, host = word.kind, word.host
    match = _NEXT.match(folded, end)
    if match is not None:
        # Most decisions need but one word.
        quick = None
        if kind == "noun-s":
            if not may_follow_noun_verb(match[1].lower()):
                return POSSESSIVE
        elif host in WH_HOSTS:
            pass
        elif kind == "pronoun-d":
            quick = clitic_d.by_next_word(match[1].lower())
        elif kind == "pronoun-s" and not (host == "it" and folded.endswith(_BEFORE_ITS, 0, start)):
            quick = perfect.by_next_word(match[1].lower())
        if quick is not None:
            return quick
    after = words_after(folded, end)
    before = WordsBefore(folded, start)
    if kind == "pronoun-s":
        return clitic_s.pronoun_s(host, after, before)
    if kind == "pronoun-d":
        return clitic_d.pronoun_d(host, after, before)
    if kind == "aint":
        return aint(after, before)
    if kind == "noun-d":
        return clitic_d.noun_d(host, after, before)
    if kind == "indefinite-s":
        return clitic_s.indefinite_s(host, after, before)
    if _TITLE.match(folded, end) and not word.source.isupper():
        return POSSESSIVE
    return clitic_s.noun_s(host, after, before, folded[start].isupper())


def _reordered(folded: str, start: int, end: int, word: Word) -> _Found | None:
    shout = word.source[-1].isupper()
    order = reorder(folded, start, end, word.auxiliary, shout)
    if order is None:
        return None
    return start, order[0], order[1], word.rule + "-inverted", 0.9, ()


def _check(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ArgumentError(
            f"unknown `{name}` {value!r}",
            hint="use one of: " + ", ".join(f'`{name}="{v}"`' for v in known),
        )
