"""Vocabulary files: written and read again, by us and by the others."""

import base64
import copy
import json
import warnings
from pathlib import Path

import generators
import pytest
import tokenizers
from conftest import SPECIAL_TOKENS, token_ids
from peers import encoding, read_ranks, to_characters
from reference import PATTERNS

from bpe_tool import Tokenizer, VocabError, _core, train_vocab

CASES = Path(__file__).parents[1] / "cases"


@pytest.fixture(scope="module")
def texts(tokenizer) -> list[str]:
    made = list(generators.texts(seed=81, count=2000))
    return made + list(generators.texts_from_tokens(82, 1000, list(token_ids(tokenizer))))


def assert_equal(one: Tokenizer, other: Tokenizer, texts: list[str]) -> None:
    assert other.encode_batch(texts) == one.encode_batch(texts)
    assert other.encode_batch(texts, special="token") == one.encode_batch(texts, special="token")
    assert other.special_tokens == one.special_tokens
    assert len(other) == len(one)


def test_tokenizer_json_round_trip(tokenizer, texts, tmp_path):
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    loaded = Tokenizer.load(path)
    assert_equal(tokenizer, loaded, texts)
    assert loaded.merges == tokenizer.merges
    assert loaded.pattern == tokenizer.pattern == "cl100k"
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_a_directory_round_trip(tokenizer, texts, tmp_path):
    folder = tmp_path / "vocab"
    tokenizer.save(folder)
    assert {"tokenizer.json", "tokenizer_config.json"} <= {path.name for path in folder.iterdir()}
    assert_equal(tokenizer, Tokenizer.load(folder), texts)


def test_tiktoken_round_trip(tokenizer, texts, tmp_path):
    path = tmp_path / "vocab.tiktoken"
    tokenizer.save(path)
    loaded = Tokenizer.load(path, pattern="cl100k", special_tokens=tokenizer.special_tokens)
    assert_equal(tokenizer, loaded, texts)


def test_special_tokens_of_a_tiktoken_file_follow_its_ids(tokenizer, tmp_path):
    path = tmp_path / "vocab.tiktoken"
    tokenizer.save(path)
    loaded = Tokenizer.load(path, pattern="cl100k", special_tokens=["<a>", "<b>"])
    first = 256 + len(tokenizer.merges)
    assert loaded.special_tokens == {"<a>": first, "<b>": first + 1}


def test_a_file_without_a_pattern_needs_one(tokenizer, tmp_path):
    path = tmp_path / "vocab.tiktoken"
    tokenizer.save(path)
    with pytest.raises(ValueError, match="pattern"):
        Tokenizer.load(path)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_opens_in_hugging_face_with_equal_ids(pattern, documents, tmp_path):
    tokenizer = train_vocab(
        documents, vocab_size=1000, pattern=pattern, special_tokens=SPECIAL_TOKENS
    )
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    peer = tokenizers.Tokenizer.from_file(str(path))
    texts = [*generators.texts(seed=83, count=2000), *documents[:4]]
    expected = [row.ids for row in peer.encode_batch(texts, add_special_tokens=False)]
    assert tokenizer.encode_batch(texts, special="token") == expected
    assert [peer.decode(row, skip_special_tokens=False) for row in expected[:500]] == [
        tokenizer.decode(row) for row in expected[:500]
    ]
    assert Tokenizer.load(path).pattern == pattern


@pytest.mark.parametrize("pattern", [r"a+|\s+(?!\S)", r"\p{L}+(?=\s)|.", "(?i:ab)+", r"[^\n]+\n?"])
def test_custom_patterns_open_in_hugging_face_with_equal_ids(pattern, documents, tmp_path):
    tokenizer = train_vocab(documents, vocab_size=500, pattern=pattern)
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    peer = tokenizers.Tokenizer.from_file(str(path))
    texts = list(generators.texts(seed=84, count=1000))
    assert tokenizer.encode_batch(texts) == [row.ids for row in peer.encode_batch(texts)]
    assert_equal(tokenizer, Tokenizer.load(path), texts)


@pytest.mark.parametrize("level", ["char", "word"])
def test_levels_char_and_word_open_in_hugging_face_with_equal_ids(level, documents, tmp_path):
    tokenizer = train_vocab(documents, vocab_size=900, level=level, special_tokens=["<s>"])
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    peer = tokenizers.Tokenizer.from_file(str(path))
    texts = [*generators.texts(seed=85, count=1000), *documents[:4], "a <s>b"]
    expected = [row.ids for row in peer.encode_batch(texts, add_special_tokens=False)]
    assert tokenizer.encode_batch(texts, special="token") == expected
    assert_equal(tokenizer, Tokenizer.load(path), texts)
    known = [(text, row) for text, row in zip(texts, expected, strict=True) if 0 not in row]
    assert known
    for text, row in known:
        assert peer.decode(row, skip_special_tokens=False) == text == tokenizer.decode(row)


