"""Superwords: tokens of several words, learned in a second stage, against the reference."""

import json
from random import Random

import pytest
from commands import fails, train
from reference import train_with_superwords
from tokenizers import Tokenizer as HuggingFace

import bpe_tool
from bpe_tool import Counts, Tokenizer

PATTERNS = ["gpt2", "cl100k", "o200k", "llama3", "qwen2", "qwen3.5", "tekken"]
PIECES = [
    " ",
    " ",
    " ",
    " ",
    "  ",
    "\n",
    ", ",
    "'",
    "\u2019",
    "\u0301",
    "1",
    "\t",
    ".\r\n",
    "-",
    "<|x|>",
]


def corpus(random: Random) -> list[str]:
    """Documents of few words, so that the same ones meet often."""
    letters = random.choice(["ab", "abcé", "aB\u4e2d"])
    words = ["".join(random.choices(letters, k=random.randrange(1, 4))) for _ in range(4)]
    documents = []
    for _ in range(random.randrange(1, 5)):
        pieces = [random.choice(words) + random.choice(PIECES) for _ in range(random.randrange(20))]
        documents.append("".join(pieces))
    return documents


def difference(seed: int) -> str | None:
    """Train on a tiny corpus with options drawn at random; say how the reference differs."""
    random = Random(seed)
    documents = corpus(random)
    pattern = random.choice(PATTERNS)
    rules = {
        "alphabet": random.choice(["byte", "gpt2"]),
        "min_frequency": random.choice([1, 1, 2]),
        "max_token_bytes": random.choice([None, None, 6]),
        "whole_characters": random.random() < 0.3,
    }
    words, merges = random.choice([*range(12), 40]), 40
    specials = ["<|x|>"] if random.random() < 0.5 else []
    expected = train_with_superwords(
        [text.encode() for text in documents], merges, words, pattern,
        specials=[text.encode() for text in specials], **rules,
    )  # fmt: skip
    fixed = 256 + len(specials)
    tokenizer = bpe_tool.train_vocab(
        documents, vocab_size=fixed + merges, superwords=fixed + words, pattern=pattern,
        special_tokens=specials, **rules,
    )  # fmt: skip
    if tokenizer.merges != expected:
        return f"{seed}: {documents} {rules}: {tokenizer.merges} is not {expected}"
    return None


def test_superwords_equal_the_reference():
    assert list(filter(None, map(difference, range(300)))) == []


@pytest.fixture(scope="module")
def text():
    """A text in which phrases recur."""
    random = Random(5)
    phrases = [
        "of the",
        "it's",
        "as well as",
        "I don't know",
        "one by one",
        "in 1999,",
        "\u4e2d\u6587 and",
    ]
    words = ["river", "House", "caf\u00e9", "x", "green-ish", "42", "(see", "end).\n", "so  what"]
    return " ".join(random.choices(phrases + words, k=4000))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_file_means_the_same_to_hugging_face(pattern, text, tmp_path):
    path = tmp_path / "tokenizer.json"
    tokenizer = bpe_tool.train_vocab([text], vocab_size=420, superwords=330, pattern=pattern)
    tokenizer.save(path)
    theirs = HuggingFace.from_file(str(path))
    other = (
        text[::-1]
        + "  \n of the\tof the of\u00a0the \u2019tis o\u2019clock e\u0301 le cafe\u0301 x"
    )
    for each in (text, other):
        assert theirs.encode(each, add_special_tokens=False).ids == tokenizer.encode(each)
    assert Tokenizer.load(path).pattern == tokenizer.pattern == f"{pattern}-superwords"
    made = [left + right for left, right in tokenizer.merges]
    assert [token for token in made if b" " in token.strip()]
    assert tokenizer.decode(tokenizer.encode(other)) == other


def test_merges_before_superwords_are_those_of_training_without(text):
    with_superwords = bpe_tool.train_vocab([text], vocab_size=400, superwords=320)
    without = bpe_tool.train_vocab([text], vocab_size=320)
    assert with_superwords.merges[:64] == without.merges
    # As large as the vocabulary, the second stage has no merges.
    none = bpe_tool.train_vocab([text], vocab_size=320, superwords=320)
    assert none.merges == without.merges


def test_a_superword_has_at_most_four_words_on_one_line():
    text = "one two three four five six\nseven, eight 9 ten " * 50
    tokenizer = bpe_tool.train_vocab([text], vocab_size=400, superwords=300)
    made = [left + right for left, right in tokenizer.merges]
    assert max(token.strip().count(b" ") for token in made) == 3
    assert not [token for token in made if b" " in token.strip() and set(token) & set(b"\n,9")]


def test_counts_with_superwords_train_as_the_texts_do(text):
    texts = [text, text[:999]]
    counts = Counts.count(texts[:1], pattern="o200k-superwords")
    counts += Counts.count(texts[1:], pattern="o200k-superwords")
    options = {"vocab_size": 400, "superwords": 320}
    expected = bpe_tool.train_vocab(texts, pattern="o200k", **options)
    assert counts.train_vocab(**options).merges == expected.merges
    with pytest.raises(ValueError, match="counts were made with 'o200k'"):
        Counts.count(texts, pattern="o200k").train_vocab(**options)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"superwords": 255}, "superwords.*from 256 to the number of tokens, 300"),
        ({"superwords": 301}, "superwords.*from 256 to the number of tokens, 300"),
        ({"superwords": 290, "pattern": "deepseek-v3"}, "superwords.*cannot join.*deepseek-v3"),
        ({"superwords": 290, "pattern": "[a-z]+"}, "superwords.*cannot join"),
        ({"superwords": 290, "level": "word"}, "superwords.*level"),
    ],
)
def test_superwords_that_cannot_be_are_refused_by_name(options, named):
    with pytest.raises(ValueError, match=named):
        bpe_tool.train_vocab(["some text"], **{"vocab_size": 300, **options})


def test_a_vocabulary_that_is_extended_gets_no_superwords(text):
    init = bpe_tool.train_vocab([text], vocab_size=300)
    with pytest.raises(ValueError, match=r"superwords.*extended keeps its pattern"):
        bpe_tool.train_vocab([text], vocab_size=400, superwords=350, init=init)


def test_the_command_writes_all_sizes_and_says_what_superwords_save(text, tmp_path):
    arguments = (
        "--superwords",
        "300",
        "--merges-tsv",
        tmp_path / "merges.tsv",
        "-o",
        tmp_path / "v",
    )
    said = train("--vocab-size", "340,400", *arguments, stdin=text.encode())
    (notice,) = (line for line in said.splitlines() if "without superwords" in line)
    with_superwords, without = (float(word) for word in notice.split() if "." in word)
    assert with_superwords > without
    small, large = (Tokenizer.load(tmp_path / "v" / size) for size in ("340", "400"))
    assert small.merges == large.merges[:84]
    options = json.loads((tmp_path / "v" / "400" / "training.json").read_bytes())["options"]
    assert (options["superwords"], options["pattern"]) == (300, "cl100k-superwords")
    table = (tmp_path / "merges.tsv").read_text().splitlines()
    assert len(table) == 1 + 144
    arguments = ("--vocab-size", "280,400", "--superwords", "300", "-o", tmp_path / "w")
    assert "superwords" in fails(2, "train-vocab", *arguments, stdin=text.encode())
