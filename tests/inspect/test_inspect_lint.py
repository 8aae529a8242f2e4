"""`inspect lint`: what it says is never made is indeed never made."""

import base64
import json

import generators
import pytest
from commands import fails, ok, run
from conftest import token_ids

import bpe_tool
from bpe_tool import Tokenizer, _core
from bpe_tool.inspect import lint
from bpe_tool.vocab.files import tokens as token_bytes

BYTES = [bytes([byte]) for byte in range(256)]


def tiktoken(*tokens: bytes, pattern: str = "none", specials=(), ids=()) -> Tokenizer:
    every = [*BYTES, *tokens]
    numbers = [*range(256), *(ids or range(256, len(every)))]
    lines = [
        base64.b64encode(token) + b" %d\n" % id for token, id in zip(every, numbers, strict=True)
    ]
    return Tokenizer(_core.Tokenizer.from_tiktoken(b"".join(lines), pattern, list(specials)))


def listed(tmp_path, tokens: list[str], merges: list[str]) -> Tokenizer:
    """A vocabulary whose merges are listed, of characters that stand for themselves."""
    base = bpe_tool.train_vocab([], vocab_size=256, alphabet="gpt2", pattern="none")
    base.save(tmp_path / "merges.txt")
    vocab = json.loads((tmp_path / "vocab.json").read_bytes())
    vocab |= {token: 256 + at for at, token in enumerate(tokens)}
    (tmp_path / "vocab.json").write_text(json.dumps(vocab))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    return Tokenizer.load(tmp_path / "vocab.json", pattern="none")


def found(tokenizer: Tokenizer) -> dict[str, object]:
    return {finding.check: finding for finding in bpe_tool.inspect_lint(tokenizer).findings}


def test_a_trained_vocabulary_is_clean(tokenizer):
    report = bpe_tool.inspect_lint(tokenizer)
    tokens = token_ids(tokenizer)
    # By brute force: every token alone, or after a space, becomes itself.
    never = [
        id
        for token, id in tokens.items()
        if id not in tokenizer.encode(token) and id not in tokenizer.encode(b" " + token)
    ]
    unreached = [finding for finding in report.findings if finding.check.startswith("unreach")]
    assert sum(finding.count for finding in unreached) <= len(never)
    assert {token.id for finding in unreached for token in finding.tokens} <= set(never)
    assert not [finding for finding in report.findings if finding.severity == "error"]


def test_unreachable_tokens(tmp_path):
    # "ab" takes the b away before "bc" can be made; "xyz" has no merge at all.
    tokenizer = listed(tmp_path, ["ab", "bc", "abc", "xyz"], ["a b", "b c", "a bc"])
    findings = found(tokenizer)
    unreachable = findings["unreachable"]
    assert [token.raw for token in unreachable.tokens] == [b"abc", b"xyz"]
    assert unreachable.severity == "error"
    assert findings["dead-merge"].count == 1
    assert findings["dead-merge"].merges == ((b"a", b"bc"),)
    texts = [*generators.texts_from_tokens(7, 3000, list(token_ids(tokenizer)))]
    met = {id for row in tokenizer.encode_batch(texts) for id in row}
    assert not met & {token.id for token in unreachable.tokens}
    assert {256, 257} <= met


def test_tokens_that_are_looked_up_whole():
    findings = found(tiktoken(b"xyz", b"qqq"))
    assert [token.raw for token in findings["no-merge"].tokens] == [b"xyz", b"qqq"]
    assert "unreachable" not in findings
    # The pattern never leaves a letter and a number together.
    findings = found(tiktoken(b"a1", b"bcd", pattern="gpt2"))
    assert [token.raw for token in findings["unreached"].tokens] == [b"a1"]


def test_parts_of_characters_are_tried_with_what_completes_them():
    """The end of a character with a letter behind, which alone are two pretokens."""
    tokenizer = tiktoken(b"\xa0a", "\xa0a".encode(), pattern="cl100k")
    assert "unreached" not in found(tiktoken(b"\xa0a", pattern="cl100k"))
    assert b"\xa0a" not in [
        token.raw for token in getattr(found(tokenizer).get("unreached"), "tokens", ())
    ]


def test_ids():
    findings = found(tiktoken(b"ab", ids=[70_000]))
    assert findings["id-gap"].count == 70_001 - 257
    assert findings["wide-id"].severity == "warning"
    assert bpe_tool.inspect_lint(tiktoken(b"ab", ids=[65_535])).dtype == "uint16"
    assert "wide-id" not in found(tiktoken(b"ab", ids=[65_535]))
    assert bpe_tool.inspect_lint(tiktoken(b"ab", ids=[65_536])).dtype == "uint32"


def test_special_tokens_of_ordinary_text():
    findings = found(tiktoken(specials=[("user", None), ("<s>", None), ("a b", None)]))
    assert [token.raw for token in findings["plain-special"].tokens] == [b"user", b"a b"]


def test_round_trip(documents, tmp_path):
    words = bpe_tool.train_vocab(["some words here"], vocab_size=8, level="word")
    assert "round-trip" not in found(words)
    base = json.loads((saved(tiktoken("e\u0301".encode()), tmp_path)).read_bytes())
    base["normalizer"] = {"type": "NFC"}
    (tmp_path / "nfc.json").write_text(json.dumps(base))
    # What a normalizer does to every text is no error.
    report = bpe_tool.inspect_lint(Tokenizer.load(tmp_path / "nfc.json"))
    findings = {finding.check: finding for finding in report.findings}
    assert [token.raw for token in findings["normalized"].tokens] == ["e\u0301".encode()]
    assert findings["normalized"].severity == "note"
    assert "round-trip" not in findings


