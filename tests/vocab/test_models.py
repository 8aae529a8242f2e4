"""Every option of a BPE model, against tokenizers: ids, offsets, decoding, and what is saved."""

import json
import os
import warnings
from itertools import product
from pathlib import Path
from random import Random

import pytest
import tokenizers
from peers import BYTE_TO_CHARACTER
from tokenizers import Regex, decoders, models, pre_tokenizers, trainers

from bpe_tool import BpeToolWarning, DataError, Tokenizer, train_vocab

#: How many texts each vocabulary encodes.
TEXTS = 2000 if "BPE_TOOL_THOROUGH" in os.environ else 150

WORDS = ["abc", "abba", "cab", "bead", "éab", "中ab", "aé", "de", "a", "##b", "ab</w>", "<unk>"]
OTHERS = ["x", "ÿ", "文", "😀", "\0", "\n", "\x7f", "#", "<0x61>", "<", "<0xC3>", "</w>", "\t"]


def texts(seed: int, count: int) -> list[str]:
    """Words that vocabularies here know, with characters in between that they do not."""
    random = Random(seed)

    def piece() -> str:
        kind = random.random()
        if kind < 0.5:
            return random.choice(WORDS)
        if kind < 0.7:
            return random.choice([" ", "  "])
        return random.choice(OTHERS) * random.choice([1, 1, 1, 2, 3])

    made = ["".join(piece() for _ in range(random.randrange(1, 9))) for _ in range(count)]
    # Long ones take other paths.
    made += [text * 40 for text in made[:5]]
    return ["", *made]


