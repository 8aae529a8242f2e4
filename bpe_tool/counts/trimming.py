"""Counts for a vocabulary that is to be trimmed."""

from __future__ import annotations

from collections.abc import Sequence

from bpe_tool import _core
from bpe_tool.counts.stored import StoredCounts, described, load
from bpe_tool.errors import ArgumentError, Suggestion


def load_for(core: _core.Tokenizer, sources: Sequence[StoredCounts]) -> _core.PretokenCounts:
    """Load counts whose pretokens are those of a vocabulary.

    Raises:
        ArgumentError: They are not, or the counts cannot be added up.
        VocabError: A count file is damaged.
    """
    what = described(sources)
    if core.changes_text:
        raise ArgumentError(
            "the vocabulary changes text before it splits it, which counts do not show",
            hint=Suggestion("use the text itself"),
        )
    what.check_vocab(core)
    return load(sources)
