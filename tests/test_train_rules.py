"""Rules on the tokens that training makes, against the reference."""

import json
from random import Random

import generators
import pytest
from commands import fails, train
from reference import PATTERNS, alphabet_order, count_pretokens, train_with_seeds

import bpe_tool
from bpe_tool import Tokenizer

LETTERS = "aab \n'é中🙂"


def corpus(random: Random) -> list[str]:
    """A corpus in which rules matter: few letters, of one to four bytes."""
    if random.random() < 0.3:
        return generators.micro_corpus(random)
    words = ["".join(random.choices(LETTERS, k=random.randrange(1, 9))) for _ in range(5)]
    return [" ".join(random.choices(words, k=random.randrange(1, 12))) for _ in range(3)]


def drawn(random: Random, documents: list[str]) -> dict[str, object]:
    """Rules drawn at random, with tokens that are likely to come up."""
    text = "".join(documents).encode()

    def tokens(most: int) -> list[bytes]:
        starts = [random.randrange(len(text) or 1) for _ in range(random.randrange(1, most))]
        return [text[at : at + random.randrange(2, 6)] or b"ab" for at in starts]

    rules: dict[str, object] = {
        "min_frequency": random.choice([1, 1, 2, 3]),
        "max_token_bytes": random.choice([None, None, 2, 3, 5]),
        "max_token_chars": random.choice([None, None, 1, 2, 4]),
        "whole_characters": random.random() < 0.4,
    }
    if random.random() < 0.4:
        rules["blocked_tokens"] = tokens(6)
    if random.random() < 0.2:
        rules["allowed_tokens"] = tokens(40)
    return rules


def difference(seed: int) -> str | None:
    """Train on a tiny corpus with options drawn at random; say how the reference differs."""
    random = Random(seed)
    documents = corpus(random)
    rules = drawn(random, documents)
    alphabet = random.choice(["byte", "gpt2"])
    pattern = random.choice(["cl100k", "none", "whitespace"])
    counts = count_pretokens([text.encode() for text in documents], PATTERNS[pattern])
    seeds: list[bytes] = []
    if random.random() < 0.4:
        candidates = [word[: random.randrange(1, 6)] for word in counts]
        split = [count_pretokens([word], PATTERNS[pattern]) for word in candidates]
        blocked = rules.get("blocked_tokens", ())
        whole = [word for word, parts in zip(candidates, split, strict=True) if len(parts) == 1]
        assert isinstance(blocked, list | tuple)
        seeds = [] if blocked else random.sample(whole, min(3, len(whole)))
    expected = train_with_seeds(counts, 40, seeds, alphabet=alphabet, **rules)
    tokenizer = bpe_tool.train_vocab(
        documents, vocab_size=296, pattern=pattern, alphabet=alphabet, seed_tokens=seeds, **rules
    )
    if tokenizer.merges == expected:
        return None
    return f"{seed}: {documents} {rules} {seeds}: {tokenizer.merges} is not {expected}"


def test_rules_drawn_at_random_equal_the_reference():
    assert list(filter(None, map(difference, range(400)))) == []


@pytest.mark.parametrize("alphabet", ["byte", "gpt2"])
def test_seed_tokens_come_in_whatever_their_counts(documents, alphabet):
    seeds = [" zyzzyva", " zyz", "\u4e2d\u6587", b"\xff\xfe", "e", " zyzzyva"]
    tokenizer = bpe_tool.train_vocab(
        documents, vocab_size=600, alphabet=alphabet, seed_tokens=seeds, max_token_bytes=3
    )
    assert len(tokenizer) == 600
    assert all(len(tokenizer.encode(seed)) == 1 for seed in seeds)
    assert tokenizer.token_to_id(b" zyzzyva") in tokenizer.encode("It was zyzzyva zyzzyva")
    assert tokenizer.id_to_bytes(alphabet_order(alphabet).index(101)) == b"e"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"seed_tokens": ["two words"]}, "seed_tokens.*two words.*is not one pretoken"),
        ({"seed_tokens": [""]}, "seed_tokens"),
        ({"seed_tokens": [" abcdef"], "vocab_size": 258}, "seed_tokens.*6 merges.*room for 2"),
        ({"seed_tokens": ["ab"], "blocked_tokens": ["ab"]}, "seed_tokens.*blocked"),
        ({"seed_tokens": ["abc"], "blocked_tokens": ["ab", "bc"]}, "seed_tokens.*blocked"),
        ({"max_token_chars": 0}, "max_token_chars"),
        ({"max_token_chars": 2, "level": "word"}, "max_token_chars.*level"),
        ({"blocked_tokens": ["ab"], "level": "char"}, "blocked_tokens.*level"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused_by_name(options, named):
    with pytest.raises(ValueError, match=named):
        bpe_tool.train_vocab(["some text"], **{"vocab_size": 300, **options})


def test_rules_on_the_command_line_are_recorded(tmp_path):
    (tmp_path / "blocked").write_bytes(b"th\n\\x41\\n\n")
    (tmp_path / "seeds").write_bytes(b" quux\n")
    train(
        "--vocab-size", 300, "--blocked-tokens", tmp_path / "blocked", "--seed-tokens",
        tmp_path / "seeds", "--max-token-chars", 4, "--whole-characters", "-o", tmp_path / "v",
        stdin=b"the thing that this is " * 9,
    )  # fmt: skip
    tokenizer = Tokenizer.load(tmp_path / "v")
    made = [left + right for left, right in tokenizer.merges]
    assert b" quux" in made
    assert b"th" not in made
    assert max(len(token) for token in made if token != b" quux") == 4
    options = json.loads((tmp_path / "v" / "training.json").read_bytes())["options"]
    assert (options["blocked_tokens"], options["seed_tokens"]) == (["A\\n", "th"], [" quux"])
    assert (options["max_token_chars"], options["whole_characters"]) == (4, True)
    assert options["allowed_tokens"] is None


def test_a_list_that_is_damaged_is_named(tmp_path):
    (tmp_path / "list").write_bytes(b"fine\n\\q")
    arguments = ["train-vocab", "--vocab-size", 300, "-o", tmp_path / "v", "--allowed-tokens"]
    assert "line 2" in fails(3, *arguments, tmp_path / "list")
    fails(5, *arguments, tmp_path / "missing")