def make(
    *,
    byte_level: bool,
    unknown: str | None = None,
    fuse: bool = False,
    fallback: str = "none",
    prefix: str = "",
    suffix: str = "",
    ignore_merges: bool = False,
) -> dict[str, object]:
    """A `tokenizer.json` with a model of these options, trained without most characters."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(r"\s+|\S+"), "isolated")
    if byte_level:
        level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, level])
        tokenizer.decoder = decoders.ByteLevel()
    else:
        tokenizer.pre_tokenizer = split
        tokenizer.decoder = decoders.Fuse()
    trainer = trainers.BpeTrainer(
        vocab_size=140,
        special_tokens=[],
        show_progress=False,
        **({"continuing_subword_prefix": prefix} if prefix else {}),
        **({"end_of_word_suffix": suffix} if suffix else {}),
    )
    random = Random(3)
    known = [word for word in WORDS if not word.startswith("<")]
    corpus = [" ".join(random.choices(known, k=9)) for _ in range(60)]
    tokenizer.train_from_iterator(corpus, trainer)
    file = json.loads(tokenizer.to_str())
    model = file["model"]
    names = ["<unk>"]
    if fallback == "all":
        names += [f"<0x{byte:02X}>" for byte in range(256)]
    elif fallback == "some":
        names += ["<0xC3>", "<0xBF>", "<0x78>"]
    for name in names:
        model["vocab"].setdefault(name, len(model["vocab"]))
    model.update(
        unk_token=unknown,
        fuse_unk=fuse,
        byte_fallback=fallback != "none",
        ignore_merges=ignore_merges,
    )
    return file


def matrix() -> list[dict[str, object]]:
    made = []
    for byte_level, unknown, fallback, prefix, suffix, ignore in product(
        (True, False), (None, "alone", "fused"), ("none", "some", "all"), ("", "##"),
        ("", "</w>"), (False, True),
    ):  # fmt: skip
        made.append(
            {
                "byte_level": byte_level,
                "unknown": None if unknown is None else "<unk>",
                "fuse": unknown == "fused",
                "fallback": fallback,
                "prefix": prefix,
                "suffix": suffix,
                "ignore_merges": ignore,
            }
        )
    return made


def name(options: dict[str, object]) -> str:
    return "-".join(f"{key}={value}" for key, value in options.items() if value)


def load(path: Path, file: dict[str, object]) -> tuple[Tokenizer, tokenizers.Tokenizer]:
    path.write_text(json.dumps(file))
    return Tokenizer.load(path), tokenizers.Tokenizer.from_file(str(path))


@pytest.mark.parametrize("options", matrix(), ids=name)
def test_options_of_a_model(tmp_path: Path, options: dict[str, object]) -> None:
    ours, theirs = load(tmp_path / "tokenizer.json", make(**options))  # type: ignore[arg-type]
    inputs = texts(5, TEXTS)
    expected = [row.ids for row in theirs.encode_batch(inputs, add_special_tokens=False)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BpeToolWarning)
        assert ours.encode_batch(inputs, threads=1) == expected
        assert ours.encode_batch(inputs, threads=2) == expected
        arrays = ours.encode_arrays(inputs)
        assert [row.tolist() for row in arrays] == expected
        for text, ids in zip(inputs[:60], expected[:60], strict=True):
            assert ours.encode(text) == ids
            found, offsets = ours.encode_with_offsets(text)
            assert found == ids
            _check_offsets(ours, text, ids, offsets, options)
        ours.save(tmp_path / "again.json")
        again, peer = load(
            tmp_path / "copy.json", json.loads((tmp_path / "again.json").read_text())
        )
        assert again == ours
        assert again.encode_batch(inputs) == expected
        assert [row.ids for row in peer.encode_batch(inputs, add_special_tokens=False)] == expected
    decoded = [theirs.decode(ids, skip_special_tokens=False) for ids in expected]
    assert ours.decode_batch(expected) == decoded


def _check_offsets(
    ours: Tokenizer,
    text: str,
    ids: list[int],
    offsets: list[tuple[int, int]],
    options: dict[str, object],
) -> None:
    data = text.encode()
    assert len(offsets) == len(ids)
    assert all(0 <= start <= end <= len(data) for start, end in offsets)
    if options["fallback"] == "none":
        assert offsets == sorted(offsets)
    if options["prefix"] or options["suffix"] or options["fallback"] != "none":
        return
    for id, (start, end) in zip(ids, offsets, strict=True):
        token = ours.id_to_bytes(id)
        if token == b"<unk>":
            assert start < end
        elif options["unknown"] is not None:
            # Nothing is left out, so tokens stand for their own bytes.
            assert data[start:end] == token


def test_bytes_without_a_token_are_told_once_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(make(byte_level=True)))
    tokenizer = Tokenizer.load(path)
    with pytest.warns(BpeToolWarning, match="2 bytes or characters have no token"):
        assert tokenizer.decode(tokenizer.encode("abĀc")) == "abc"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tokenizer.encode("abĀc")
        strict = Tokenizer.load(path, missing="error")
        assert strict.encode("abc") == tokenizer.encode("abc")
    assert strict != tokenizer
    with pytest.raises(DataError, match=r"no token for .* at byte 4"):
        strict.encode("ab aĀ")
    with pytest.raises(DataError, match=r"row 1: .*at byte 2"):
        strict.encode_batch(["ab", "abĀ"])


def test_every_byte_of_our_own_vocabularies_has_a_token(bytes_only: Tokenizer) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = bytes(range(256))
        assert bytes_only.decode_bytes(bytes_only.encode(data)) == data


def base() -> dict[str, object]:
    """All bytes, two merges, and nothing else."""
    vocab = {character: byte for byte, character in BYTE_TO_CHARACTER.items()}
    vocab |= {"ab": 256, "ĠĠ": 257}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    return {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": level | {"use_regex": True},
        "post_processor": None,
        "decoder": level | {"use_regex": True},
        "model": {"type": "BPE", "vocab": vocab, "merges": [["a", "b"], ["Ġ", "Ġ"]]},
    }


def added(id: int, content: str, **flags: bool) -> dict[str, object]:
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    return {"id": id, "content": content, **plain, **flags}


def assert_equal(tmp_path: Path, file: dict[str, object], inputs: list[str]) -> Tokenizer:
    ours, theirs = load(tmp_path / "tokenizer.json", file)
    again = tmp_path / "again.json"
    ours.save(again)
    for special in (False, True):
        theirs.encode_special_tokens = special
        expected = [row.ids for row in theirs.encode_batch(inputs, add_special_tokens=False)]
        mode = "text" if special else "token"
        assert ours.encode_batch(inputs, special=mode) == expected
        assert Tokenizer.load(again).encode_batch(inputs, special=mode) == expected
        assert ours.decode_batch(expected) == [
            theirs.decode(ids, skip_special_tokens=False) for ids in expected
        ]
    return ours


def test_added_tokens_whose_bytes_are_those_of_another(tmp_path: Path) -> None:
    file = base()
    file["added_tokens"] = [
        added(258, "  ", normalized=True),
        added(259, "    "),
        added(260, "\n", special=True),
    ]
    ours = assert_equal(tmp_path, file, ["a  b", "   a", "     ", "ab\n  \n", " \n "])
    assert ours.token_to_id(b"  ") == 258
    assert ours.id_to_bytes(257) == ours.id_to_bytes(258) == b"  "


def test_keys_that_no_text_becomes(tmp_path: Path) -> None:
    file = base()
    file["model"]["vocab"] |= {"": 258, "‼": 259, "a b": 260}  # type: ignore[index]
    ours = assert_equal(tmp_path, file, ["a b", "‼", "ab‼", ""])
    assert len(ours) == 261
    assert ours.decode([258, 97, 259, 260]) == "a‼a b"
    assert ours.token_to_id("‼".encode()) == 259


def test_the_vocabulary_says_the_ids_of_added_tokens(tmp_path: Path) -> None:
    file = base()
    file["model"]["vocab"]["<s>"] = 258  # type: ignore[index]
    file["added_tokens"] = [
        added(300, "<s>", special=True),
        added(301, "ab"),
        added(0, "é"),
        added(259, "<t>", special=True),
    ]
    ours = assert_equal(tmp_path, file, ["<s>ab<t>", "xaby", "<t><s>"])
    assert ours.special_tokens == {"<s>": 258, "<t>": 259}
    assert ours.encode("xab", special="token")[-1] == 256


def test_two_names_for_one_id(tmp_path: Path) -> None:
    trained = train_vocab(["ab ab"] * 3, vocab_size=258)
    trained.save(tmp_path / "a.tiktoken")
    names = {"<b>": 300, "<a>": 299, "<also b>": 300}
    ours = Tokenizer.load(tmp_path / "a.tiktoken", pattern="gpt2", special_tokens=names)
    assert ours.encode("<a><b><also b>", special="token") == [299, 300, 300]
    assert ours.decode([300, 299]) == "<b><a>"
    assert len(ours) == 260
    ours.save(tmp_path / "b.json")
    again = Tokenizer.load(tmp_path / "b.json")
    assert again.encode("<a><b><also b>", special="token") == [299, 300, 300]


@pytest.mark.parametrize(
    "flags",
    [
        dict(zip(("lstrip", "rstrip", "single_word", "normalized", "special"), chosen, strict=True))
        for chosen in product((False, True), repeat=5)
    ],
    ids=lambda flags: "-".join(key for key, value in flags.items() if value) or "none",
)
def test_flags_of_added_tokens(tmp_path: Path, flags: dict[str, bool]) -> None:
    file = base()
    file["added_tokens"] = [
        added(258, "<m>", **flags),
        added(259, "word", **flags),
        added(260, "<n>", normalized=True),
    ]
    random = Random(7)
    parts = ["<m>", "word", "<n>", " ", "  ", "\t", "a", "é", "_", "7", "\u2003", "ab", ".", "\n"]
    inputs = ["".join(random.choices(parts, k=random.randrange(1, 9))) for _ in range(TEXTS)]
    assert_equal(tmp_path, file, inputs)
