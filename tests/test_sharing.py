"""One tokenizer in many places: pickles, threads, forks and other processes."""

import copy
import multiprocessing
import os
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import generators
import pytest

from bpe_tool import Tokenizer


@pytest.fixture(scope="module")
def texts() -> list[bytes]:
    return list(generators.byte_strings(seed=101, count=1500))


def encode_all(tokenizer: Tokenizer, texts: list[bytes]) -> list[list[int]]:
    return tokenizer.encode_batch(texts, special="token", threads=2)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_holds_an_equal_tokenizer(tokenizer, texts, protocol):
    other = pickle.loads(pickle.dumps(tokenizer, protocol))
    assert encode_all(other, texts) == encode_all(tokenizer, texts)
    assert other.special_tokens == tokenizer.special_tokens
    assert other.merges == tokenizer.merges
    assert other.pattern == tokenizer.pattern


def test_copies_are_equal(tokenizer, texts, tmp_path):
    tokenizer.save(tmp_path / "v.json")
    loaded = Tokenizer.load(tmp_path / "v.json")
    for other in (copy.copy(tokenizer), copy.deepcopy(tokenizer), loaded):
        assert encode_all(other, texts) == encode_all(tokenizer, texts)
        assert other == tokenizer
        assert len({other, tokenizer}) == 1


def test_what_decides_about_ids_is_compared(tokenizer, tmp_path):
    path = tmp_path / "v.tiktoken"
    tokenizer.save(path)

    def load(pattern: str = "gpt2", special_tokens: object = ("<x>",)) -> Tokenizer:
        return Tokenizer.load(path, pattern=pattern, special_tokens=special_tokens)

    different = [tokenizer, load(), load("cl100k"), load("none"), load(special_tokens=["<y>"])]
    different += [load(special_tokens={"<x>": 9000}), load(special_tokens=["<x>", "<y>"])]
    assert len(set(different)) == len(different)
    assert load() == load()
    assert hash(load()) == hash(load())
    assert tokenizer != "tokenizer"


def test_foreign_rules_survive_pickling(tokenizer, texts, tmp_path):
    path = tmp_path / "v.tiktoken"
    tokenizer.save(path)
    ranked = Tokenizer.load(path, pattern="gpt2", special_tokens={"<x>": 9000})
    other = pickle.loads(pickle.dumps(ranked))
    assert encode_all(other, texts) == encode_all(ranked, texts)
    assert other.special_tokens == {"<x>": 9000}
    assert other == ranked


def test_threads_share_one_tokenizer(tokenizer, texts):
    expected = encode_all(tokenizer, texts)
    with ThreadPoolExecutor(8) as pool:
        for rows in pool.map(lambda _: encode_all(tokenizer, texts), range(24)):
            assert rows == expected


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_other_processes_get_equal_ids(tokenizer, texts, method):
    """A batch is encoded here first, so that a forked child inherits a used tokenizer."""
    expected = encode_all(tokenizer, texts)
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        for rows in pool.map(encode_all, [tokenizer] * 4, [texts] * 4, timeout=60):
            assert rows == expected


def test_a_forked_child_can_go_on_encoding(tokenizer, texts):
    expected = encode_all(tokenizer, texts)
    child = os.fork()
    if child == 0:
        os._exit(0 if encode_all(tokenizer, texts) == expected else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_tokenizer_cannot_be_changed(tokenizer):
    with pytest.raises(AttributeError):
        tokenizer.pattern = "gpt2"
    with pytest.raises(AttributeError):
        tokenizer.merges = []
    tokenizer.special_tokens.clear()
    assert tokenizer.special_tokens
