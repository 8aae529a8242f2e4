"""What a tokenizer makes of a corpus: the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from bpe_tool.errors import ArgumentError
from bpe_tool.inspect import measures
from bpe_tool.inspect.curve import compression_curve, node_counts
from bpe_tool.inspect.measures import Measures
from bpe_tool.inspect.report import Report, Token
from bpe_tool.inspect.show import brief, split_text
from bpe_tool.inspect.tables import token_table
from bpe_tool.inspect.vocabulary import Vocabulary
from bpe_tool.view import Bars, Block, Cell, Curve, Facts, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.tokenizer import Text, Tokenizer

#: How many words, tokens or groups a list shows.
SHOWN = 20
#: How many points of a curve are kept, evenly by the logarithm.
POINTS = 200
#: How often documents are drawn again for an interval, and the share that it leaves out.
RESAMPLES, OUTSIDE = 1000, 0.05
#: The order of Rényi's entropy that predicts best how well a model does, says the paper:
#: Zouhar et al., "Tokenization and the noiseless channel", ACL 2023.
ALPHA = 2.5
#: A vocabulary of twice the size pays if it saves this share of the tokens.
WORTHWHILE = 0.05
#: Texts are encoded so many at a time.
BATCH = 1 << 16


@dataclass(frozen=True)
class Ratio:
    """A ratio of two sums over the corpus, with a 95 % interval from resampled documents.

    Attributes:
        value: The ratio; `None` if there is nothing to divide by.
        low: The lower end; `None` for fewer than two documents.
        high: The upper end.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Group:
    """The documents of one file, or of one language.

    Attributes:
        name: Its name.
        documents: How many there are.
        bytes: How many bytes.
        characters: How many characters.
        tokens: How many tokens.
        words: How many words.
        bytes_per_token: `None` without tokens, as the next.
        characters_per_token: Likewise.
        tokens_per_word: `None` without words, as the next.
        whole_words: The share of words that are within one token.
        cost: Tokens per document if all groups have as many documents, else per character.
        parity: The cost as a multiple of that of the reference.
    """

    name: str
    documents: int
    bytes: int
    characters: int
    tokens: int
    words: int
    bytes_per_token: float | None
    characters_per_token: float | None
    tokens_per_word: float | None
    whole_words: float | None
    cost: float | None
    parity: float | None


@dataclass(frozen=True)
class SplitWord:
    """A word that is not one token: how often it is split, and its tokens after a space."""

    raw: bytes
    count: int
    tokens: tuple[bytes, ...]


@dataclass(frozen=True)
class Point:
    """The corpus would have so many tokens with a vocabulary of so many."""

    vocab_size: int
    tokens: int


