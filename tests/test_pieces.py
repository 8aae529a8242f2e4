"""Counting up to a limit, truncating, and cutting texts into pieces."""

import json
import re
from random import Random

import generators
import pytest
import tokenizers
from conftest import SPECIAL_TOKENS
from hypothesis import given
from hypothesis import strategies as st

import bpe_tool
from bpe_tool import Tokenizer, train_vocab

PATTERNS = ["cl100k", "o200k", "gpt2", "none", r"[^\n]+\n?"]


@pytest.fixture(scope="module", params=PATTERNS)
def tokenizer(request, documents) -> Tokenizer:
    return train_vocab(
        documents, vocab_size=700, pattern=request.param, special_tokens=SPECIAL_TOKENS
    )


def variant(tokenizer: Tokenizer, path, **changes: object) -> Tokenizer:
    """The same vocabulary with other values in its file."""
    tokenizer.save(path)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}))
    return Tokenizer.load(path)


def boundaries(text: bytes) -> list[int]:
    """Where characters end; bytes that are not UTF-8 stand alone."""
    places = [0]
    for character in text.decode(errors="surrogateescape"):
        places.append(places[-1] + len(character.encode(errors="surrogateescape")))
    return places


def longest(tokenizer: Tokenizer, text: bytes, limit: int, special: str) -> bytes:
    """The beginning of a text, by the definition."""
    ids, offsets = tokenizer.encode_with_offsets(text, special=special)
    last = 0 if not limit else offsets[min(limit, len(ids)) - 1][1] if ids else 0
    added = {*tokenizer.special_tokens.values()}
    inside = [span for id, span in zip(ids, offsets, strict=True) if id in added]
    for place in reversed(boundaries(text)):
        divides = any(start < place < end for start, end in inside)
        if place > last or divides:
            continue
        if tokenizer.count(text[:place], special=special) <= limit:
            return text[:place]
    return b""


@pytest.mark.parametrize("special", ["text", "token"])
def test_truncated_texts_are_as_long_as_they_can_be(tokenizer, special):
    random = Random(81)
    for text in generators.byte_strings(seed=82, count=150):
        if random.random() < 0.3:
            text += random.choice(SPECIAL_TOKENS).encode() + text[:20]
        text = text[:120]
        for limit in (0, 1, 2, 5, 20, 1000):
            cut = tokenizer.truncate(text, limit, special=special)
            assert cut == longest(tokenizer, text, limit, special), (text, limit)


def test_a_long_text_is_truncated_within(tokenizer, documents):
    text = "".join(documents)
    for limit in (1, 100, 5000, 20_000):
        cut = tokenizer.truncate(text, limit)
        assert text.startswith(cut)
        assert tokenizer.count(cut) <= limit
        ids = tokenizer.encode(text[: len(cut) + 1000])
        assert len(cut.encode()) >= len(tokenizer.decode_bytes(ids[:limit])) - 3
    assert tokenizer.truncate(text, 10**9) == text


@pytest.mark.parametrize("special", ["text", "token"])
@pytest.mark.parametrize("overlap", [0, 1, 3])
def test_pieces_hold_what_they_may(tokenizer, special, overlap):
    random = Random(83)
    for text in generators.byte_strings(seed=84, count=150):
        if random.random() < 0.3:
            text += random.choice(SPECIAL_TOKENS).encode() + text
        places = {*boundaries(text)}
        limit = random.choice([4, 5, 9, 50])
        pieces, offsets = tokenizer.chunks_with_offsets(
            text, limit, overlap=overlap, special=special
        )
        assert pieces == tokenizer.chunks(text, limit, overlap=overlap, special=special)
        assert pieces == [text[start:end] for start, end in offsets]
        assert {place for span in offsets for place in span} <= places
        done = begun = 0
        for (start, end), piece in zip(offsets, pieces, strict=True):
            assert tokenizer.count(piece, special=special) <= limit
            assert tokenizer.count(text[start:done], special=special) <= overlap
            assert begun <= start <= done < end
            begun, done = start + 1, end
        assert done == len(text)
        if not overlap:
            assert b"".join(pieces) == text


def test_pieces_overlap_where_they_can(documents):
    tokenizer = train_vocab(documents, vocab_size=700)
    _, offsets = tokenizer.chunks_with_offsets("".join(documents), 100, overlap=20)
    starts = [start for start, _ in offsets[1:]]
    ends = [end for _, end in offsets[:-1]]
    assert all(start < end for start, end in zip(starts, ends, strict=True))


def test_types_and_positions(documents):
    tokenizer = train_vocab(documents, vocab_size=700)
    text = "naïve 日本語 text, " * 20
    pieces, offsets = tokenizer.chunks_with_offsets(text, 9)
    assert all(type(piece) is str for piece in pieces)
    assert "".join(pieces) == text
    assert [text.encode()[start:end].decode() for start, end in offsets] == pieces
    assert tokenizer.chunks(text.encode(), 9) == [piece.encode() for piece in pieces]
    assert tokenizer.chunks(bytearray(b"abc"), 9) == [b"abc"]
    assert tokenizer.truncate(text, 9) == pieces[0]
    assert tokenizer.chunks("", 9) == []
    assert tokenizer.truncate("", 9) == tokenizer.truncate("abc", 0) == ""


def test_pieces_are_of_the_text_before_normalization(documents, tmp_path):
    tokenizer = variant(
        train_vocab(documents, vocab_size=500), tmp_path / "nfc.json", normalizer={"type": "NFC"}
    )
    text = "caf" + "e\u0301" * 50
    pieces = tokenizer.chunks(text, 7)
    assert "".join(pieces) == text
    assert max(map(tokenizer.count, pieces)) <= 7
    assert tokenizer.truncate(text, 7) == pieces[0]


