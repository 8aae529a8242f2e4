"""Counts the pretokens of texts in memory, while the next ones are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from bpe_tool import _core, checks
from bpe_tool.errors import DataError
from bpe_tool.io.sources import BLOCK_BYTES
from bpe_tool.runtime.pool import Pool
from bpe_tool.streams.count_pretokens import new_counter
from bpe_tool.texts import Text

if TYPE_CHECKING:
    from bpe_tool.preprocess.pipeline import Pipeline

#: The bytes counted for each text beyond its length: even an empty text takes memory.
TEXT_BYTES = 128


def count_texts(
    texts: Iterable[Text],
    options: Any,  # noqa: ANN401 - of counting or training
    *,
    pipeline: Pipeline | None = None,
    threads: int = 0,
) -> tuple[_core.PretokenCounter, int]:
    """Count the pretokens of texts. Each text is one document.

    While the core counts some, the next ones are taken from `texts`, on the thread that calls.

    Returns:
        The counter, and how many of the documents that it has counted are only parts of one.
    """
    counter = new_counter(options, None, threads)
    cuts = 0
    if pipeline is not None:
        from bpe_tool.preprocess.special_tokens import SpecialTokens

        special = SpecialTokens(options.special_tokens)
        around = pipeline.around(special.and_also(pipeline.special_tokens))
    counting: Future[None] | None = None
    with Pool(1) as pool:
        for batch in batches(texts):
            documents: list[Text] = batch
            if pipeline is not None:
                documents = []
                for parts in around.parts_of_all(_decoded(batch)):
                    documents += special.between(parts) or [""]
                cuts += len(documents) - len(batch)
            if counting is not None:
                counting.result()
            counting = pool.submit(counter.feed_documents, documents)
        if counting is not None:
            counting.result()
    return counter, cuts


def batches(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """Yield texts in batches of about `BLOCK_BYTES`, each text checked."""
    batch: list[Text] = []
    size = done = 0
    for text in checks.several("texts", texts, "several texts"):
        if type(text) is not str and not isinstance(text, checks.TEXT):
            raise checks.not_a_text("texts", done + len(batch), text)
        batch.append(text)
        size += len(text) + TEXT_BYTES
        if size >= BLOCK_BYTES:
            yield batch
            done += len(batch)
            batch, size = [], 0
    if batch:
        yield batch


def _decoded(texts: Iterable[Text]) -> list[str]:
    """Return texts as `str`, which is what a pipeline takes."""
    decoded: list[str] = []
    for text in texts:
        try:
            decoded.append(text if isinstance(text, str) else text.decode())
        except UnicodeDecodeError as error:
            raise DataError(f"a text is not UTF-8 at byte {error.start}") from None
    return decoded
