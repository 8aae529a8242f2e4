"""Puts "not" where it stands in full English when the subject follows the auxiliary.

Don't you think so?  ->  Do you not think so?       aren't I  ->  am I not
"""

from __future__ import annotations

import re

from bpe_tool.preprocess.contractions import lexicon
from bpe_tool.preprocess.contractions.context import BREAKS, STOPS, WordsBefore, words_after
from bpe_tool.preprocess.contractions.grammar import like

_PRONOUN = r"(?:i|you|he|she|it|we|they|there)"
_INDEFINITE = r"(?:any|some|every|no)(?:one|body|thing)"
_SUBJECT = re.compile(
    rf"[^\S\n]*\n?[^\S\n]*(?:(?P<sure>{_PRONOUN}|{_INDEFINITE})"
    r"|(?P<phrase>(?:this|that|these|those)"
    r"|(?:the|my|your|his|her|its|our|their)[^\S\n]+[a-z]+(?:[^\S\n]+[a-z]+)?"
    r"|(?-i:[A-Z][a-z]+)))(?!['\w-])",
    re.IGNORECASE,
)
_BEFORE = (
    BREAKS
    | (lexicon.CONJUNCTIONS - {"than", "that", "as"})
    | lexicon.WH_HOSTS
    | {"then", "well", "oh", "yes", "no"}
)
#: "Don't you dare": an order, where "not" stays before "you" in spirit.
_ORDERS = lexicon.words("dare ever worry forget even go think start try touch fret mind be")
_PREDICATES = (
    lexicon.DETERMINERS
    | lexicon.PREPOSITIONS
    | lexicon.ADJECTIVES
    | lexicon.NEGATIONS
    | (lexicon.ADVERBS - {"all", "both", "each"})
    | lexicon.BASES
    | lexicon.WH_HOSTS
    | lexicon.STATES
)


def reorder(
    folded: str, start: int, end: int, auxiliary: str, shout: bool
) -> tuple[int, str] | None:
    """Return where the subject after n't ends, and the words in their new order.

    Args:
        folded: The text, with straight apostrophes.
        start: Where the contraction begins.
        end: Where it ends.
        auxiliary: The auxiliary as it is to be written.
        shout: Whether "not" is to be written in capitals.

    Returns:
        `None` if no subject follows.
    """
    match = _SUBJECT.match(folded, end)
    if match is None:
        return None
    before = WordsBefore(folded, start)
    if before[0] not in _BEFORE:
        return None
    stop = match.end()
    after = words_after(folded, stop)
    phrase = match["phrase"]
    if phrase is not None:
        stop = _phrase_end(folded, match)
        if stop < 0:
            return None
    elif auxiliary.lower() == "do" and before[0] not in lexicon.WH_HOSTS:
        pronoun = match["sure"].lower()
        orders = pronoun == "you" or pronoun.startswith(("any", "every", "some"))
        if orders and after[0] in _ORDERS | lexicon.BASES and not _asks(folded, stop):
            return None
    subject = folded[end:stop]
    if subject.strip().lower() == "i" and auxiliary.lower() == "are":
        auxiliary = like(auxiliary, "am")
    return stop, f"{auxiliary}{subject} {'NOT' if shout else 'not'}"


def _phrase_end(folded: str, match: re.Match[str]) -> int:
    """Return where a noun phrase ends, -1 if that is not sure."""
    words = match["phrase"].split()
    start, end = match.span("phrase")
    ends = [end]
    if len(words) == 3:
        ends.insert(0, start + len(match["phrase"]) - len(words[-1]))
    for stop in ends:
        stop = start + len(folded[start:stop].rstrip())
        after = words_after(folded, stop)[0]
        closed = after in STOPS and after != ":" and len(words) > 1
        if closed or (after.isalpha() and (after in _PREDICATES or _is_predicate(after))):
            return stop
    return -1


def _is_predicate(word: str) -> bool:
    return (word.endswith("ing") and len(word) > 4) or lexicon.is_participle(word)


def _asks(folded: str, at: int) -> bool:
    """Tell whether the sentence ends with a question mark."""
    match = re.compile(r"[^.!?\n]*(?:\n[^.!?\n]+)*([.!?]?)").match(folded, at, at + 300)
    return match is not None and match[1] == "?"
