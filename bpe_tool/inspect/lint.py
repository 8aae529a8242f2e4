"""Checks a vocabulary for errors, and for what may surprise its users.

If merging the bytes of a token does not make it, no merging does: the merges inside the span of
a token depend on its bytes alone. Whether the pattern ever leaves a token whole is found by
trying: alone, between other characters and, for parts of characters, with the bytes that
complete them.
"""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, product
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np

from bpe_tool import checks
from bpe_tool.inspect.report import Report, Token
from bpe_tool.inspect.tables import token_table
from bpe_tool.inspect.vocab_arrays import VocabArrays
from bpe_tool.rendering.blocks import Block, Cell, Facts, Table
from bpe_tool.rendering.tokens import brief

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool import _core
    from bpe_tool.counts.counts import Counts
    from bpe_tool.tokenizer import Tokenizer

Severity: TypeAlias = Literal["error", "warning", "note"]

#: How many tokens each finding names.
NAMED = 20

#: What a token is tried between, if encoding does not produce it alone.
CONTEXTS = tuple(
    text.encode()
    for text in ("", " ", "\n", "a", "A", "1", "é", "日", "ll", "RE", *string.punctuation)
)

#: The dtypes for ids, and their limits.
DTYPES = (("uint16", 2**16), ("uint32", 2**32))


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes:
        check: The name of the check.
        severity: `error`: something in the vocabulary cannot work; `warning`: it may not work
            as expected; `note`: worth knowing.
        message: What it means.
        count: The number of tokens, merges or ids concerned.
        tokens: The first tokens concerned.
        merges: The first merges concerned, each by its two parts.
    """

    check: str
    severity: Severity
    message: str
    count: int
    tokens: tuple[Token, ...] = ()
    merges: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, repr=False)
class LintReport(Report):
    """The findings about a vocabulary.

    Attributes:
        vocab_size: The number of tokens checked.
        dtype: The smallest dtype for its ids.
        clean: Whether there is neither an error nor a warning.
        findings: The findings, the most severe first.
    """

    SCHEMA: ClassVar[str] = "bpe_tool.inspect.lint/1"
    TITLE: ClassVar[str] = "Check of a vocabulary"

    vocab_size: int
    dtype: str
    clean: bool
    findings: tuple[Finding, ...]

    def view(self) -> list[Block]:
        """Return a table of the findings, and the tokens of each."""
        found = Counter(each.severity for each in self.findings)
        facts: list[tuple[str, Cell]] = [
            ("result", "clean" if self.clean else "there are problems"),
            ("errors", found["error"]),
            ("warnings", found["warning"]),
            ("notes", found["note"]),
            ("tokens", self.vocab_size),
            ("type for ids", self.dtype),
        ]
        rows = [(each.severity, each.check, each.count, each.message) for each in self.findings]
        blocks: list[Block] = [
            Facts("Checked", facts),
            Table("Findings", ("severity", "check", "count", "what it means"), rows),
        ]
        for each in self.findings:
            title = f"{each.severity.capitalize()}: {each.check}"
            if each.tokens:
                blocks.append(token_table(title, each.tokens, total=each.count))
            if each.merges:
                parts = [(brief(left), brief(right)) for left, right in each.merges]
                blocks.append(Table(title, ("left", "right"), parts))
        return blocks


def inspect_lint(tokenizer: Tokenizer, counts: Counts | None = None) -> LintReport:
    """Check a vocabulary for errors and surprises.

    Args:
        tokenizer: The vocabulary.
        counts: What it was learned from. Its merges are then replayed, and checked against the
            rule that the most frequent pair is merged; and tokens that are hardly more than parts
            of longer ones are named.

    Raises:
        ArgumentError: The vocabulary is not byte-level BPE, or its pattern is another than that
            of the counts.
    """
    core = checks.core_of("tokenizer", tokenizer)
    if counts is None:
        return lint_report(VocabArrays(core))
    from bpe_tool.counts.counts import Counts
    from bpe_tool.counts.verifying import loaded

    checks.instance("counts", counts, Counts, "Counts")
    return lint_report(VocabArrays(core), loaded(core, [counts.stored]))


def lint_report(vocab: VocabArrays, counts: _core.PretokenCounts | None = None) -> LintReport:
    """See `inspect_lint`."""
    order = ("error", "warning", "note")
    found = _findings(vocab)
    if counts is not None:
        from bpe_tool.inspect.lint_counts import counted_findings

        found = chain(found, counted_findings(vocab, counts))
    findings = sorted(found, key=lambda finding: order.index(finding.severity))
    return LintReport(
        vocab_size=len(vocab),
        dtype=next(name for name, limit in DTYPES if vocab.limit <= limit),
        clean=all(finding.severity == "note" for finding in findings),
        findings=tuple(findings),
    )


def _findings(vocab: VocabArrays) -> Iterator[Finding]:
    def finding(
        check: str, severity: Severity, message: str, indices: NDArray[np.int64] | list[int]
    ) -> Iterator[Finding]:
        if len(indices):
            tokens = tuple(vocab.tokens(indices[:NAMED]))
            yield Finding(check, severity, message, len(indices), tokens)

    core = vocab.core
    unmade = _unmade(vocab)
    proven = unmade & (not core.looks_up_whole)
    changed = _changed(vocab)
    # What is done to every text before encoding is done to these tokens, too.
    normalized = set(changed) if core.changes_text else set()
    missed = [at for at in _not_alone(vocab) if at not in normalized]
    never = [at for at in missed if proven[at]]
    met = {at: _met(vocab, at) for at in missed if not proven[at]}
    yield from finding("unreachable", "error", "encoding can never produce them", never)
    yield from finding(
        "unreached",
        "warning",
        "encoding produced them in no surrounding that was tried",
        [at for at, found in met.items() if not found],
    )
    yield from finding(
        "inside-only",
        "note",
        "their bytes become other tokens alone or after a space, but not in another context",
        [at for at, found in met.items() if found],
    )
    yield from finding(
        "no-merge",
        "warning",
        "no merge makes them: they are found as whole pretokens only",
        np.flatnonzero(unmade & core.looks_up_whole),
    )
    dead, spellings = _dead_merges(vocab)
    if dead:
        message = "merges that can never take place"
        yield Finding("dead-merge", "warning", message, len(dead), merges=tuple(dead[:NAMED]))
    if spellings:
        message = (
            "merges that spell a token in another way than the one that makes it: converters list "
            "them, and they never take place"
        )
        count, shown = len(spellings), tuple(spellings[:NAMED])
        yield Finding("other-spelling", "note", message, count, merges=shown)
    yield from finding(
        "added",
        "note",
        "added tokens that are not special: they are found in every text before it is split",
        np.flatnonzero(np.isin(vocab.ids, list(core.added_tokens.values()))),
    )
    yield from finding(
        "reachable-special",
        "error",
        "plain text becomes these special tokens, even where they are to be text",
        [at for at in np.flatnonzero(vocab.special).tolist() if _met_as_text(vocab, at)],
    )
    yield from finding(
        "plain-special",
        "warning",
        "special tokens of letters, numbers and spaces only: ordinary text may hold them",
        [at for at in np.flatnonzero(vocab.special).tolist() if _is_plain(vocab.bytes_of(at))],
    )
    yield from finding(
        "round-trip",
        "error",
        "decoding their ids gives other bytes",
        [at for at in changed if at not in normalized],
    )
    yield from finding(
        "normalized",
        "note",
        "the vocabulary changes their text before encoding it, as it does any other",
        sorted(normalized),
    )
    gaps = vocab.limit - len(vocab)
    if gaps:
        yield Finding("id-gap", "note", "ids up to the largest that stand for nothing", gaps)
    if len(vocab) <= 2**16 < vocab.limit:
        message = "ids are too large for uint16, although there are few enough of them"
        yield Finding("wide-id", "warning", message, vocab.limit - 2**16)
    yield from finding(
        "new-character",
        "note",
        f"characters newer than Unicode {unicodedata.unidata_version}, which this Python has",
        [at for at, text in enumerate(vocab.texts) if any(map(_is_new, text))],
    )


def _unmade(vocab: VocabArrays) -> NDArray[np.bool_]:
    """Return which tokens no merge makes. At levels `char` and `word`, none needs one."""
    if vocab.core.token_to_id(b"\xff") is None:
        return np.zeros(len(vocab), bool)
    unmade: NDArray[np.bool_] = vocab.ranks[vocab.ids] == 0
    unmade &= ~vocab.special & (vocab.lengths > 1)
    return unmade


def _dead_merges(
    vocab: VocabArrays,
) -> tuple[list[tuple[bytes, bytes]], list[tuple[bytes, bytes]]]:
    """Return the merges that are listed and cannot occur.

    Those that spell a token which another merge makes come second.
    """
    listed = vocab.core.merges
    if len(listed) == len(vocab.merges):
        return [], []
    token = vocab.core.id_to_token
    occur = {(token(left), token(right)) for left, right, _ in vocab.merges.tolist()}
    made = {left + right for left, right in occur}
    dead = [merge for merge in listed if merge not in occur]
    return (
        [(left, right) for left, right in dead if left + right not in made],
        [(left, right) for left, right in dead if left + right in made],
    )


def _not_alone(vocab: VocabArrays) -> list[int]:
    """Return the tokens that their own bytes do not become, alone or after a space."""
    texts = [vocab.bytes_of(at) for at in range(len(vocab))]
    ids, bounds = vocab.core.encode_arrays(texts, "text", False, 0)
    first = np.frombuffer(bounds, np.int64)
    alone = (np.frombuffer(ids, np.uint32)[first[:-1]] == vocab.ids) & (np.diff(first) == 1)
    missed: list[int] = np.flatnonzero(~alone & ~vocab.special).tolist()
    return [
        at
        for at in missed
        if vocab.ids[at] not in vocab.core.encode(b" " + texts[at], "text", False)
    ]


def _met(vocab: VocabArrays, index: int) -> bool:
    """Return whether encoding produces a token in some context."""
    token, id = vocab.bytes_of(index), int(vocab.ids[index])
    before, after = _begun(token), _continued(token)
    # Completed characters are not tried in contexts as well: that would be millions of texts.
    completed = product(before or [b""], after or [b""]) if before or after else ()
    for contexts in (completed, product(CONTEXTS, repeat=2)):
        texts = [left + token + right for left, right in contexts]
        ids, _ = vocab.core.encode_arrays(texts, "text", False, 1)
        if id in np.frombuffer(ids, np.uint32):
            return True
    return False


def _met_as_text(vocab: VocabArrays, index: int) -> bool:
    """Return whether plain text becomes a special token: most cannot be made."""
    id = int(vocab.ids[index])
    made = vocab.core.looks_up_whole or vocab.ranks[id] or vocab.lengths[index] == 1
    return bool(made) and vocab.core.in_model(id) and _met(vocab, index)


def _begun(token: bytes) -> list[bytes]:
    """Return what could precede a token that begins inside a character."""
    count = next((at for at, byte in enumerate(token[:4]) if byte & 0xC0 != 0x80), len(token))
    if not 0 < count < 4:
        return []
    leads = {1: range(0xC2, 0xE0), 2: range(0xE0, 0xF0), 3: range(0xF0, 0xF5)}
    starts = [bytes([lead]) for lead in leads[count]]
    if count < 3:
        starts += [bytes(pair) for pair in product(leads[count + 1], range(0x80, 0xC0))]
    return starts


def _continued(token: bytes) -> list[bytes]:
    """Return what could follow a token that ends inside a character."""
    for have, byte in enumerate(reversed(token[-3:]), start=1):
        if byte & 0xC0 != 0x80:
            missing = 1 + (byte >= 0xC0) + (byte >= 0xE0) + (byte >= 0xF0) - have
            return [bytes([last]) + b"\x80" * (missing - 1) for last in range(0x80, 0xC0)] * (
                missing > 0
            )
    return []


def _is_plain(token: bytes) -> bool:
    return all(unicodedata.category(char)[0] in "LMNZ" for char in token.decode())


def _is_new(char: str) -> bool:
    code = ord(char)
    noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return code > 0x7F and unicodedata.category(char) == "Cn" and not noncharacter


def _changed(vocab: VocabArrays) -> list[int]:
    """Return the tokens whose bytes do not survive encoding and decoding."""
    ids, bounds = vocab.core.encode_arrays(
        [vocab.bytes_of(at) for at in range(len(vocab))], "text", False, 0
    )
    raw, ends = vocab.core.decode_arrays(bytes(ids), bounds)
    if bytes(raw) == vocab.raw:
        return []
    found = np.frombuffer(ends, np.int64)
    again = [bytes(raw[found[at] : found[at + 1]]) for at in range(len(vocab))]
    return [at for at, text in enumerate(again) if text != vocab.bytes_of(at)]
