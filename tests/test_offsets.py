"""Offsets: the byte positions that each id stands for."""

import generators
import pytest


@pytest.mark.parametrize("special", ["text", "token"])
def test_offsets_cover_the_text_and_name_each_tokens_bytes(tokenizer, special):
    for text in generators.byte_strings(seed=71, count=4000):
        ids, offsets = tokenizer.encode_with_offsets(text, special=special)
        assert ids == tokenizer.encode(text, special=special)
        assert len(ids) == len(offsets)
        end = 0
        for id, (start, stop) in zip(ids, offsets, strict=True):
            assert start == end
            assert text[start:stop] == tokenizer.id_to_bytes(id)
            end = stop
        assert end == len(text)


def test_offsets_of_a_str_are_positions_in_its_utf_8(tokenizer):
    text = "naïve 中文 😀"
    ids, offsets = tokenizer.encode_with_offsets(text)
    assert (ids, offsets) == tokenizer.encode_with_offsets(text.encode())
    assert offsets[-1][1] == len(text.encode())


def test_nothing_has_no_offsets(tokenizer):
    assert tokenizer.encode_with_offsets("") == ([], [])
