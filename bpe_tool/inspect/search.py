"""Finds tokens by text, regex or id, and the merges that build one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from bpe_tool import checks
from bpe_tool.errors import ArgumentError, UnknownIdError
from bpe_tool.inspect.report import Report, Token
from bpe_tool.inspect.tables import token_cell, token_table
from bpe_tool.inspect.vocab_arrays import VocabArrays
from bpe_tool.rendering.blocks import Block, Branch, Facts, Table, Tree
from bpe_tool.rendering.tokens import brief_hex, hex_bytes, visible

if TYPE_CHECKING:
    from bpe_tool.tokenizer import Tokenizer

#: The default maximum number of tokens that a search lists, or that are built from a token.
LIMIT = 50


@dataclass(frozen=True, repr=False)
class SearchReport(Report):
    """The tokens that a search found.

    Attributes:
        found: The number of tokens found.
        tokens: The first of them, in order of id.
    """

    SCHEMA: ClassVar[str] = "bpe_tool.inspect.search/1"
    TITLE: ClassVar[str] = "Tokens found"

    found: int
    tokens: tuple[Token, ...]

    def view(self) -> list[Block]:
        """Return a table of the tokens."""
        rows = [(token_cell(token), str(token.id), brief_hex(token.raw)) for token in self.tokens]
        more = self.found - len(rows)
        note = f"and {more:,} more" if more else ""
        return [Table(f"{self.found:,} found", ("token", "id", "bytes"), rows, note)]


def search_vocab(
    tokenizer: Tokenizer,
    *,
    text: str | None = None,
    grep: str | None = None,
    limit: int = LIMIT,
) -> SearchReport:
    """Find tokens.

    Args:
        tokenizer: The tokenizer.
        text: Find the tokens that contain this text.
        grep: Find the tokens that match this regex, in the syntax of `re`. A byte outside
            UTF-8 is a lone surrogate, as `bytes.decode` with `surrogateescape`.
        limit: The maximum number of tokens to return.

    Raises:
        ArgumentError: The regex is not valid.
    """
    for name, value in (("text", text), ("grep", grep)):
        if value is not None:
            checks.string(name, value)
    vocab = VocabArrays(checks.core_of("tokenizer", tokenizer))
    return search_report(vocab, text, grep, checks.whole("limit", limit))


def search_report(
    vocab: VocabArrays, text: str | None, grep: str | None, limit: int
) -> SearchReport:
    """See `search_vocab`."""
    try:
        pattern = re.compile(grep or "")
    except (re.error, OverflowError, RecursionError) as error:
        raise ArgumentError(f": {grep!r} is not a regex: {error}", parameter="grep") from None
    wanted = text or ""
    found = [
        at for at, token in enumerate(vocab.texts) if wanted in token and pattern.search(token)
    ]
    return SearchReport(len(found), tuple(vocab.tokens(found[:limit])))


@dataclass(frozen=True)
class Node:
    """A token, and the two tokens that its merge joins, down to single bytes.

    Attributes:
        token: The token.
        rank: The rank of the merge, from 1; `None` for single bytes, special tokens, and
            tokens that no merge makes.
        parts: The two tokens that the merge joins; empty without a merge.
    """

    token: Token
    rank: int | None
    parts: tuple[Node, ...]


@dataclass(frozen=True, repr=False)
class TreeReport(Report):
    """The merges that build a token, and the tokens that it builds.

    Attributes:
        tree: The token, with all merges that build it.
        depth: The number of merges on the longest path to a single byte.
        builds: The number of tokens that a merge makes from it and another token.
        built: The first of them, by rank.
    """

    SCHEMA: ClassVar[str] = "bpe_tool.inspect.tree/1"
    TITLE: ClassVar[str] = "Merges of a token"

    tree: Node
    depth: int
    builds: int
    built: tuple[Token, ...]

    def view(self) -> list[Block]:
        """Return the token, its tree, and what it builds."""
        token = self.tree.token
        facts: list[tuple[str, str | int | None]] = [
            ("token", visible(token.raw)),
            ("id", str(token.id)),
            ("bytes", hex_bytes(token.raw)),
            ("rank of its merge", self.tree.rank),
            ("depth", self.depth),
            ("tokens built from it", self.builds),
        ]
        return [
            Facts("Token", facts),
            Tree("Built by", _branches(self.tree)),
            token_table("Builds", self.built, total=self.builds),
        ]


def token_tree(tokenizer: Tokenizer, id: int, *, limit: int = LIMIT) -> TreeReport:
    """Show which merges build a token, and which tokens it builds.

    Args:
        tokenizer: The tokenizer.
        id: The id of the token.
        limit: The maximum number of tokens built from it to return.

    Raises:
        UnknownIdError: The id is not in the vocabulary.
    """
    vocab = VocabArrays(checks.core_of("tokenizer", tokenizer))
    number = checks.whole("id", id, least=None)
    if not 0 <= number < vocab.limit:
        raise UnknownIdError(f"id {checks.shown(number)} is not in the vocabulary")
    return tree_report(vocab, number, checks.whole("limit", limit))


def tree_report(vocab: VocabArrays, id: int, limit: int) -> TreeReport:
    """See `token_tree`."""
    root = vocab.token(id)
    nodes: dict[int, Node] = {}
    depths: dict[int, int] = {}
    # Parts come before what they build.
    waiting = [id]
    while waiting:
        current = waiting[-1]
        rank = int(vocab.ranks[current])
        parts = vocab.merges[rank - 1, :2].tolist() if rank else []
        missing = [part for part in parts if part not in nodes]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        token = root if current == id else vocab.token(current)
        nodes[current] = Node(token, rank or None, tuple(nodes[part] for part in parts))
        depths[current] = 1 + max((depths[part] for part in parts), default=-1)
    joins = (vocab.merges[:, 0] == id) | (vocab.merges[:, 1] == id)
    built = vocab.merges[np.flatnonzero(joins), 2]
    shown = tuple(vocab.token(each) for each in built[:limit].tolist())
    return TreeReport(nodes[id], depths[id], len(built), shown)


def _branches(root: Node) -> list[Branch]:
    branches: list[Branch] = []
    waiting = [(0, root)]
    while waiting:
        depth, node = waiting.pop()
        detail = f"id {node.token.id}"
        if node.rank:
            detail += f", rank {node.rank:,}"
        branches.append(Branch(depth, visible(node.token.raw), detail))
        waiting += [(depth + 1, part) for part in reversed(node.parts)]
    return branches