@dataclass(frozen=True)
class CorpusReport(Report):
    """What a tokenizer makes of a corpus.

    A word is a run of letters, marks and numbers, as long as can be. Its tokens are those
    of the running text that have a part of it.

    Attributes:
        documents: How many documents there are.
        bytes: How many bytes.
        characters: How many characters; a byte outside UTF-8 counts as one.
        tokens: How many tokens.
        words: How many words.
        bytes_per_token: The mean.
        characters_per_token: The mean.
        tokens_per_word: The mean, called fertility.
        whole_words: The share of words that are within one token.
        entropy: Of the distribution of tokens, in bits per token.
        perplexity: Two to the power of that.
        renyi_efficiency: Rényi's entropy of order 2.5 as a share of the largest that the
            vocabulary could have.
        vocab_size: How many tokens the vocabulary has.
        used: How many of them occur.
        unused: How many do not; special tokens are left out here.
        scaffold: How many of those are made on the way to others that occur.
        unused_tokens: The first of those that are not even made, in order of id.
        scaffold_tokens: The scaffold tokens that are made most often.
        split_words: The words that are split most often.
        frequencies: How often tokens occur, by rank of frequency: pairs of rank and count.
        curve: How many tokens there would be with fewer merges; empty if that is not known.
        pays_until: The largest vocabulary that saves 5 % of the tokens of one of half its
            size; `None` if none does.
        cost_unit: What the cost of groups is per.
        reference: The group that others are compared with.
        gini: Gini's coefficient of the costs: 0 if all groups pay the same.
        groups: The groups.
    """

    SCHEMA: ClassVar[str] = "bpe_tool.inspect.corpus/1"
    TITLE: ClassVar[str] = "Corpus"

    documents: int
    bytes: int
    characters: int
    tokens: int
    words: int
    bytes_per_token: Ratio
    characters_per_token: Ratio
    tokens_per_word: Ratio
    whole_words: Ratio
    entropy: float
    perplexity: float
    renyi_efficiency: float | None
    vocab_size: int
    used: int
    unused: int
    scaffold: int
    unused_tokens: tuple[Token, ...]
    scaffold_tokens: tuple[Token, ...]
    split_words: tuple[SplitWord, ...]
    frequencies: tuple[tuple[int, int], ...]
    curve: tuple[Point, ...]
    pays_until: int | None
    cost_unit: Literal["document", "character"]
    reference: str | None
    gini: float | None
    groups: tuple[Group, ...]

    def view(self) -> list[Block]:
        """Return the numbers, the curves, the groups, and lists of words and tokens."""
        ratios = {
            "bytes per token": self.bytes_per_token,
            "characters per token": self.characters_per_token,
            "tokens per word": self.tokens_per_word,
            "share of whole words": self.whole_words,
        }
        facts: list[tuple[str, Cell]] = [
            ("documents", self.documents),
            ("bytes", self.bytes),
            ("characters", self.characters),
            ("words", self.words),
            ("tokens", self.tokens),
            ("unigram entropy (bits)", self.entropy),
            ("perplexity", self.perplexity),
            ("Rényi efficiency", self.renyi_efficiency),
            ("tokens used", f"{self.used:,} of {self.vocab_size:,}"),
            ("never used", self.unused),
            ("only parts of others", self.scaffold),
            ("doubling pays until", self.pays_until),
        ]
        intervals = [(name, each.value, each.low, each.high) for name, each in ratios.items()]
        mark = None
        if self.pays_until is not None:
            mark = (float(self.pays_until), f"pays until {self.pays_until:,}")
        words = [
            (brief(each.raw), each.count, split_text(each.tokens)) for each in self.split_words
        ]
        return [
            Facts("Corpus", facts),
            Table("Means", ("", "value", "from", "to"), intervals, "95 % intervals"),
            Curve(
                "Compression",
                "vocabulary size",
                "bytes per token",
                [point.vocab_size for point in self.curve],
                [self.bytes / max(1, point.tokens) for point in self.curve],
                mark=mark,
                note="what smaller vocabularies of the same merges would give",
            ),
            Curve(
                "Frequencies",
                "rank",
                "count",
                [rank for rank, _ in self.frequencies],
                [count for _, count in self.frequencies],
                logarithmic="xy",
            ),
            *self._group_view(),
            Table("Words split most often", ("word", "count", "tokens"), words),
            token_table("Only parts of others", self.scaffold_tokens),
            token_table("Never made", self.unused_tokens),
        ]

    def _group_view(self) -> list[Block]:
        if len(self.groups) < 2:
            return []
        rows = [
            (
                group.name,
                group.documents,
                group.tokens,
                group.bytes_per_token,
                group.characters_per_token,
                group.tokens_per_word,
                group.whole_words,
                group.parity,
            )
            for group in self.groups
        ]
        columns = (
            "group", "documents", "tokens", "bytes per token", "characters per token",
            "tokens per word", "whole words", "parity",
        )  # fmt: skip
        gini = "" if self.gini is None else f"; Gini's coefficient of the costs: {self.gini:.3f}"
        note = f"parity: tokens per {self.cost_unit}, as a multiple of {self.reference}{gini}"
        paid = [group for group in self.groups if group.parity is not None]
        names = [group.name for group in paid]
        return [
            Table("Groups", columns, rows, note),
            Bars("Parity", names, [group.parity or 0.0 for group in paid]),
        ]


