"""The context of a phrase: the words before and after it, and guards that test them."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from bpe_tool.preprocess.apostrophes import APOSTROPHES

#: A word that negates, in lower case.
NEGATION = (
    r"\b(?:not|no|nor|neither|never|none|nobody|nothing|nowhere|without|cannot|hardly|barely"
    rf"|scarcely|\w+n[{APOSTROPHES}]t)(?!\w)"
)
_NEGATION = re.compile(NEGATION)

#: Stands for a word at the start or end of a paragraph.
EDGE = "<edge>"

# How far to look, in code points. Longer words are not found.
_REACH = 64

_WORDS = {
    "<be>": "be am is are was were been being 's 're",
    "<have>": "have has had having",
    "<modal>": "to will would shall should can could may might must cannot",
    "<det>": "a an the this that these those my your his her its our their whose each every any "
    "some all another both which",
    "<number>": "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty "
    "forty fifty sixty seventy eighty ninety hundred thousand",
}
_CLASS_WORDS = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_CLASS_WORDS["<stop>"] = frozenset(",.;:!?)")
#: The names of the classes of words that a guard may test.
CLASSES = (*_CLASS_WORDS, EDGE, "<start>", "<ing>")

# How much of a clause is read, in code points and in words, and where it ends.
_CLAUSE = 120
_CLAUSE_WORDS = 12
_CLAUSE_END = re.compile(r"[.:;!?](?!\w)|\n[ \t]*\n")

_SENTENCE_END = frozenset(".!?:")
_LAST = re.compile(rf"[\w{APOSTROPHES}-]+\Z|[^\s]\Z")
_FIRST = re.compile(rf"\w[\w{APOSTROPHES}-]*|\S")


class Context(NamedTuple):
    """The words around a phrase, in lower case.

    Attributes:
        before: The word before it; see `word_before`.
        after: The word after it; see `word_after`.
        later: The words up to the end of the clause; see `words_later`.
    """

    before: str
    after: str
    later: frozenset[str]


class Guard(NamedTuple):
    """A condition on the words or punctuation around a phrase.

    Attributes:
        position: Where to look: right `"before"` the phrase, right `"after"` it, or `"later"` in
            the clause.
        wanted: Whether one of the words must be there; otherwise none may be.
        words: The words, punctuation characters and classes, in lower case.
    """

    position: Literal["before", "after", "later"]
    wanted: bool
    words: frozenset[str]

    def holds(self, context: Context) -> bool:
        """Return whether the condition holds."""
        if self.position == "later":
            return self.wanted != self.words.isdisjoint(context.later)
        word = context.before if self.position == "before" else context.after
        found = word in self.words or any(
            name in self.words and _belongs(word, name) for name in CLASSES
        )
        return found == self.wanted


def word_before(text: str, start: int) -> str:
    """Return the word or punctuation character before an offset, in lower case, or `EDGE`."""
    left = text[max(0, start - _REACH) : start]
    stripped = left.rstrip()
    if not stripped or left.count("\n", len(stripped)) > 1:
        return EDGE
    match = _LAST.search(stripped)
    return match[0].lower() if match else EDGE


def word_after(text: str, end: int) -> str:
    """Return the word or punctuation character after an offset, in lower case, or `EDGE`."""
    right = text[end : end + _REACH]
    match = _FIRST.search(right)
    if not match or right.count("\n", 0, match.start()) > 1:
        return EDGE
    return match[0].lower()


def words_later(text: str, end: int) -> frozenset[str]:
    """Return the words from an offset to the end of the clause, at most 12, in lower case."""
    clause = _CLAUSE_END.split(text[end : end + _CLAUSE], maxsplit=1)[0]
    return frozenset(clause.lower().split()[:_CLAUSE_WORDS])


def is_negation(word: str) -> bool:
    """Return whether a word in lower case negates."""
    return _NEGATION.fullmatch(word) is not None


def _belongs(word: str, name: str) -> bool:
    if name == "<ing>":
        return len(word) > 4 and word.endswith("ing")
    if name == "<start>":
        return word == EDGE or word in _SENTENCE_END
    if name == EDGE:
        return word == EDGE
    if name == "<number>" and (word[:1].isdigit() or word in "$€£~"):
        return True
    if name == "<be>" and word.endswith(("'s", "'re", "’s", "’re")):
        return True
    return word in _CLASS_WORDS[name]
