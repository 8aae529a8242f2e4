"""Learns a list of stopwords: the words that most documents of a corpus have."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from bpe_tool.checks import number, several, string, whole
from bpe_tool.errors import ArgumentError, LimitError, Suggestion
from bpe_tool.preprocess.word_spans import fold, is_word, run_pattern

#: How many different words are remembered by default: some hundred MB.
MAX_WORDS = 2_000_000


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
    texts: Iterable[str], *, max_document_frequency: float = 0.6, max_words: int = MAX_WORDS
) -> list[LearnedStopword]:
    """Return the words that more than a share of the documents have, the most common first.

    The texts are read once, and none is kept. When more than `max_words` different words are in
    memory, the rarest are dropped, and an upper bound of their counts is kept. The result is
    exact; if the dropped words could change it, an error is raised instead.

    Args:
        texts: The documents.
        max_document_frequency: Words above this share are stopwords; at least 0 and below 1.
        max_words: The most words to remember.

    Raises:
        ArgumentError: If a number is out of range.
        LimitError: If too many words were forgotten to be exact.
    """
    max_document_frequency = number("max_document_frequency", max_document_frequency)
    check_share(max_document_frequency)
    frequencies = DocumentFrequencies(whole("max_words", max_words, 1))
    for row, text in enumerate(several("texts", texts, "several str")):
        frequencies.add(string(f"texts[{row}]", text))
    return frequencies.above(max_document_frequency)


def check_share(max_document_frequency: float) -> None:
    """Refuse a share that is not at least 0 and below 1.

    Raises:
        ArgumentError: It is not from 0 to below 1.
    """
    if not 0 <= max_document_frequency < 1:
        raise ArgumentError(
            f"is {max_document_frequency}",
            parameter="max_document_frequency",
            hint="pass a share from 0 to below 1, such as 0.6",
        )


class DocumentFrequencies:
    """The number of documents that have each word, in bounded memory.

    Args:
        max_words: The most words to remember.
    """

    def __init__(self, max_words: int = MAX_WORDS) -> None:
        self._max_words = max_words
        self._counts: dict[str, int] = {}
        # For words that were seen after others were dropped: a bound of their counts before.
        self._missed: dict[str, int] = {}
        self._forgotten = 0
        self._total = 0

    def add(self, text: str) -> None:
        """Count a document."""
        self._total += 1
        for word in {fold(run) for run in set(run_pattern().findall(text)) if is_word(run)}:
            self._count(word, 1)
        self._forget()

    def take(self, later: DocumentFrequencies) -> None:
        """Add the counts of another, which must not have dropped any word."""
        assert not later._forgotten
        self._total += later._total
        for word, count in later._counts.items():
            self._count(word, count)
        self._forget()

    def above(self, share: float) -> list[LearnedStopword]:
        """Return the words that more than a share of the documents have; see `learn_stopwords`."""
        # A decimal fraction as written: 7 of 10 documents are not above 0.7.
        least = Fraction(str(share)) * self._total
        if self._forgotten > least or any(
            self._counts[word] + most > least for word, most in self._missed.items()
        ):
            raise LimitError(
                f"more than {self._max_words} different words: which are stopwords is no longer "
                "certain",
                hint=Suggestion("raise {max_words}, or {max_document_frequency}"),
            )
        learned = [
            LearnedStopword(word, count, count / self._total)
            for word, count in self._counts.items()
            if count > least
        ]
        return sorted(learned, key=lambda each: (-each.documents, each.word))

    def _count(self, word: str, documents: int) -> None:
        if word in self._counts:
            self._counts[word] += documents
        else:
            self._counts[word] = documents
            if self._forgotten:
                self._missed[word] = self._forgotten

    def _forget(self) -> None:
        """Drop the rarest words if there are too many, and keep a bound of their counts."""
        counts, missed = self._counts, self._missed
        if len(counts) <= self._max_words:
            return
        by_count = sorted(counts, key=lambda word: counts[word] + missed.get(word, 0))
        for word in by_count[: len(by_count) - self._max_words // 2]:
            self._forgotten = max(self._forgotten, counts.pop(word) + missed.pop(word, 0))


def format_stopwords(words: Iterable[LearnedStopword]) -> str:
    """Return the content of the file of a learned list, for `RemoveStopwords(lists=(path,))`."""
    return "".join(f"{each.word}  # {each.documents} ({each.frequency:.1%})\n" for each in words)