def inspect_corpus(
    tokenizer: Tokenizer,
    texts: Iterable[Text] | Mapping[str, Iterable[Text]],
    *,
    reference: str | None = None,
    threads: int = 0,
) -> CorpusReport:
    """Describe what a tokenizer makes of a corpus.

    Args:
        tokenizer: The tokenizer. Special tokens in the texts are plain text.
        texts: Documents, or several groups of them by name, such as languages.
        reference: The group that others are compared with; by default the first.
        threads: Threads to use; 0 for all that the process may use.

    Raises:
        ArgumentError: `reference` is no group.
        DataError: A text is a `str` with a lone surrogate.
    """
    found = Measures(Vocabulary(tokenizer._core), threads=threads)
    groups = texts if isinstance(texts, Mapping) else {"": texts}
    for name, documents in groups.items():
        rest = iter(documents)
        while batch := list(islice(rest, BATCH)):
            raw = [text.encode() if isinstance(text, str) else bytes(text) for text in batch]
            found.add(name, raw)
    return corpus_report(found, reference)


def corpus_report(found: Measures, reference: str | None = None) -> CorpusReport:
    """Return the report on what was measured."""
    vocab, counts = found.vocab, found.counts
    total = sum(found.groups.values(), np.zeros(6, np.int64))
    groups, unit, named = _groups(found, reference)
    shares = counts[counts > 0] / max(1, counts.sum())
    entropy = float(-(shares * np.log2(shares)).sum()) + 0.0
    plain = vocab.ids[~vocab.special]
    unused = plain[counts[plain] == 0]
    made = node_counts(vocab, counts)
    scaffold = unused[made[unused] > 0] if made is not None else unused[:0]
    often = scaffold[np.argsort(-made[scaffold], kind="stable")] if made is not None else scaffold
    never = np.setdiff1d(unused, scaffold)
    curve, pays_until = _curve(vocab, counts)
    resampled = _resampled(found.heaps[: max(1, sum(found.documents.values()))])
    return CorpusReport(
        documents=sum(found.documents.values()),
        bytes=int(total[measures.BYTES]),
        characters=int(total[measures.CHARACTERS]),
        tokens=int(total[measures.TOKENS]),
        words=int(total[measures.WORDS]),
        bytes_per_token=_ratio(total, resampled, measures.BYTES, measures.TOKENS),
        characters_per_token=_ratio(total, resampled, measures.CHARACTERS, measures.TOKENS),
        tokens_per_word=_ratio(total, resampled, measures.WORD_TOKENS, measures.WORDS),
        whole_words=_ratio(total, resampled, measures.WHOLE, measures.WORDS),
        entropy=entropy,
        perplexity=2.0**entropy,
        renyi_efficiency=_renyi(shares, len(vocab)),
        vocab_size=len(vocab),
        used=int((counts > 0).sum()),
        unused=len(unused),
        scaffold=len(scaffold),
        unused_tokens=tuple(map(vocab.token, never[:SHOWN].tolist())),
        scaffold_tokens=tuple(map(vocab.token, often[:SHOWN].tolist())),
        split_words=tuple(_split_words(found)),
        frequencies=_frequencies(counts),
        curve=curve,
        pays_until=pays_until,
        cost_unit=unit,
        reference=named,
        gini=_gini([group.cost for group in groups if group.cost is not None]),
        groups=tuple(groups),
    )


def _renyi(shares: NDArray[np.float64], size: int) -> float | None:
    if not len(shares) or size < 2:
        return None
    return float(np.log2((shares**ALPHA).sum()) / (1 - ALPHA) / np.log2(size)) + 0.0


def _divided(sums: NDArray[np.int64], one: int, other: int) -> float | None:
    return float(sums[one] / sums[other]) if sums[other] else None


