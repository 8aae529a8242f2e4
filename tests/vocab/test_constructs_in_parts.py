"""Steps around a model with what encodes text in parts: growing texts, pieces, limits, dropout."""

from random import Random

import constructs
import pytest

from bpe_tool import EncodedText, Tokenizer

FILES = [
    (name, parts)
    for name, parts in [*constructs.singles(), *constructs.sequences(seed=20, count=40)]
    if "decoder" not in parts
]


@pytest.fixture(scope="module", params=FILES, ids=[name for name, _ in FILES])
def tokenizer(request, tmp_path_factory) -> Tokenizer:
    path = tmp_path_factory.mktemp("constructs") / "tokenizer.json"
    path.write_bytes(constructs.make(request.param[1], added=True))
    return Tokenizer.load(path)


def texts(seed: int) -> list[bytes]:
    return [text.encode() for text in constructs.texts(seed=seed, count=8)]


def test_growing_texts_have_the_ids_of_the_whole(tokenizer):
    random = Random(61)
    grown, expected = EncodedText(tokenizer, special="token"), b""
    for piece in texts(62) * 2:
        at = random.randint(0, len(piece))
        for part in (piece[:at], piece[at:]):
            grown.append(part)
            expected += part
            assert grown.ids == tokenizer.encode(expected, special="token"), expected
        expected = expected[: random.randint(0, len(expected))]
        grown.truncate(len(expected))
        assert grown.ids == tokenizer.encode(expected, special="token"), expected


def test_pieces_are_those_of_the_text_as_it_is(tokenizer):
    for text in texts(63):
        pieces, offsets = tokenizer.chunks_with_offsets(text, 60, special="token")
        assert b"".join(pieces) == text
        assert pieces == [text[start:end] for start, end in offsets]
        assert all(tokenizer.count(piece, special="token") <= 60 for piece in pieces)
        cut = tokenizer.truncate(text, 60, special="token")
        assert text.startswith(cut)
        assert tokenizer.count(cut, special="token") <= 60


def test_counts_end_at_a_limit(tokenizer):
    for text in texts(64):
        count = tokenizer.count(text, special="token")
        for limit in (0, 3, count, count + 1):
            found = tokenizer.count(text, special="token", limit=limit)
            assert found == min(count, limit + 1)


def test_dropout_does_not_depend_on_threads(tokenizer):
    given = [*texts(65), b"".join(texts(66)) * 200]
    assert tokenizer.encode_batch(given, dropout=0.0) == tokenizer.encode_batch(given)
    rows = tokenizer.encode_batch(given, dropout=0.4, seed=3, threads=1)
    assert rows == tokenizer.encode_batch(given, dropout=0.4, seed=3, threads=3)
    for sample, row in enumerate(rows[:-1]):
        assert row == tokenizer.encode(given[sample], dropout=0.4, seed=3, sample=sample)
