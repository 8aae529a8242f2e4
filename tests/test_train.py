"""What is learned, against the reference and Hugging Face's trainer."""

import gzip
from collections import Counter
from random import Random

import generators
import pytest
from conftest import SCRIPTS
from peers import hugging_face_merges
from reference import PATTERNS, alphabet_order, count_pretokens, train

import bpe_tool


@pytest.mark.parametrize("alphabet", ["byte", "gpt2"])
@pytest.mark.parametrize("pattern", ["cl100k", "gpt2", "none"])
def test_micro_corpora_equal_the_reference(pattern, alphabet):
    for seed in range(350):
        random = Random(seed)
        documents = generators.micro_corpus(random)
        if seed % 3 == 0:
            at = random.randrange(len(documents[0]) + 1)
            documents[0] = documents[0][:at] + "<s>" + documents[0][at:]
        options = {
            "min_frequency": random.choice([1, 1, 2, 3]),
            "max_token_bytes": random.choice([None, None, 2, 3, 5]),
        }
        counts = count_pretokens([text.encode() for text in documents], PATTERNS[pattern], [b"<s>"])
        expected = train(counts, 25, alphabet=alphabet, **options)
        tokenizer = bpe_tool.train_vocab(
            documents,
            vocab_size=256 + 25 + 1,
            pattern=pattern,
            alphabet=alphabet,
            special_tokens=["<s>"],
            **options,
        )
        assert tokenizer.merges == expected, (seed, documents, options)
        assert len(tokenizer) == 256 + len(expected) + 1


def test_random_bytes_equal_the_reference():
    for seed in range(150):
        documents = [b"".join(generators.byte_strings(seed, 3)) * 2]
        expected = train(count_pretokens(documents, PATTERNS["cl100k"]), 20)
        tokenizer = bpe_tool.train_vocab(documents, vocab_size=276)
        assert tokenizer.merges == expected, seed


@pytest.mark.parametrize("pattern", ["gpt2", "cl100k", "o200k"])
def test_a_megabyte_in_many_scripts_equals_hugging_face(pattern):
    documents = generators.documents(31, 1_000_000, SCRIPTS)
    expected = hugging_face_merges(documents, 8000, PATTERNS[pattern])
    tokenizer = bpe_tool.train_vocab(documents, vocab_size=8000, pattern=pattern, alphabet="gpt2")
    assert tokenizer.merges == expected


def test_the_sample_texts_equal_hugging_face(documents):
    specials = ["<|endoftext|>", "the", "<|end"]
    documents = [document + "<|endoftext|>" for document in documents]
    expected = hugging_face_merges(documents, 6000, PATTERNS["cl100k"], specials, 2)
    tokenizer = bpe_tool.train_vocab(
        documents, vocab_size=6000, alphabet="gpt2", special_tokens=specials, min_frequency=2
    )
    assert tokenizer.merges == expected


def test_ids_follow_the_alphabet_then_the_merges_then_the_special_tokens(tokenizer):
    alphabet = "byte" if tokenizer.id_to_bytes(0) == b"\0" else "gpt2"
    for id, byte in enumerate(alphabet_order(alphabet)):
        assert tokenizer.id_to_bytes(id) == bytes([byte])
    for rank, (left, right) in enumerate(tokenizer.merges):
        assert tokenizer.id_to_bytes(256 + rank) == left + right
    first = 256 + len(tokenizer.merges)
    assert list(tokenizer.special_tokens.values()) == list(range(first, len(tokenizer)))


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_threads_change_nothing(tmp_path, documents, threads):
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    bpe_tool.train_vocab(documents, vocab_size=3000, threads=0).save(one)
    bpe_tool.train_vocab(documents, vocab_size=3000, threads=threads).save(other)
    assert one.read_bytes() == other.read_bytes()


def test_order_sources_and_compression_change_nothing(tmp_path, documents):
    expected = bpe_tool.train_vocab(documents, vocab_size=3000).merges
    shuffled = Random(32).sample(documents, len(documents))
    assert bpe_tool.train_vocab(iter(shuffled), vocab_size=3000).merges == expected
    raw = [text.encode() for text in documents]
    assert bpe_tool.train_vocab(raw, vocab_size=3000).merges == expected

    plain = [tmp_path / f"{at}.txt" for at in range(len(documents))]
    packed = [tmp_path / f"{at}.gz" for at in range(len(documents))]
    for path, gz, text in zip(plain, packed, raw, strict=True):
        path.write_bytes(text)
        gz.write_bytes(gzip.compress(text))
    assert bpe_tool.train_vocab_from_files(plain, vocab_size=3000).merges == expected
    assert bpe_tool.train_vocab_from_files(packed[::-1], vocab_size=3000).merges == expected