def saved(tokenizer: Tokenizer, folder):
    tokenizer.save(folder / "a.json")
    return folder / "a.json"


def test_new_characters():
    findings = found(tiktoken("\U0004e50a".encode(), "\ufffe".encode()))
    assert [token.raw for token in findings["new-character"].tokens] == ["\U0004e50a".encode()]


def test_the_command(vocab, tmp_path):
    assert b"clean" in ok("inspect", "lint", "-t", vocab, "--strict")
    tiktoken(b"a1", pattern="none").save(tmp_path / "a.tiktoken")
    bad = ["inspect", "lint", "-t", tmp_path / "a.tiktoken", "--pattern", "gpt2"]
    value = json.loads(ok(*bad, "--json"))
    assert not value["clean"]
    assert {finding["check"] for finding in value["findings"]} == {"unreached"}
    done = run(*bad, "--strict")
    assert (done.returncode, done.stderr) == (1, b"")


def test_tokens_that_are_added_or_special_and_ordinary(tmp_path):
    tokenizer = bpe_tool.train_vocab(["some words and more words"], vocab_size=270)
    tokenizer.save(tmp_path / "a.json")
    file = json.loads((tmp_path / "a.json").read_bytes())
    word, id = next(
        (t.decode(), id) for t, id in token_ids(tokenizer).items() if t.isalpha() and len(t) > 1
    )
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    file["added_tokens"] += [
        {"id": id, "content": word, "special": True, **plain},
        {"id": len(tokenizer), "content": "wow", "special": False, **plain},
    ]
    file["added_tokens"].sort(key=lambda token: token["id"])
    (tmp_path / "b.json").write_text(json.dumps(file))
    changed = Tokenizer.load(tmp_path / "b.json")
    assert changed.encode(word, special="text") == [id]
    findings = found(changed)
    assert [token.id for token in findings["reachable-special"].tokens] == [id]
    assert [token.raw for token in findings["added"].tokens] == [b"wow"]
    assert not {"reachable-special", "added"} & found(tokenizer).keys()


def test_merges_of_no_tokens_are_refused_with_their_place(tmp_path):
    tokenizer = bpe_tool.train_vocab(["some words and more words"], vocab_size=270)
    tokenizer.save(tmp_path / "a.json")
    file = json.loads((tmp_path / "a.json").read_bytes())
    file["model"]["merges"].append(["zz", "zz"])
    (tmp_path / "a.json").write_text(json.dumps(file))
    assert "byte" in fails(4, "inspect", "lint", "-t", tmp_path / "a.json")


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("gpt2_vocab.json", "gpt2"),
        ("cl100k_base.tiktoken", "cl100k"),
        ("o200k_base.tiktoken", "o200k"),
    ],
)
def test_published(name, pattern, vocabs, monkeypatch):
    """By brute force: tokens that are not found in their own text, alone or after a space."""
    monkeypatch.setattr(lint, "NAMED", 10**6)
    specials = ["<|endoftext|>"] if pattern == "gpt2" else []
    tokenizer = Tokenizer.load(vocabs / name, pattern=pattern, special_tokens=specials)
    tokens = token_bytes(tokenizer._core)
    plain = {
        id: token for id, token in tokens.items() if id not in tokenizer.special_tokens.values()
    }
    alone = tokenizer.encode_batch(list(plain.values()))
    spaced = tokenizer.encode_batch([b" " + token for token in plain.values()])
    never = {
        id
        for id, one, two in zip(plain, alone, spaced, strict=True)
        if id not in one and id not in two
    }
    findings = found(tokenizer)
    checks = [
        findings[name] for name in ("unreachable", "unreached", "inside-only") if name in findings
    ]
    assert {token.id for each in checks for token in each.tokens} == never
    # What is said to be unreached is in no text of its kind either.
    missed = {token.id for each in checks if each.check != "inside-only" for token in each.tokens}
    texts = [*generators.texts_from_tokens(11, 3000, list(plain.values()))]
    assert not missed & {id for row in tokenizer.encode_batch(texts) for id in row}


@pytest.mark.parametrize("whole", [False, True])
def test_special_tokens_that_no_text_becomes_are_not_tried(monkeypatch, tmp_path, whole):
    """Each trial is of a thousand texts, and some vocabularies have 100,000 of them."""
    names = [f"<|{number}|>" for number in range(50)]
    base = bpe_tool.train_vocab(["some words"], vocab_size=310, special_tokens=names)
    base.save(tmp_path / "a.json")
    file = json.loads((tmp_path / "a.json").read_bytes())
    file["model"]["ignore_merges"] = whole
    for name in names:
        file["model"]["vocab"].pop(name, None)
    (tmp_path / "b.json").write_text(json.dumps(file))
    tried = []
    monkeypatch.setattr(lint, "_met", lambda vocab, index: tried.append(index))
    tokenizer = Tokenizer.load(tmp_path / "b.json")
    assert "reachable-special" not in found(tokenizer)
    assert len(tokenizer.special_tokens) == 50
    assert not tried
