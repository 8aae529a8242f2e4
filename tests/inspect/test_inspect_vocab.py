"""`inspect vocab`: every number recounted, token by token."""

import json
import re
import unicodedata
from collections import Counter, defaultdict

import pytest
from commands import fails, ok
from hostile import write_vocabulary

import bpe_tool
from bpe_tool import Tokenizer
from bpe_tool.inspect import scripts
from bpe_tool.inspect.vocab_arrays import VocabArrays
from bpe_tool.vocab.files import tokens as token_bytes


@pytest.fixture(scope="module")
def odd(tmp_path_factory) -> Tokenizer:
    """A vocabulary of strange tokens."""
    path = tmp_path_factory.mktemp("odd") / "odd.tiktoken"
    write_vocabulary(path)
    return Tokenizer.load(path, pattern="none", special_tokens=["<s>", "<|é|>"])


@pytest.fixture(params=["trained", "odd", "bytes", "words"])
def any_tokenizer(request, tokenizer, odd, bytes_only, documents) -> Tokenizer:
    if request.param == "words":
        return bpe_tool.train_vocab(documents, vocab_size=500, level="word")
    return {"trained": tokenizer, "odd": odd, "bytes": bytes_only}[request.param]


def plain_tokens(tokenizer: Tokenizer) -> dict[int, bytes]:
    specials = set(tokenizer.special_tokens.values())
    tokens = token_bytes(tokenizer._core)
    return {id: token for id, token in tokens.items() if id not in specials}


def body(text: str) -> str:
    return text[1:] if text.startswith(" ") and len(text) > 1 else text


def classes(text: str) -> set[str]:
    return {"Z" if c in "\t\n\v\f\r\x85" else unicodedata.category(c)[0] for c in text}


def kind(token: bytes) -> str:
    try:
        text = token.decode()
    except UnicodeDecodeError:
        return "partial"
    if classes(text) == {"Z"}:
        return "space"
    found = classes(body(text))
    for name, wanted in {"word": "LM", "number": "N", "punctuation": "PS"}.items():
        if found <= set(wanted):
            return name
    return "other" if "C" in found else "mixed"


def case(token: bytes) -> str:
    text = body(token.decode("utf-8", "surrogateescape"))
    cases = [unicodedata.category(char) for char in text]
    upper, lower = sum(c in ("Lu", "Lt") for c in cases), cases.count("Ll")
    if not upper and not lower:
        return "none"
    if not upper or not lower:
        return "upper" if upper else "lower"
    return "title" if upper == 1 and cases[0] in ("Lu", "Lt") else "mixed"


def test_numbers(any_tokenizer):
    tokens = plain_tokens(any_tokenizer)
    report = bpe_tool.inspect_vocab(any_tokenizer)
    assert report.vocab_size == len(any_tokenizer)
    assert report.lengths == dict(sorted(Counter(map(len, tokens.values())).items()))
    assert report.mean_bytes == pytest.approx(sum(map(len, tokens.values())) / len(tokens))
    assert report.kinds == Counter(map(kind, tokens.values()))
    assert report.cases == Counter(map(case, tokens.values()))
    texts = [token.decode("utf-8", "surrogateescape") for token in tokens.values()]
    assert report.leading_space == sum(text[0] == " " and len(text) > 1 for text in texts)
    assert report.digits == sum(classes(body(text)) == {"N"} for text in texts)
    longest = sorted(tokens, key=lambda id: (-len(tokens[id]), id))[: len(report.longest)]
    assert [token.id for token in report.longest] == longest
    assert all(token.raw == tokens[token.id] for token in report.longest)
    specials = {token.raw.decode(): token.id for token in report.special_tokens}
    assert specials == any_tokenizer.special_tokens


def test_near_duplicates(any_tokenizer):
    groups = defaultdict(list)
    for id, token in plain_tokens(any_tokenizer).items():
        if kind(token) != "partial" and token.decode().strip():
            groups[token.decode().casefold().strip()].append(id)
    several = {key: ids for key, ids in groups.items() if len(ids) > 1}
    found = bpe_tool.inspect_vocab(any_tokenizer).duplicates
    assert found.groups == len(several)
    assert found.tokens == sum(map(len, several.values()))
    for group in found.largest:
        assert [token.id for token in group] in several.values()


def test_scripts(documents):
    texts = [
        "the Ünïted",
        "привет мир",
        "γειά",
        "日本語",
        "ひらがな",
        "안녕하세요",
        "हिन्दी",
        "123 !?",
    ]
    tokenizer = bpe_tool.train_vocab([*texts * 50], vocab_size=400)
    found = bpe_tool.inspect_vocab(tokenizer).scripts
    expected = {"Latin", "Cyrillic", "Greek", "Han", "Hiragana", "Hangul", "Devanagari", "none"}
    assert expected == set(found)
    assert sum(found.values()) == len(tokenizer)


