"""The table of merges: how often, what they give, and which words they come from."""

from __future__ import annotations

from collections.abc import Sequence

from bpe_tool import _core
from bpe_tool.vocab.token_text import escape

#: How many of the pretokens that a merge comes from are shown.
WORDS = 3

COLUMNS = (
    "rank", "id", "left", "right", "token", "count", "tokens", "bytes_per_token",
    *(f"word_{number}" for number in range(1, WORDS + 1)),
)  # fmt: skip


def merges_table(
    core: _core.Tokenizer, counts: _core.PretokenCounts, merge_counts: Sequence[int]
) -> bytes:
    """Return the table as tab-separated values with a line of column names.

    Args:
        core: A vocabulary of merges.
        counts: The pretokens it was learned from.
        merge_counts: How often the pair of each merge occurred.
    """
    lines = ["\t".join(COLUMNS)]
    tokens = size = counts.bytes
    origins = _core.merge_origins(core, counts, WORDS)
    ids = memoryview(core.effective_merges()).cast("I").tolist()
    for rank, (count, (applied, words)) in enumerate(zip(merge_counts, origins, strict=True)):
        tokens -= applied
        left, right, token = ids[3 * rank : 3 * rank + 3]
        shown = [escape(core.id_to_token(id)) for id in (left, right, token)]
        shown += [str(count), str(tokens), f"{size / tokens if tokens else 0:.4f}"]
        shown += [escape(word) for word in words] + [""] * (WORDS - len(words))
        lines.append("\t".join([str(rank), str(token), *shown]))
    return ("\n".join(lines) + "\n").encode()
