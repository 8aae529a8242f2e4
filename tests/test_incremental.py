"""Streams give the same ids and text however they are cut."""

import os
import signal
import threading
from random import Random

import generators
import pytest
from conftest import SPECIAL_TOKENS

import bpe_tool
from bpe_tool import StreamDecoder, StreamEncoder, train_vocab

PATTERNS = ["gpt2", "cl100k", "o200k", "qwen2", "deepseek-v3", "whitespace", "none"]
CUSTOM = [r"a+|\s+(?!\S)", r"\p{L}+(?=\s)|.", r"(?:ab){2,3}", r"[^\n]+\n?"]
#: Only for files that hold no pattern: no tokenizer.json can say it.
UNWRITABLE = r"(\p{L})\1+"


@pytest.fixture(scope="module", params=[*PATTERNS, *CUSTOM, UNWRITABLE])
def streamed(request, documents, tmp_path_factory) -> bpe_tool.Tokenizer:
    if request.param != UNWRITABLE:
        return train_vocab(
            documents, vocab_size=700, pattern=request.param, special_tokens=SPECIAL_TOKENS
        )
    path = tmp_path_factory.mktemp("unwritable") / "merges.txt"
    train_vocab(documents, vocab_size=700).save(path)
    return bpe_tool.Tokenizer.load(path, pattern=UNWRITABLE, special_tokens=SPECIAL_TOKENS)


def cut(random: Random, text: bytes) -> list[bytes]:
    """Pieces of any size, most of them small; some empty."""
    pieces, at = [], 0
    while at < len(text):
        size = random.choice([0, 1, 1, 2, 3, 5, 17, 100])
        pieces.append(text[at : at + size])
        at += size
    return pieces


def encode_stream(tokenizer, pieces, special: str) -> list[int]:
    encoder = StreamEncoder(tokenizer, special=special)
    ids = [id for piece in pieces for id in encoder.feed(piece)]
    return ids + encoder.finish()


@pytest.mark.parametrize("special", ["text", "token"])
def test_every_cut_gives_the_same_ids(streamed, special):
    random = Random(51)
    for at, text in enumerate(generators.byte_strings(seed=52, count=1200)):
        if at % 4 == 0:
            text += random.choice(SPECIAL_TOKENS).encode() + text
        expected = streamed.encode(text, special=special)
        pieces = cut(random, text)
        assert encode_stream(streamed, pieces, special) == expected, pieces


def test_byte_by_byte(streamed):
    for text in generators.byte_strings(seed=53, count=200):
        pieces = [text[at : at + 1] for at in range(len(text))]
        assert encode_stream(streamed, pieces, "token") == streamed.encode(text, special="token")


def test_text_may_come_as_str(streamed):
    random = Random(54)
    for text in generators.texts(seed=55, count=200):
        at = random.randint(0, len(text))
        assert encode_stream(streamed, [text[:at], text[at:]], "text") == streamed.encode(text)


def test_a_long_text_is_not_held_back(tokenizer):
    encoder = StreamEncoder(tokenizer)
    text = "The quick brown fox jumps over the lazy dog. " * 2000
    early = encoder.feed(text)
    assert early + encoder.finish() == tokenizer.encode(text)
    assert len(early) > 0.9 * len(tokenizer.encode(text))


def test_a_special_token_in_a_stream_is_refused_on_request(tokenizer):
    encoder = StreamEncoder(tokenizer, special="error")
    encoder.feed("fine <|endof")
    with pytest.raises(ValueError, match="endoftext"):
        encoder.feed("text|>")
        encoder.finish()


#: More than is encoded on the calling thread.
LONG = "The quick brown fox jumps over the lazy dog. " * 20_000


def test_after_an_error_another_text_may_follow(tokenizer):
    encoder = StreamEncoder(tokenizer, special="error")
    for bad in ("<|endoftext|>", LONG + "<|endoftext|>" + LONG):
        encoder.feed("some wo")
        with pytest.raises(ValueError, match="endoftext"):
            encoder.feed(bad)
            encoder.finish()
        assert encoder.feed("other words") + encoder.finish() == tokenizer.encode("other words")


def test_after_an_interrupt_another_text_may_follow(tokenizer):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    encoder = StreamEncoder(tokenizer)
    text = LONG * 50
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            for _ in range(100_000):
                encoder.feed(text)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert encoder.feed("other words") + encoder.finish() == tokenizer.encode("other words")


@pytest.mark.parametrize("bad", [False, True])
def test_a_forked_child_goes_on_with_a_stream(tokenizer, bad):
    encoder = StreamEncoder(tokenizer, special="error")
    if bad:
        with pytest.raises(ValueError, match="endoftext"):
            encoder.feed(LONG + "<|endoftext|>" + LONG)
    else:
        encoder.feed(LONG)
        encoder.finish()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        same = encoder.feed(LONG) + encoder.finish() == tokenizer.encode(LONG)
        del encoder
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_decoding_never_splits_a_character(tokenizer):
    random = Random(56)
    for text in generators.byte_strings(seed=57, count=2000):
        ids = tokenizer.encode(text)
        whole = tokenizer.decode(ids)
        decoder = StreamDecoder(tokenizer)
        out, at = "", 0
        while at < len(ids):
            size = random.randint(1, 4)
            out += decoder.feed(ids[at : at + size])
            at += size
            assert whole.startswith(out)
        assert out + decoder.finish() == whole


def test_decoding_any_ids_at_all(tokenizer):
    random = Random(58)
    for _ in range(2000):
        ids = [random.randrange(len(tokenizer)) for _ in range(random.randint(1, 12))]
        for errors in ("replace", "ignore"):
            decoder = StreamDecoder(tokenizer, errors=errors)
            out = "".join(decoder.feed([id]) for id in ids) + decoder.finish()
            assert out == tokenizer.decode(ids, errors=errors)


def test_decoding_holds_back_no_more_than_an_unfinished_character(tokenizer):
    decoder = StreamDecoder(tokenizer)
    text = "naïve 中文 😀 text"
    for character in text:
        raw = character.encode()
        out = "".join(decoder.feed(tokenizer.encode(raw[at : at + 1])) for at in range(len(raw)))
        assert out == character
    assert decoder.finish() == ""


def test_strict_decoding_refuses_broken_text(tokenizer):
    decoder = StreamDecoder(tokenizer, errors="strict")
    with pytest.raises(UnicodeDecodeError):
        decoder.feed(tokenizer.encode(b"a\xffb"))
    decoder = StreamDecoder(tokenizer, errors="strict")
    decoder.feed(tokenizer.encode(b"\xe4\xb8"))
    with pytest.raises(UnicodeDecodeError):
        decoder.finish()


def test_an_encoder_belongs_to_one_thread_at_a_time(tokenizer):
    encoder = bpe_tool.StreamEncoder(tokenizer)
    caught: list[Exception] = []
    piece = "some text of words " * 20_000

    def work() -> None:
        for _ in range(5):
            try:
                encoder.feed(piece)
            except Exception as error:
                caught.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {type(error) for error in caught} <= {bpe_tool.ArgumentError}
    assert all("in use in another thread" in str(error) for error in caught)
    encoder.finish()
    assert encoder.feed("a b") + encoder.finish() == tokenizer.encode("a b")


def test_an_encoder_that_is_at_work_says_so(tokenizer):
    encoder = bpe_tool.StreamEncoder(tokenizer)
    with encoder._alone, pytest.raises(bpe_tool.ArgumentError, match="in use in another thread"):
        encoder.feed("a")
    assert encoder.feed("a b") + encoder.finish() == tokenizer.encode("a b")
