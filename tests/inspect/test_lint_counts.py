"""`inspect lint --counts`: a vocabulary's merges are replayed against counts."""

import json
from pathlib import Path

import pytest
from commands import ok, run

import bpe_tool
from bpe_tool import Counts, Tokenizer
from bpe_tool.errors import ArgumentError
from bpe_tool.inspect.lint import Finding

TEXTS = ["low lower lowest newest widest", "aaaa aaa low"] * 3


def of_merges(merges: list[str], tmp_path: Path) -> Tokenizer:
    """A vocabulary with the given merges, as another trainer may have learned them."""
    made = bpe_tool.train_vocab([""], vocab_size=256, pattern="gpt2", alphabet="gpt2")
    made.save(tmp_path / "own.json")
    file = json.loads((tmp_path / "own.json").read_bytes())
    for merge in merges:
        file["model"]["vocab"][merge.replace(" ", "")] = len(file["model"]["vocab"])
        file["model"]["merges"].append(merge.split(" "))
    (tmp_path / "tokenizer.json").write_text(json.dumps(file))
    return Tokenizer.load(tmp_path / "tokenizer.json")


def checks(tokenizer: Tokenizer, counts: Counts) -> dict[str, Finding]:
    return {each.check: each for each in bpe_tool.inspect_lint(tokenizer, counts).findings}


@pytest.mark.parametrize("alphabet", ["byte", "gpt2"])
def test_our_own_are_without_fault(alphabet):
    tokenizer = bpe_tool.train_vocab(TEXTS, vocab_size=280, alphabet=alphabet)
    found = checks(tokenizer, Counts.count(TEXTS))
    assert not found.keys() & {"never-occurs", "not-most-frequent", "wrapped"}


def test_faults_of_others_are_named(tmp_path):
    counts = Counts.count(TEXTS, pattern="gpt2")
    found = checks(of_merges(["l o", "lo w", "x y", "e s"], tmp_path), counts)
    assert found["never-occurs"].merges == ((b"x", b"y"),)
    assert "the merge 2" in found["never-occurs"].message
    assert found["not-most-frequent"].count >= 1
    assert "wrapped" not in found
    # Only the order of merges is at fault: each occurs when its turn comes.
    assert found["never-occurs"].count == 1


def test_counts_beyond_32_bits_are_seen(tmp_path):
    counts = Counts.count(["ab ab ab cd"], pattern="gpt2")
    many = Counts.merge([counts], [2**31])
    found = checks(of_merges(["c d"], tmp_path), many)
    assert found["wrapped"].count == 1
    assert f"{3 * 2**31:,}" in found["not-most-frequent"].message


def test_other_counts_are_refused(tmp_path):
    tokenizer = of_merges(["a b"], tmp_path)
    with pytest.raises(ArgumentError, match="has the pattern 'gpt2'"):
        bpe_tool.inspect_lint(tokenizer, Counts.count(["a"]))
    words = bpe_tool.train_vocab(["a b"], vocab_size=9, level="word")
    with pytest.raises(ArgumentError, match="only byte-level"):
        bpe_tool.inspect_lint(words, Counts.count(["a b"], level="word"))


def test_the_command(tmp_path):
    of_merges(["x y"], tmp_path)
    Counts.count(TEXTS, pattern="gpt2").save(tmp_path / "c")
    shown = ok("inspect", "lint", "-t", tmp_path / "tokenizer.json", "--counts", tmp_path / "c")
    assert b"never-occurs" in shown
    lint = ["inspect", "lint", "-t", tmp_path / "tokenizer.json", "--counts", tmp_path / "c"]
    assert run(*lint, "--strict").returncode == 1


def test_tokens_that_are_only_parts_of_others_are_named():
    counts = Counts.count(["banana " * 200 + "bandana ban"])
    tokenizer = bpe_tool.train_vocab(["banana " * 200 + "bandana ban"], vocab_size=264)
    residue = checks(tokenizer, counts)["residue"]
    made = {left + right: 0 for left, right in tokenizer.merges}
    kept = dict(made)
    for pretoken, count in counts:
        for id in tokenizer.encode(pretoken):
            kept[tokenizer.id_to_bytes(id)] = kept.get(tokenizer.id_to_bytes(id), 0) + count
    for left, right in reversed(tokenizer.merges):
        made[left + right] += kept[left + right]
        for part in (left, right):
            made[part] = made.get(part, 0) + made[left + right]
    rare = {token for token, n in kept.items() if len(token) > 1 and n < 0.01 * made[token]}
    assert {each.raw for each in residue.tokens} == rare
    assert residue.count == len(rare) > 0
    assert residue.severity == "note"


@pytest.mark.parametrize("superwords", [256, 262, 270])
def test_superwords_are_without_fault(superwords):
    texts = ["it is as it is, as far as it goes", "as it is as low as it goes on the day"] * 5
    counts = Counts.count(texts, pattern="cl100k-superwords")
    tokenizer = bpe_tool.train_vocab(texts, vocab_size=310, superwords=superwords)
    found = checks(tokenizer, counts)
    assert not found.keys() & {"never-occurs", "not-most-frequent", "wrapped"}
