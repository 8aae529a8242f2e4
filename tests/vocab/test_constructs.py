"""What stands around a model in foreign files, against Hugging Face's library.

`tests/benchmarks/constructs_matrix.py` does the same with thousands of texts.
"""

import json
import warnings
from random import Random

import constructs
import pytest
import tokenizers as hugging_face
from constructs import Both, byte_level, sequence

import bpe_tool
from bpe_tool import _core

FILES = [*constructs.singles(), *constructs.sequences(seed=19, count=150)]


@pytest.mark.parametrize(("name", "parts"), FILES, ids=[name for name, _ in FILES])
def test_ids_offsets_and_text_are_equal(name, parts):
    for seed, added in enumerate((False, True)):
        both = Both(constructs.make(parts, added=added))
        for text in constructs.texts(seed=len(name) + seed, count=6):
            assert both.difference(text) is None, text


@pytest.mark.parametrize(
    "parts",
    [
        {"pre_tokenizer": byte_level(add_prefix_space=True)},
        {"normalizer": {"type": "NFKC"}, "pre_tokenizer": byte_level(use_regex=False)},
        {"decoder": constructs.DECODERS["BPEDecoder 'a'"]},
        {
            "decoder": sequence(
                "decoder",
                constructs.DECODERS["Replace String 'Ġ'"],
                constructs.DECODERS["ByteFallback"],
                constructs.DECODERS["Fuse"],
                constructs.DECODERS["Strip ' ' 1 0"],
            )
        },
        {"decoder": constructs.DECODERS["Metaspace Ġ always"]},
    ],
    ids=["prefix space", "NFKC", "BPEDecoder", "as Llama 2", "Metaspace"],
)
def test_streams_are_as_texts(tmp_path, parts):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(constructs.make(parts, added=True))
    tokenizer = bpe_tool.Tokenizer.load(path)
    for text in [*constructs.texts(seed=5, count=30), " the cat  sat"]:
        ids = tokenizer.encode(text, special="token")
        for size in (1, 2, 5):
            encoder = bpe_tool.StreamEncoder(tokenizer, special="token")
            pieces = [text[at : at + size] for at in range(0, len(text), size)]
            found = [id for piece in pieces for id in encoder.feed(piece)]
            assert [*found, *encoder.finish()] == ids
            decoder = bpe_tool.StreamDecoder(tokenizer)
            rows = [ids[at : at + size] for at in range(0, len(ids), size)]
            decoded = "".join(map(decoder.feed, rows)) + decoder.finish()
            assert decoded == tokenizer.decode(ids)


@pytest.mark.parametrize("split", [False, True], ids=["whole", "split"])
def test_white_space_that_added_tokens_take_in_may_hold_others(split):
    parts = {"pre_tokenizer": byte_level(use_regex=split)}
    both = Both(constructs.make(parts, added=True, tokens=constructs.SPACED))
    pieces = ["<mask>", "[SEP]", " ", "  ", "\n", " a", "a", "\t"]
    random = Random(7)
    for _ in range(400):
        text = "".join(random.choices(pieces, k=random.randrange(9)))
        assert both.difference(text) is None, text


def test_added_tokens_that_come_again_or_are_empty():
    listed = [("", {}), ("<x>", {}), ("<y>", {}), ("<x>", {"rstrip": True, "special": True})]
    file = constructs.make({}, added=True, tokens=listed)
    core = _core.Tokenizer.from_tokenizer_json(file)
    # The library gives ids anew, so only the spans can be compared.
    theirs = hugging_face.Tokenizer.from_buffer(file).encode("a<x>  <y>")
    ids, offsets = core.encode_with_offsets(b"a<x>  <y>", "token", False)
    first = len(constructs.model()["model"]["vocab"])
    assert ids[1:] == [first + 1, first + 2]
    assert offsets == theirs.offsets
    assert list(core.special_tokens) == ["<x>"]


def test_without_a_decoder_tokens_are_joined_as_the_file_has_them(tmp_path):
    path = tmp_path / "v.json"
    path.write_bytes(constructs.make({"decoder": None}, added=True))
    tokenizer = bpe_tool.Tokenizer.load(path)
    assert tokenizer.decode(tokenizer.encode("a é", special="token")) == "a Ġ Ã ©"
    tokenizer.save(tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text())["decoder"] is None


def test_bytes_that_are_no_text_are_left_alone():
    parts = {
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": sequence(
            "pre_tokenizer", byte_level(add_prefix_space=True), {"type": "Digits"}
        ),
    }
    core = _core.Tokenizer.from_tokenizer_json(constructs.make(parts, added=False))
    raw = b"e\xcc\x81\xff\xfe1\x80 e\xcc\x81"
    ids, offsets = core.encode_with_offsets(raw, "text", False)
    assert core.decode(ids) == b" \xc3\xa9\xff\xfe1\x80 \xc3\xa9"
    assert offsets[-1] == (8, 9)
    assert core.pretokenize(raw) == [b" \xc3\xa9", b"\xff\xfe", b"1", b"\x80", b" \xc3\xa9"]


def test_truncation_and_padding_are_kept_with_a_notice(tmp_path):
    truncation = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    padding = {"strategy": {"Fixed": 9}, "direction": "Left", "pad_to_multiple_of": None}
    padding |= {"pad_id": 0, "pad_type_id": 0, "pad_token": "!"}
    path = tmp_path / "tokenizer.json"
    path.write_bytes(constructs.make({"truncation": truncation, "padding": padding}, added=False))
    with pytest.warns(bpe_tool.BpeToolWarning, match="truncation and padding is kept"):
        tokenizer = bpe_tool.Tokenizer.load(path)
    assert len(tokenizer.encode("the cat sat on 42 mats")) > 4
    tokenizer.save(tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_bytes())
    assert (again["truncation"], again["padding"]) == (truncation, padding)


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"normalizer": {"type": "Precompiled", "precompiled_charsmap": ""}}, "Precompiled"),
        ({"pre_tokenizer": {"type": "UnicodeScripts"}}, "UnicodeScripts"),
        ({"decoder": {"type": "CTC", "pad_token": "", "cleanup": True}}, "CTC"),
        ({"pre_tokenizer": {"type": "FixedLength", "length": 0}}, "length"),
        ({"normalizer": {"type": "Replace", "pattern": {}, "content": ""}}, "String"),
    ],
)  # fmt: skip
def test_what_is_refused_is_named(parts, what):
    with pytest.raises(bpe_tool.VocabError, match=what):
        _core.Tokenizer.from_tokenizer_json(constructs.make(parts, added=False))


def test_deep_nesting_is_no_recursion():
    part = {"type": "NFC"}
    steps = byte_level()
    for _ in range(30):
        part, steps = sequence("normalizer", part), sequence("pre_tokenizer", steps)
    parts = {"normalizer": part, "pre_tokenizer": steps}
    core = _core.Tokenizer.from_tokenizer_json(constructs.make(parts, added=False))
    with warnings.catch_warnings():
        assert core.decode(core.encode(b"e\xcc\x81", "text", False)) == b"\xc3\xa9"