def _resampled(heaps: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Draw as many heaps as there are, again and again; return the sums of each draw."""
    if len(heaps) < 2:
        return None
    drawn = np.random.default_rng(0).multinomial(
        len(heaps), np.full(len(heaps), 1 / len(heaps)), RESAMPLES
    )
    sums: NDArray[np.int64] = (drawn.astype(np.float64) @ heaps).astype(np.int64)
    return sums


def _ratio(
    total: NDArray[np.int64], resampled: NDArray[np.int64] | None, one: int, other: int
) -> Ratio:
    value = _divided(total, one, other)
    if resampled is None or value is None or not resampled[:, other].all():
        return Ratio(value, None, None)
    low, high = np.quantile(resampled[:, one] / resampled[:, other], (OUTSIDE / 2, 1 - OUTSIDE / 2))
    return Ratio(value, float(low), float(high))


def _groups(
    found: Measures, reference: str | None
) -> tuple[list[Group], Literal["document", "character"], str | None]:
    names = list(found.groups)
    if reference is not None and reference not in names:
        raise ArgumentError(f"reference: {reference!r} is none of {', '.join(names)}")
    named = reference if reference is not None else next(iter(names), None)
    parallel = len(set(found.documents.values())) == 1
    costs = {}
    for name, sums in found.groups.items():
        size = found.documents[name] if parallel else int(sums[measures.CHARACTERS])
        costs[name] = float(sums[measures.TOKENS]) / size if size else None
    base = costs.get(named or "")
    groups = [
        Group(
            name=name,
            documents=found.documents[name],
            bytes=int(sums[measures.BYTES]),
            characters=int(sums[measures.CHARACTERS]),
            tokens=int(sums[measures.TOKENS]),
            words=int(sums[measures.WORDS]),
            bytes_per_token=_divided(sums, measures.BYTES, measures.TOKENS),
            characters_per_token=_divided(sums, measures.CHARACTERS, measures.TOKENS),
            tokens_per_word=_divided(sums, measures.WORD_TOKENS, measures.WORDS),
            whole_words=_divided(sums, measures.WHOLE, measures.WORDS),
            cost=costs[name],
            parity=None if not base or costs[name] is None else (costs[name] or 0.0) / base,
        )
        for name, sums in found.groups.items()
    ]
    return groups, "document" if parallel else "character", named


def _gini(costs: list[float]) -> float | None:
    if len(costs) < 2 or not sum(costs):
        return None
    array = np.array(costs)
    apart = np.abs(array[:, None] - array[None, :]).sum()
    return float(apart / (2 * len(array) * array.sum()))


def _split_words(found: Measures) -> list[SplitWord]:
    core = found.vocab.core
    often = sorted(found.split.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    return [
        SplitWord(raw, count, tuple(map(core.id_to_token, core.encode(b" " + raw, "text", False))))
        for raw, count in often
    ]


def _some(count: int) -> NDArray[np.int64]:
    """Return numbers from 1 to `count`, evenly by their logarithm."""
    even: NDArray[np.int64] = np.unique(np.geomspace(1, max(1, count), POINTS).round())
    return even.astype(np.int64)


def _frequencies(counts: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    ordered = np.sort(counts[counts > 0])[::-1]
    if not len(ordered):
        return ()
    return tuple((rank, int(ordered[rank - 1])) for rank in _some(len(ordered)).tolist())


def _curve(vocab: Vocabulary, counts: NDArray[np.int64]) -> tuple[tuple[Point, ...], int | None]:
    tokens = compression_curve(vocab, counts)
    if tokens is None or len(tokens) == 1 or not counts.any():
        return (), None
    bare = len(vocab) - len(vocab.merges)
    merges = np.unique(np.concatenate([[0], _some(len(vocab.merges)), [len(vocab.merges)]]))
    points = tuple(Point(bare + each, int(tokens[each])) for each in merges.tolist())
    sizes = np.arange(len(tokens)) + bare
    half = sizes // 2 - bare
    pays = np.flatnonzero((half >= 0) & (tokens <= (1 - WORTHWHILE) * tokens[np.maximum(half, 0)]))
    return points, int(sizes[pays[-1]]) if len(pays) else None
