"""The words around a contraction, as the rules see them.

Texts given to this module have straight apostrophes. A token is a word in lower case (with
its inner apostrophes and hyphens), a number, a mark of punctuation, or `END`, which stands
for a blank line or the end of the text. Quotes, brackets and marks of emphasis are skipped.
Two tokens of one line, or of two lines that follow each other, are neighbours; across a
blank line nothing is seen.
"""

from __future__ import annotations

import re

from bpe_tool.preprocess.contractions.lexicon import PHRASES, is_adverb

END = "\n"
#: Tokens after which nothing belongs to the clause.
STOPS = frozenset({END, ".", "!", "?", ";", ":", "\u2026"})
#: Tokens that part clauses or phrases.
BREAKS = STOPS | {",", "\u2013", "\u2014", "--", "-", ")", "/"}

#: How many code points are looked at on each side. Bounds the work for each contraction.
WINDOW = 80

_TOKEN = re.compile(
    r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d[\d.,]*\w*|\n[^\S\n]*\r?\n|--|[.,;:!?\u2026\u2013\u2014)/&%$-]"
)


def words_after(text: str, at: int) -> list[str]:
    """Return the tokens after a place, `END` last."""
    tokens = _TOKEN.findall(text, at, at + WINDOW)
    return _until_blank_line(tokens)


def words_before(text: str, at: int) -> list[str]:
    """Return the tokens before a place, the nearest first, `END` last."""
    tokens = _TOKEN.findall(text, max(0, at - WINDOW), at)
    if at > WINDOW and tokens:
        del tokens[0]  # It may be half a word.
    tokens.reverse()
    return _until_blank_line(tokens)


def _until_blank_line(tokens: list[str]) -> list[str]:
    found = []
    for token in tokens:
        if token[0] == "\n":
            break
        found.append(token.lower())
    found.append(END)
    return found


def skip_adverbs(words: list[str], at: int = 0) -> int:
    """Return where the first word stands that is no adverb between auxiliary and verb."""
    while True:
        word = words[at]
        if word == END:
            return at
        if (word, words[at + 1]) in PHRASES:
            at += 2
        elif is_adverb(word):
            at += 1
        elif word == "," and (words[at + 1], words[at + 2 : at + 3]) == ("of", ["course"]):
            at += 3 + (words[at + 3] == ",")
        else:
            return at


def opens_clause(before: list[str], openers: frozenset[str]) -> bool:
    """Tell whether a clause begins after the words `before`."""
    return before[0] in BREAKS or before[0] in openers