def test_special_tokens_are_never_learned():
    documents = ["<|endoftext|>".join(["some words here"] * 50)] * 3
    tokenizer = bpe_tool.train_vocab(documents, vocab_size=400, special_tokens=["<|endoftext|>"])
    learned = [left + right for left, right in tokenizer.merges]
    assert learned
    assert not [token for token in learned if set(token) & set(b"<|>")]
    unprotected = bpe_tool.train_vocab(documents, vocab_size=400)
    assert b"<|" in [left + right for left, right in unprotected.merges]


def test_overlapping_occurrences_count():
    """`aaa` holds two `aa`: 2 x (n - 1) of them beat the `bc` that occurs n times."""
    tokenizer = bpe_tool.train_vocab(["bc " * 3 + "aaa " * 2], vocab_size=257)
    assert tokenizer.merges == [(b"a", b"a")]


def test_ties_go_to_the_smaller_ids():
    documents = ["ba ab"]
    assert bpe_tool.train_vocab(documents, vocab_size=257, pattern="none").merges == [(b" ", b"a")]
    gpt2 = bpe_tool.train_vocab(documents, vocab_size=257, pattern="none", alphabet="gpt2")
    assert gpt2.merges == [(b"a", b"b")], "the space is among the last of this alphabet"


def test_a_corpus_that_is_too_small_gives_a_smaller_vocabulary():
    tokenizer = bpe_tool.train_vocab(["abc"], vocab_size=1000)
    assert tokenizer.merges == [(b"a", b"b"), (b"ab", b"c")]
    assert len(tokenizer) == 258


@pytest.mark.parametrize("documents", [[], [""], ["", b""], ["a"]])
def test_nothing_to_learn(documents):
    tokenizer = bpe_tool.train_vocab(documents, vocab_size=300, special_tokens=["<s>"])
    assert tokenizer.merges == []
    assert tokenizer.special_tokens == {"<s>": 256}
    assert tokenizer.encode("hé") == list("hé".encode())


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"vocab_size": 255}, "256"),
        ({"vocab_size": 256, "special_tokens": ["<s>"]}, "257"),
        ({"vocab_size": -1}, "vocab_size"),
        ({"vocab_size": 2**40}, "vocab_size"),
        ({"vocab_size": 300, "pattern": "("}, "pattern"),
        ({"vocab_size": 300, "alphabet": "ascii"}, "alphabet"),
        ({"vocab_size": 300, "level": "sentence"}, "level"),
        ({"vocab_size": 300, "special_tokens": [""]}, "special"),
        ({"vocab_size": 300, "special_tokens": ["a"]}, "special"),
        ({"vocab_size": 300, "special_tokens": ["<s>", "<s>"]}, "special"),
        ({"vocab_size": 300, "min_frequency": -1}, "min_frequency"),
        ({"vocab_size": 300, "max_token_bytes": 0}, "max_token_bytes"),
    ],
)
def test_impossible_options_are_refused_by_name(options, named):
    with pytest.raises((ValueError, OverflowError), match=named):
        bpe_tool.train_vocab(["some text"], **options)


def test_special_tokens_must_be_a_sequence_of_texts():
    with pytest.raises(TypeError):
        bpe_tool.train_vocab(["some text"], vocab_size=300, special_tokens="<s>")
    with pytest.raises(TypeError):
        bpe_tool.train_vocab("one text", vocab_size=300)


def test_progress_is_reported(documents, corpora):
    calls: list[tuple[str, int, int | None]] = []
    bpe_tool.train_vocab_from_files(
        corpora, vocab_size=3000, on_progress=lambda *call: calls.append(call)
    )
    assert {phase for phase, _, _ in calls} <= {"read", "merge"}
    reads = [(done, total) for phase, done, total in calls if phase == "read"]
    size = sum(path.stat().st_size for path in corpora)
    assert reads[-1] == (size, size)
    assert reads == sorted(reads)
    assert all(total is None or 0 <= done <= total for _, done, total in calls)


def test_an_error_in_progress_stops_the_training(corpora):
    def stop(*call: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bpe_tool.train_vocab_from_files(corpora, vocab_size=30_000, on_progress=stop)


def units(documents: list[str], level: str) -> Counter[bytes]:
    if level == "char":
        return Counter(character.encode() for text in documents for character in text)
    return count_pretokens([text.encode() for text in documents], PATTERNS["whitespace"])


@pytest.mark.parametrize("level", ["char", "word"])
def test_levels_char_and_word_keep_the_most_frequent_units(level):
    documents = generators.documents(33, 20_000, ["ascii", "han", "thai"])
    tokenizer = bpe_tool.train_vocab(documents, vocab_size=300, level=level, special_tokens=["<s>"])
    counts = units(documents, level)
    kept = sorted(counts, key=lambda unit: (-counts[unit], unit))[:298]
    assert [tokenizer.id_to_bytes(id) for id in range(300)] == [b"[UNK]", *kept, b"<s>"]
    assert tokenizer.encode("\U000104a0") == [0]
