"""Ids to bytes and text."""

import generators
import numpy as np
import pytest

from bpe_tool.errors import UnknownIdError


@pytest.fixture(scope="module")
def rows(tokenizer) -> list[list[int]]:
    return tokenizer.encode_batch(list(generators.byte_strings(seed=41, count=2000)))


def test_bytes_are_those_of_the_tokens(tokenizer, rows):
    for row in rows:
        assert tokenizer.decode_bytes(row) == b"".join(map(tokenizer.id_to_bytes, row))


@pytest.mark.parametrize("errors", ["replace", "ignore", "backslashreplace"])
def test_text_is_what_python_makes_of_the_bytes(tokenizer, rows, errors):
    for row in rows:
        assert tokenizer.decode(row, errors=errors) == tokenizer.decode_bytes(row).decode(
            "utf-8", errors
        )


def test_strict_decoding_refuses_broken_text(tokenizer):
    ids = tokenizer.encode("é")
    assert tokenizer.decode(ids, errors="strict") == "é"
    with pytest.raises(UnicodeDecodeError):
        tokenizer.decode(tokenizer.encode(b"\xff"), errors="strict")


def test_replacement_is_the_default(tokenizer):
    assert tokenizer.decode(tokenizer.encode(b"a\xffb")) == "a\ufffdb"


def test_batches_equal_single_rows(tokenizer, rows):
    assert tokenizer.decode_batch(rows) == [tokenizer.decode(row) for row in rows]
    assert tokenizer.decode_batch([]) == []
    assert tokenizer.decode_batch([[]]) == [""]


def test_special_tokens_are_kept(tokenizer):
    for text, id in tokenizer.special_tokens.items():
        assert tokenizer.decode([id]) == text


@pytest.mark.parametrize("dtype", ["uint32", "int64", "int32", "uint16"])
def test_arrays_are_rows(tokenizer, dtype):
    ids = np.array(tokenizer.encode("Some text, and 1234 more."), dtype=dtype)
    assert tokenizer.decode(ids) == "Some text, and 1234 more."


class Id(int):
    """An integer of another type."""


@pytest.mark.parametrize("kind", [Id, np.int64, np.uint16])
@pytest.mark.parametrize("count", [0, 1, 5000])
def test_lists_may_hold_integers_of_all_types(tokenizer, kind, count):
    first, zero, last = map(tokenizer.token_to_id, [b"a", b"\0", b"b"])
    ids = [first, *[zero] * count, kind(last), first]
    assert tokenizer.decode_bytes(ids) == b"a" + bytes(count) + b"ba"
    assert tokenizer.decode_bytes(tuple(ids)) == tokenizer.decode_bytes(ids)


@pytest.mark.parametrize(
    "bad", [-1, -98, 2**30, 2**30 + 98, 2**31, 2**32 + 98, 2**60 + 98, 2**64 + 98, -(2**70)]
)
def test_integers_of_any_size_are_read_exactly(tokenizer, bad):
    for ids in ([97, bad], (97, bad), [*[97] * 5000, bad]):
        with pytest.raises(UnknownIdError, match=rf"id {bad}.* at position {len(ids) - 1} "):
            tokenizer.decode_bytes(ids)


def test_text_and_bytes_are_the_same_for_all_kinds_of_sequences(tokenizer, rows):
    for row in rows[:200]:
        for ids in (tuple(row), np.array(row, dtype=np.uint32), np.array(row)[::-1][::-1]):
            assert tokenizer.decode_bytes(ids) == tokenizer.decode_bytes(row)
            assert tokenizer.decode(ids) == tokenizer.decode(row)


def test_an_unknown_id_is_named_with_its_position(tokenizer):
    bad = len(tokenizer)
    with pytest.raises(ValueError, match=rf"{bad}.*\b2\b"):
        tokenizer.decode_bytes([0, 1, bad])
    with pytest.raises(ValueError, match=f"^row 1: id {bad} at position 0"):
        tokenizer.decode_batch([[0], [bad]])


@pytest.mark.parametrize("bad", [-1, 2**31, 2**32, 2**63, 2**70])
def test_ids_that_fit_no_vocabulary_are_refused(tokenizer, bad):
    with pytest.raises((ValueError, OverflowError)):
        tokenizer.decode([0, bad])


@pytest.mark.parametrize("bad", [None, "1", 1.5, b"1", [1]])
def test_what_is_no_id_is_refused(tokenizer, bad):
    with pytest.raises(TypeError):
        tokenizer.decode([0, bad])


@pytest.mark.parametrize("bad", [None, "1", 1, 1.5])
def test_what_is_no_sequence_of_ids_is_refused(tokenizer, bad):
    with pytest.raises(TypeError):
        tokenizer.decode(bad)
