"""Sums up measures of a corpus in a report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from bpe_tool import checks
from bpe_tool.errors import ArgumentError
from bpe_tool.inspect.corpus import distributions, measures
from bpe_tool.inspect.corpus.curve import compression_curve, evenly, node_counts, pays_until
from bpe_tool.inspect.corpus.measures import Measures
from bpe_tool.inspect.corpus.report import CorpusGroup, CorpusReport, Point, Ratio, SplitWord
from bpe_tool.inspect.vocab_arrays import VocabArrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.tokenizer import Text, Tokenizer

#: The default number of words and tokens in a list.
SHOWN = 20
#: How many texts are encoded at a time, and about how many bytes.
BATCH = 1 << 16
BATCH_BYTES = 8 * 1024 * 1024


def inspect_corpus(
    tokenizer: Tokenizer,
    texts: Iterable[Text] | Mapping[str, Iterable[Text]],
    *,
    reference: str | None = None,
    limit: int = SHOWN,
    threads: int = 0,
) -> CorpusReport:
    """Describe how a tokenizer encodes a corpus.

    Args:
        tokenizer: The tokenizer. Special tokens in the texts are plain text.
        texts: Documents, or several groups of them by name, such as languages.
        reference: The group that others are compared with; by default the one with the
            lowest cost.
        limit: The maximum number of words and tokens to list of each kind.
        threads: The number of threads; 0 for one for each CPU available.

    Raises:
        ArgumentError: `reference` is not a group.
        DataError: A text is a `str` with a lone surrogate.
    """
    core = checks.core_of("tokenizer", tokenizer)
    threads = checks.whole("threads", threads, most=checks.MAX_THREADS)
    limit = checks.whole("limit", limit)
    if reference is not None:
        checks.string("reference", reference)
    found = Measures(VocabArrays(core), threads=threads)
    groups = texts if isinstance(texts, Mapping) else {"": texts}
    for name, group in groups.items():
        checks.string("texts", name)
        checks.several("texts", group, "several texts")
    found.add_all((name, batch) for name, group in groups.items() for batch in _batches(group))
    return corpus_report(found, reference, limit)


def _batches(texts: Iterable[Text]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for row, text in enumerate(texts):
        batch.append(checks.as_bytes(f"texts[{row}]", text))
        size += len(batch[-1])
        if size >= BATCH_BYTES or len(batch) == BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def corpus_report(
    found: Measures, reference: str | None = None, limit: int = SHOWN
) -> CorpusReport:
    """Return the report on measures of a corpus."""
    vocab, counts = found.vocab, found.counts
    total = sum(found.groups.values(), np.zeros(6, np.int64))
    groups, unit, named = _groups(found, reference)
    shares = counts[counts > 0] / max(1, counts.sum())
    entropy = distributions.entropy(shares)
    plain = vocab.ids[~vocab.special]
    unused = plain[counts[plain] == 0]
    made = node_counts(vocab, counts)
    on_the_way = np.zeros(vocab.limit, np.int64) if made is None else made
    scaffold = unused[on_the_way[unused] > 0]
    often = scaffold[np.argsort(-on_the_way[scaffold], kind="stable")]
    never = np.setdiff1d(unused, scaffold)
    curve, until = _curve(vocab, counts, made)
    draws = distributions.resampled(found.heaps[: max(1, sum(found.documents.values()))])

    def ratio(above: int, below: int) -> Ratio:
        value = _divided(total, above, below)
        if draws is None or value is None:
            return Ratio(value, None, None)
        return Ratio(value, *distributions.interval(draws[:, above], draws[:, below]))

    return CorpusReport(
        documents=sum(found.documents.values()),
        byte_count=int(total[measures.BYTES]),
        characters=int(total[measures.CHARACTERS]),
        tokens=int(total[measures.TOKENS]),
        words=int(total[measures.WORDS]),
        bytes_per_token=ratio(measures.BYTES, measures.TOKENS),
        characters_per_token=ratio(measures.CHARACTERS, measures.TOKENS),
        tokens_per_word=ratio(measures.WORD_TOKENS, measures.WORDS),
        whole_words=ratio(measures.WHOLE, measures.WORDS),
        entropy=entropy,
        perplexity=2.0**entropy,
        renyi_efficiency=distributions.renyi_efficiency(shares, len(vocab)),
        vocab_size=len(vocab),
        used=int((counts > 0).sum()),
        unused=len(unused),
        scaffold=len(scaffold),
        unused_tokens=tuple(map(vocab.token, never[:limit].tolist())),
        scaffold_tokens=tuple(map(vocab.token, often[:limit].tolist())),
        split_words=tuple(_split_words(found, limit)),
        frequencies=_frequencies(counts),
        curve=curve,
        pays_until=until,
        cost_unit=unit,
        reference=named,
        gini=distributions.gini([group.cost for group in groups if group.cost is not None]),
        groups=tuple(groups),
    )


def _divided(sums: NDArray[np.int64], above: int, below: int) -> float | None:
    return float(sums[above] / sums[below]) if sums[below] else None


def _groups(
    found: Measures, reference: str | None
) -> tuple[list[CorpusGroup], Literal["document", "character"], str | None]:
    names = list(found.groups)
    if reference is not None and reference not in names:
        raise ArgumentError(
            f": {reference!r} is not one of {', '.join(names)}", parameter="reference"
        )
    parallel = len(set(found.documents.values())) == 1
    costs = {}
    for name, sums in found.groups.items():
        size = found.documents[name] if parallel else int(sums[measures.CHARACTERS])
        costs[name] = float(sums[measures.TOKENS]) / size if size else None
    paid = [(cost, name) for name, cost in costs.items() if cost]
    named = reference if reference is not None else min(paid, default=(0, None))[1]
    base = costs.get(named or "")
    groups = [
        CorpusGroup(
            name=name,
            documents=found.documents[name],
            byte_count=int(sums[measures.BYTES]),
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


def _split_words(found: Measures, limit: int) -> list[SplitWord]:
    core = found.vocab.core
    counts = np.sort(np.fromiter(found.split.values(), np.int64, len(found.split)))
    least = counts[-min(limit, len(counts))] if limit and len(counts) else math.inf
    often = [(-count, raw) for raw, count in found.split.items() if count >= least]
    return [
        SplitWord(raw, -less, tuple(map(core.id_to_token, core.encode(b" " + raw, "text", False))))
        for less, raw in sorted(often)[:limit]
    ]


def _frequencies(counts: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    ordered = np.sort(counts[counts > 0])[::-1]
    if not len(ordered):
        return ()
    return tuple((rank, int(ordered[rank - 1])) for rank in evenly(len(ordered)).tolist())


def _curve(
    vocab: VocabArrays, counts: NDArray[np.int64], made: NDArray[np.int64] | None
) -> tuple[tuple[Point, ...], int | None]:
    if made is None or not len(vocab.merges) or not counts.any():
        return (), None
    tokens = compression_curve(vocab, counts, made)
    bare = len(vocab) - len(vocab.merges)
    merges = np.concatenate([[0], evenly(len(vocab.merges))])
    points = tuple(Point(bare + each, int(tokens[each])) for each in merges.tolist())
    return points, pays_until(tokens, bare)
