"""What stands around a phrase: the words before and after it, and the guards that ask for them."""

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

#: The begin or end of a paragraph, where a word is asked for.
EDGE = "<edge>"

# How far to look. A longer word than this is none.
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
#: The names of classes of words that a guard may ask for.
CLASSES = (*_CLASS_WORDS, EDGE, "<start>", "<ing>")

# How far a clause is followed, in code points and in words, and where it ends.
_CLAUSE = 120
_CLAUSE_WORDS = 12
_CLAUSE_END = re.compile(r"[.:;!?](?!\w)|\n[ \t]*\n")

_SENTENCE_END = frozenset(".!?:")
_LAST = re.compile(rf"[\w{APOSTROPHES}-]+\Z|[^\s]\Z")
_FIRST = re.compile(rf"\w[\w{APOSTROPHES}-]*|\S")


class Context(NamedTuple):
    """The words around a phrase, in lower case.

    Attributes:
        before: What `word_before` finds.
        after: What `word_after` finds.
        later: What `words_later` finds.
    """

    before: str
    after: str
    later: frozenset[str]


class Guard(NamedTuple):
    """Asks for a word, a punctuation character or a class of them around a phrase.

    Attributes:
        place: Where it is looked for: `"before"` the phrase, straight `"after"` it, or
            `"later"` in the clause.
        wanted: Whether it must be there; otherwise it must not.
        tokens: Which, in lower case.
    """

    place: Literal["before", "after", "later"]
    wanted: bool
    tokens: frozenset[str]

    def holds(self, around: Context) -> bool:
        """Say whether it does."""
        if self.place == "later":
            return self.wanted != self.tokens.isdisjoint(around.later)
        word = around.before if self.place == "before" else around.after
        found = word in self.tokens or any(
            name in self.tokens and _belongs(word, name) for name in CLASSES
        )
        return found == self.wanted


def word_before(text: str, start: int) -> str:
    """Return the word or the punctuation character before a place, in lower case, or `EDGE`."""
    left = text[max(0, start - _REACH) : start]
    stripped = left.rstrip()
    if not stripped or left.count("\n", len(stripped)) > 1:
        return EDGE
    match = _LAST.search(stripped)
    return match[0].lower() if match else EDGE


def word_after(text: str, end: int) -> str:
    """Return the word or the punctuation character after a place, in lower case, or `EDGE`."""
    right = text[end : end + _REACH]
    match = _FIRST.search(right)
    if not match or right.count("\n", 0, match.start()) > 1:
        return EDGE
    return match[0].lower()


def words_later(text: str, end: int) -> frozenset[str]:
    """Return the words from a place to the end of its clause, a dozen at most, in lower case."""
    clause = _CLAUSE_END.split(text[end : end + _CLAUSE], maxsplit=1)[0]
    return frozenset(clause.lower().split()[:_CLAUSE_WORDS])


def is_negation(word: str) -> bool:
    """Say whether a word in lower case negates."""
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