def test_a_directory_opens_in_transformers_with_equal_ids(tokenizer, texts, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers import AutoTokenizer

        tokenizer.save(tmp_path / "vocab")
        peer = AutoTokenizer.from_pretrained(str(tmp_path / "vocab"), local_files_only=True)
        expected = peer(texts, add_special_tokens=False)["input_ids"]
    assert tokenizer.encode_batch(texts, special="token") == expected
    assert len(peer) == len(tokenizer)


def test_the_tiktoken_export_opens_in_tiktoken_with_equal_ids(tokenizer, texts, tmp_path):
    path = tmp_path / "vocab.tiktoken"
    tokenizer.save(path)
    peer = encoding(read_ranks(path), PATTERNS["cl100k"][0])
    assert tokenizer.encode_batch(texts) == peer.encode_ordinary_batch(texts, num_threads=1)


def test_vocab_and_merges_round_trip(tokenizer, texts):
    vocab, merges = tokenizer_core(tokenizer).to_vocab_and_merges()
    specials = list(tokenizer.special_tokens.items())
    loaded = _core.Tokenizer.from_vocab_and_merges(vocab, merges, "cl100k", specials)
    for text in texts:
        assert loaded.encode(text, "token", False) == tokenizer.encode(text, special="token")


def test_vocab_and_merges_beside_each_other(tokenizer, texts, tmp_path):
    vocab, merges = tokenizer_core(tokenizer).to_vocab_and_merges()
    (tmp_path / "vocab.json").write_bytes(vocab)
    (tmp_path / "merges.txt").write_bytes(merges)
    loaded = Tokenizer.load(
        tmp_path / "vocab.json", pattern="cl100k", special_tokens=tokenizer.special_tokens
    )
    assert_equal(tokenizer, loaded, texts)


def tokenizer_core(tokenizer: Tokenizer) -> _core.Tokenizer:
    """The native tokenizer, made anew from the public one's own description."""
    vocab = {to_characters(token): id for token, id in token_ids(tokenizer).items()}
    merges = "".join(f"{to_characters(a)} {to_characters(b)}\n" for a, b in tokenizer.merges)
    return _core.Tokenizer.from_vocab_and_merges(
        json.dumps(vocab).encode(),
        merges.encode(),
        "cl100k",
        list(tokenizer.special_tokens.items()),
    )


def changed(document: dict, case: dict) -> dict:
    """`document` with the changes that a case lists by path."""
    document = copy.deepcopy(document)
    for path, value in [*case.get("set", {}).items(), *((p, None) for p in case.get("delete", []))]:
        *parents, last = path.split(".")
        place = document
        for parent in parents:
            place = place[int(parent) if isinstance(place, list) else parent]
        if path in case.get("delete", []):
            del place[last]
        else:
            place[int(last) if isinstance(place, list) else last] = value
    if case.get("merges_as_strings"):
        document["model"]["merges"] = [" ".join(pair) for pair in document["model"]["merges"]]
    return document


@pytest.fixture(scope="module")
def base(documents) -> dict:
    """A small vocabulary as Hugging Face writes it, special tokens first."""
    learned = train_vocab(documents, vocab_size=600, pattern="gpt2", alphabet="gpt2")
    core = json.loads(core_json(learned))
    specials = ["<s>", "<|endoftext|>"]
    core["model"]["vocab"] = {special: id for id, special in enumerate(specials)} | {
        token: id + len(specials) for token, id in core["model"]["vocab"].items()
    }
    core["added_tokens"] = [
        {"id": id, "content": special, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}
        for id, special in enumerate(specials)
    ]  # fmt: skip
    return core


def core_json(tokenizer: Tokenizer) -> bytes:
    return tokenizer_core(tokenizer).to_tokenizer_json()


@pytest.mark.parametrize(
    "case", json.loads((CASES / "foreign_tokenizer_json.json").read_text()), ids=lambda c: c["name"]
)
def test_foreign_files_keep_their_meaning(base, case):
    data = json.dumps(changed(base, case)).encode()
    ours = _core.Tokenizer.from_tokenizer_json(data)
    again = _core.Tokenizer.from_tokenizer_json(ours.to_tokenizer_json())
    peer = tokenizers.Tokenizer.from_str(data.decode())
    texts = [
        *generators.texts(seed=86, count=1500),
        "e\u0301<s> <s>e\u0301",
        "a<s> b",
        " <s> ",
        "x<s>",
    ]
    template = bool(case.get("template"))
    for text in texts:
        expected = peer.encode(text, add_special_tokens=template).ids
        assert ours.encode(text, "token", template) == expected, text
        assert again.encode(text, "token", template) == expected, text


@pytest.mark.parametrize(
    "case", json.loads((CASES / "refused_tokenizer_json.json").read_text()), ids=lambda c: c["name"]
)
def test_what_we_do_not_imitate_is_refused_by_name(base, case):
    data = json.dumps(changed(base, case)).encode()
    with pytest.raises(VocabError, match=case["message"]):
        _core.Tokenizer.from_tokenizer_json(data)


def test_published_special_tokens_keep_their_gaps(tmp_path):
    lines = [base64.b64encode(bytes([byte])) + b" %d\n" % byte for byte in range(256)]
    (tmp_path / "v.tiktoken").write_bytes(b"".join(lines))
    tokenizer = Tokenizer.load(
        tmp_path / "v.tiktoken", pattern="cl100k", special_tokens={"<a>": 300, "<b>": 1000}
    )
    assert tokenizer.encode("<b>x<a>", special="token") == [1000, 120, 300]
    assert tokenizer.decode([1000, 300]) == "<b><a>"
    for hole in (256, 299, 301, 1001):
        with pytest.raises(ValueError, match=str(hole)):
            tokenizer.decode([hole])