def test_a_template_counts(documents, tmp_path):
    tokenizer = train_vocab(documents, vocab_size=500, special_tokens=["<s>"])
    id = tokenizer.special_tokens["<s>"]
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    template = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, first],
        "pair": [first, second],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [id], "tokens": ["<s>"]}},
    }  # fmt: skip
    tokenizer = variant(tokenizer, tmp_path / "template.json", post_processor=template)
    text = "It was the best of times. " * 9
    for piece in tokenizer.chunks(text, 8, template=True):
        assert len(tokenizer.encode(piece, template=True)) <= 8
    assert tokenizer.chunks(text, 8, template=True) == tokenizer.chunks(text, 7)
    assert tokenizer.truncate(text, 8, template=True) == tokenizer.truncate(text, 7)
    assert tokenizer.count(text, template=True, limit=5) == 6
    with pytest.raises(bpe_tool.ArgumentError, match="the template alone has 1 id"):
        tokenizer.truncate(text, 0, template=True)
    with pytest.raises(bpe_tool.ArgumentError, match="limit"):
        tokenizer.chunks(text, 1, template=True)


def test_what_cannot_be_cut_is_named():
    tokenizer = train_vocab(["abc"], vocab_size=256)
    with pytest.raises(bpe_tool.ArgumentError, match=r"`limit`: 2 is too little.* at byte 3"):
        tokenizer.chunks("abc\u20acd", 2)
    assert tokenizer.truncate("\u20acd", 2) == ""
    with pytest.raises(bpe_tool.ArgumentError, match="`overlap` is 3"):
        tokenizer.chunks("abc", 3, overlap=3)


def test_counting_ends_at_its_limit(tokenizer):
    for text in generators.byte_strings(seed=85, count=300):
        count = tokenizer.count(text, special="token")
        for limit in (0, 1, count - 1, count, count + 1, 10**9):
            if limit >= 0:
                found = tokenizer.count(text, special="token", limit=limit)
                assert found == min(count, limit + 1)


def test_counting_does_not_look_further_than_it_must():
    tokenizer = train_vocab(["abc"], vocab_size=258, special_tokens=["<s>"])
    text = "word " * 100_000 + "<s>"
    assert tokenizer.count(text, special="error", limit=100) == 101
    with pytest.raises(bpe_tool.SpecialTokenError):
        tokenizer.count(text, special="error", limit=10**9)


def test_text_without_ids_is_not_repeated(tmp_path):
    """White space that the vocabulary drops is in one piece alone."""
    file = tokenizers.Tokenizer(tokenizers.models.BPE())
    steps = [
        tokenizers.pre_tokenizers.WhitespaceSplit(),
        tokenizers.pre_tokenizers.ByteLevel(False),
    ]
    file.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(steps)
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(initial_alphabet=alphabet, show_progress=False)
    file.train_from_iterator(["x"], trainer)
    tokenizer = bpe_tool.Tokenizer.from_huggingface(file)
    for text in ["x \u00e9", "\u4f60 \u4f60", "\u4f60\u597d \u4e16\u754c  a"]:
        for limit in range(3, 8):
            assert "".join(tokenizer.chunks(text, limit)) == text


#: Where words, lines and paragraphs end.
BOUNDARIES = {
    "word": rb"(?<=[^ \n\r])(?=[ \n\r])",
    "line": rb"(?<=\n)",
    "paragraph": rb"(?<=\n\n)(?!\n)|(?<=\n\r\n)(?!\r?\n)",
}

SMALL = train_vocab(["ab ab ab\n"] * 9, vocab_size=262)


@given(
    st.text(alphabet="ab \n\r\u00fc<s>", max_size=60),
    st.integers(2, 12),
    st.integers(0, 4),
    st.sampled_from(["word", "line", "paragraph"]),
)
def test_pieces_end_at_boundaries(text, limit, overlap, boundary):
    tokenizer = SMALL
    overlap = min(overlap, limit - 1)
    pieces, offsets = tokenizer.chunks_with_offsets(text, limit, overlap=overlap, boundary=boundary)
    raw, done = text.encode(), 0
    places = [each.start() for each in re.finditer(BOUNDARIES[boundary], raw)]
    for piece, (start, end) in zip(pieces, offsets, strict=True):
        assert piece.encode() == raw[start:end]
        assert start <= done < end
        assert tokenizer.count(piece) <= limit
        assert tokenizer.count(raw[start:done]) <= overlap
        if end < len(raw) and end not in places:
            # There was no boundary that it had room for.
            assert not any(
                start < place < end and place > done and tokenizer.count(raw[start:place]) <= limit
                for place in places
            )
        done = end
    assert done == len(raw)


@pytest.mark.parametrize("boundary", ["word", "line", "paragraph"])
def test_boundaries_within_added_tokens_do_not_count(boundary):
    token = "<a b\n\nc>"
    tokenizer = bpe_tool.train_vocab(["ab ab"], vocab_size=260, special_tokens=[token])
    text = f"x {token}yy {token}\n\n{token}"
    pieces = tokenizer.chunks(text, 3, special="token", boundary=boundary)
    assert "".join(pieces) == text
    assert sum(piece.count(token) for piece in pieces) == 3
    id = tokenizer.special_tokens[token]
    assert sum(tokenizer.encode(piece, special="token").count(id) for piece in pieces) == 3