def test_scripts_are_those_of_the_names_of_characters():
    """Names of letters begin with their script, but for those that are named otherwise."""
    import numpy as np

    agreed = total = 0
    for script in ["Latin", "Greek", "Cyrillic", "Arabic", "Hebrew", "Thai", "Hangul", "Hiragana"]:
        codes = [
            code
            for code in range(0x20000)
            if unicodedata.category(chr(code))[0] == "L"
            and unicodedata.name(chr(code), "").startswith(script.upper() + " ")
        ]
        array = np.array(codes, np.uint32)
        numbers = scripts.classes_and_scripts(array)[1]
        agreed += int((numbers == scripts.SCRIPTS.index(script)).sum())
        total += len(codes)
    assert agreed / total > 0.99


def test_arrays(any_tokenizer):
    vocab = VocabArrays(any_tokenizer._core)
    tokens = token_bytes(any_tokenizer._core)
    assert vocab.ids.tolist() == list(tokens)
    assert [vocab.bytes_of(at) for at in range(len(vocab))] == list(tokens.values())
    assert vocab.texts == [each.decode("utf-8", "surrogateescape") for each in tokens.values()]


def test_tree(tokenizer):
    merges = {left + right: (left, right) for left, right in tokenizer.merges}
    ranks = {left + right: rank for rank, (left, right) in enumerate(tokenizer.merges, start=1)}

    def check(node) -> int:
        parts = tuple(part.token.raw for part in node.parts)
        assert node.rank == ranks.get(node.token.raw)
        assert parts == merges.get(node.token.raw, ())
        return 1 + max(map(check, node.parts), default=-1)

    for left, right in tokenizer.merges[-300:]:
        id = tokenizer.token_to_id(left + right)
        report = bpe_tool.token_tree(tokenizer, id)
        assert report.tree.token.id == id
        assert check(report.tree) == report.depth
    for token in (b"t", b"th"):
        report = bpe_tool.token_tree(tokenizer, tokenizer.token_to_id(token), limit=10**6)
        built = [left + right for left, right in tokenizer.merges if token in (left, right)]
        assert [each.raw for each in report.built] == built
        assert report.builds == len(built)
    with pytest.raises(bpe_tool.UnknownIdError):
        bpe_tool.token_tree(tokenizer, 10**6)


def test_a_deep_tree():
    """One token in a chain of merges as long as it: nothing recurses on a vocabulary's depth."""
    import base64

    lines = [base64.b64encode(bytes([byte])) + b" %d\n" % byte for byte in range(256)]
    lines += [base64.b64encode(b"a" * size) + b" %d\n" % (254 + size) for size in range(2, 3000)]
    tokenizer = Tokenizer(bpe_tool._core.Tokenizer.from_tiktoken(b"".join(lines), "none", []))
    report = bpe_tool.token_tree(tokenizer, 254 + 2999)
    assert report.depth > 10
    report.view()


@pytest.mark.parametrize("grep", ["^ t", "e$", r"\d", "(?i)THE", "[\udc80-\udcff]"])
def test_search(any_tokenizer, grep):
    tokens = token_bytes(any_tokenizer._core)
    report = bpe_tool.search_vocab(any_tokenizer, grep=grep, limit=7)
    found = [
        id
        for id, token in tokens.items()
        if re.search(grep, token.decode("utf-8", "surrogateescape"))
    ]
    assert report.found == len(found)
    assert [token.id for token in report.tokens] == found[:7]


def test_the_command(vocab, tmp_path):
    tokenizer = Tokenizer.load(vocab)
    assert b"Length in bytes" in ok("inspect", "vocab", "-t", vocab)
    value = json.loads(ok("inspect", "vocab", "-t", vocab, "--json"))
    assert value["vocab_size"] == len(tokenizer)
    assert value["schema"] == "bpe_tool.inspect.vocab/1"
    value = json.loads(ok("inspect", "vocab", "-t", vocab, "--find", "wor", "--json"))
    assert value["found"] == sum(b"wor" in token for token in token_bytes(tokenizer._core).values())
    id = tokenizer.token_to_id(b"it")
    shown = ok("inspect", "vocab", "-t", vocab, "--tree", "it")
    assert shown == ok("inspect", "vocab", "-t", vocab, "--id", id)
    assert shown == ok("inspect", "vocab", "-t", vocab, "--tree", f"#{id}")
    fails(3, "inspect", "vocab", "-t", vocab, "--tree", "no such token")
    fails(3, "inspect", "vocab", "-t", vocab, "--id", "99999")
    fails(2, "inspect", "vocab", "-t", vocab, "--grep", "(")
    fails(2, "inspect", "vocab", "-t", vocab, "--grep", "a", "--id", "3")
    fails(2, "inspect", "nothing")


def test_published(vocabs):
    tokenizer = Tokenizer.load(vocabs / "o200k_base.tiktoken", pattern="o200k")
    tokens = plain_tokens(tokenizer)
    report = bpe_tool.inspect_vocab(tokenizer)
    assert report.kinds == Counter(map(kind, tokens.values()))
    assert report.vocab_size == len(tokens) + 2 == 200000
