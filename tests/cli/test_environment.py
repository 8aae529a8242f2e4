"""Variables of the environment that stand for options, or change what is shown."""

import os

import pytest
from commands import fails, ok, run, train


def of(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in COLOURS}
    return kept | variables


COLOURS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE")


@pytest.fixture(scope="module")
def vocab(tmp_path_factory):
    # A space in the name: the variable holds one path.
    path = tmp_path_factory.mktemp("a folder") / "v.json"
    train("--vocab-size", 258, "-o", path, stdin=b"abab")
    return path


@pytest.mark.parametrize(
    "verb",
    [("encode",), ("decode",), ("count",), ("truncate", "-n", 9), ("chunk", "-n", 9),
     ("inspect", "vocab"), ("inspect", "text")],
)  # fmt: skip
def test_the_vocabulary_may_come_from_the_environment(verb, vocab, tmp_path):
    there = of(BPE_TOOL_TOKENIZER=str(vocab))
    text = b"97 98" if verb == ("decode",) else b"abab"
    if verb == ("inspect", "vocab"):
        text = b""
    assert ok(*verb, stdin=text, env=there) == ok(*verb, "-t", vocab, stdin=text)
    assert "BPE_TOOL_TOKENIZER" in ok(*verb, "-h").decode()
    # What is given counts, and nothing is no value.
    wrong = of(BPE_TOOL_TOKENIZER=str(tmp_path / "none"))
    assert ok(*verb, "-t", vocab, stdin=text, env=wrong) == ok(*verb, stdin=text, env=there)
    assert "Missing option" in fails(2, *verb, stdin=text, env=of(BPE_TOOL_TOKENIZER=""))


def test_the_number_of_threads_may_come_from_the_environment(vocab):
    encode = ("encode", "-t", vocab)
    assert ok(*encode, stdin=b"ab", env=of(BPE_TOOL_THREADS="1")) == ok(*encode, stdin=b"ab")
    assert "BPE_TOOL_THREADS" in fails(2, *encode, stdin=b"ab", env=of(BPE_TOOL_THREADS="many"))


def test_the_environment_is_listed_in_the_help():
    text = ok("-h").decode()
    for name in ("BPE_TOOL_TOKENIZER", "BPE_TOOL_THREADS", "BPE_TOOL_VOCABS", *COLOURS):
        assert name in text


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
    ],
)
def test_colours_in_a_pipe(vocab, variables, coloured, tmp_path):
    environment = of(**variables)
    shown = ok("inspect", "text", "-t", vocab, stdin=b"abab", env=environment)
    assert (b"\x1b[" in shown) == coloured
    steps = ("preprocess", "--lowercase", "--diff")
    shown = ok(*steps, stdin=b"A\n", env=environment)
    assert (b"\x1b[" in shown) == coloured
    # A file has no colours.
    assert run(*steps, "-o", tmp_path / "out", stdin=b"A\n", env=environment).returncode == 0
    assert b"\x1b" not in (tmp_path / "out").read_bytes()
