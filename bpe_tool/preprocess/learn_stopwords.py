"""Learns a list of stopwords: the words that most documents of a corpus have."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from bpe_tool.errors import ArgumentError, LimitError
from bpe_tool.preprocess.words import fold, is_word, run_pattern


class LearnedStopword(NamedTuple):
    """A word that many documents have.

    Attributes:
        word: In its folded form.
        documents: How many documents have it.
        frequency: Its share of all documents, at most 1.
    """

    word: str
    documents: int
    frequency: float


def learn_stopwords(
    texts: Iterable[str], *, max_document_frequency: float = 0.6, max_words: int = 2_000_000
) -> list[LearnedStopword]:
    """Return the words that more than a share of the documents have, the commonest first.

    The texts are read once, and none is kept. When more than `max_words` different words
    are in memory, the rarest are forgotten, with how often they can have been seen; as
    long as that cannot change the answer, the answer is exact. Otherwise it is refused.

    Args:
        texts: The documents.
        max_document_frequency: Words above this share are stopwords; from 0 to below 1.
        max_words: How many words to remember at most.

    Raises:
        ArgumentError: If a number is out of range.
        LimitError: If too many words were forgotten to be exact.
    """
    if isinstance(texts, str):
        raise ArgumentError("`texts` is one string", hint="pass a list of documents")
    if not 0 <= max_document_frequency < 1:
        raise ArgumentError(
            f"`max_document_frequency` is {max_document_frequency}",
            hint="pass a share from 0 to below 1, such as 0.6",
        )
    if max_words < 1:
        raise ArgumentError(f"`max_words` is {max_words}", hint="pass at least 1")
    # A decimal fraction as written: 7 of 10 documents are not above 0.7.
    share = Fraction(str(max_document_frequency))
    counts: dict[str, int] = {}
    missed: dict[str, int] = {}  # of words that came after a forgetting: how many at most
    forgotten = total = 0
    for total, text in enumerate(texts, 1):  # noqa: B007 - used after the loop
        for word in {fold(run) for run in set(run_pattern().findall(text)) if is_word(run)}:
            if word in counts:
                counts[word] += 1
            else:
                counts[word] = 1
                if forgotten:
                    missed[word] = forgotten
        if len(counts) > max_words:
            forgotten = _forget(counts, missed, max_words // 2, forgotten)
    least = share * total
    if forgotten > least or any(counts[word] + most > least for word, most in missed.items()):
        raise LimitError(
            f"more than {max_words} different words: which are stopwords is no longer certain",
            hint="raise `max_words`, or `max_document_frequency`",
        )
    learned = [
        LearnedStopword(word, count, count / total)
        for word, count in counts.items()
        if count > least
    ]
    return sorted(learned, key=lambda each: (-each.documents, each.word))


def format_stopwords(words: Iterable[LearnedStopword]) -> str:
    """Return the file of a learned list, for `RemoveStopwords(lists=(path,))`."""
    return "".join(f"{each.word}  # {each.documents} ({each.frequency:.1%})\n" for each in words)


def _forget(counts: dict[str, int], missed: dict[str, int], keep: int, forgotten: int) -> int:
    """Drop the rarest words; return how often a dropped word can have been seen at most."""
    by_count = sorted(counts, key=lambda word: counts[word] + missed.get(word, 0))
    for word in by_count[: len(by_count) - keep]:
        forgotten = max(forgotten, counts.pop(word) + missed.pop(word, 0))
    return forgotten
