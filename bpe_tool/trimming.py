"""Trimming: reduce a vocabulary to the tokens that a corpus uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bpe_tool import checks
from bpe_tool.counts.counts import Counts
from bpe_tool.counts.trimming import load_for
from bpe_tool.streams import trim as trim_stream
from bpe_tool.texts import Text
from bpe_tool.tokenizer import Tokenizer
from bpe_tool.vocab.opening import Opened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Trimmed:
    """A vocabulary that `trim` has reduced.

    Attributes:
        tokenizer: The tokenizer.
        old_ids: The id in the old vocabulary of each id, as `int64`: what
            `embeddings[trimmed.old_ids]` needs to keep the right rows, in numpy and in torch.
            With `freeze_ids`, ids are what they were.
        tokens_before: How many tokens the texts took in the old vocabulary, without special ones.
        tokens_after: How many they take now.
    """

    tokenizer: Tokenizer
    old_ids: NDArray[np.int64]
    tokens_before: int
    tokens_after: int


def trim(
    tokenizer: Tokenizer,
    texts: Iterable[Text] | Counts,
    *,
    vocab_size: int | None = None,
    freeze_ids: bool = False,
    threads: int = 0,
) -> Trimmed:
    """Reduce a vocabulary to the tokens that texts use, or to those that they use most.

    Every token is removed that the texts do not use, unless a remaining token is built from it.
    With `vocab_size`, the tokens are removed that merging makes least often, to keep or to merge
    further; so never one that a remaining token is built from. Single bytes, or single characters
    in vocabularies that merge these, always stay, and so do special and other added tokens.

    Text that used no removed token is encoded as before. So every remaining token can still be
    reached, and without `vocab_size`, `texts` take as many tokens as before.

    Args:
        tokenizer: The vocabulary, also one of others.
        texts: The texts, `str` or `bytes`, which are read once; or `Counts` that were made with the
            pattern of the vocabulary. The text of special tokens counts as these, not as text.
        vocab_size: The maximum number of tokens.
        freeze_ids: Keep the ids as they are. Those of removed tokens have entries that no text
            becomes, `<removed ID>`, so that the file still has as many. They do not count in
            `vocab_size`. Otherwise ids follow each other without gaps, in the old order.
        threads: Number of threads; 0 uses every CPU available to the process.

    Raises:
        ArgumentError: What always stays is more than `vocab_size`; the counts have another
            pattern; or the vocabulary looks characters up whole, and its ids cannot be frozen.
        DataError: A text is not valid: a `str` holds a lone surrogate.

    >>> import bpe_tool
    >>> tokenizer = bpe_tool.train_vocab(["low lower lowest"] * 9, vocab_size=262)
    >>> trimmed = bpe_tool.trim(tokenizer, ["low, low"])
    >>> len(tokenizer), len(trimmed.tokenizer), trimmed.old_ids[256:].tolist()
    (262, 259, [256, 257, 258])
    """
    checks.instance("tokenizer", tokenizer, Tokenizer, "a Tokenizer")
    size = checks.maybe_whole("vocab_size", vocab_size, 1, checks.MAX_COUNT)
    freeze_ids = checks.flag("freeze_ids", freeze_ids)
    threads = checks.whole("threads", threads, most=checks.MAX_THREADS)
    core = tokenizer._core
    if isinstance(texts, Counts):
        counts = load_for(core, [texts.stored])
    else:
        counts = trim_stream.count_texts_for(core, texts, threads)
    old = Opened(core, tokenizer._settings)
    done = trim_stream.trim(old, counts, size, freeze_ids=freeze_ids)
    import numpy as np

    return Trimmed(
        Tokenizer._of(done.opened),
        np.array(done.old_ids, np.int64),
        done.tokens_before,
        done.tokens_after,
    )
