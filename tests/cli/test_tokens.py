"""Tokens as a command line names them: one syntax for every option that takes a token."""

import pytest
from commands import fails, ok

import bpe_tool
from bpe_tool.cli.tokens import marker_ids, special_token_id, template_of, token_id
from bpe_tool.errors import ArgumentError, DataError

SPECIALS = ["<s>", "77", "#8"]


@pytest.fixture(scope="module")
def tokenizer() -> bpe_tool.Tokenizer:
    return bpe_tool.train_vocab(["low lower lowest"] * 9, vocab_size=265, special_tokens=SPECIALS)


@pytest.fixture(scope="module")
def core(tokenizer):
    return tokenizer._core


def test_a_special_token_is_named_by_text_or_id(core):
    specials = core.special_tokens
    for text in SPECIALS:
        # A text comes before an id.
        assert special_token_id("bos", text, core) == specials[text]
        assert special_token_id("bos", text, None, specials) == specials[text]
    for given in ("#9", "9", "#0", "0"):
        assert special_token_id("bos", given, core) == int(given.removeprefix("#"))
        assert special_token_id("bos", given, None) == int(given.removeprefix("#"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("nope", "'nope' is not a special token"),
        ("", "'' is not a special token"),
        ("#", "'#' is not a special token"),
        ("##9", "'##9' is not a special token"),
        ("-1", "'-1' is not a special token"),
        ("\u0663", "is not a special token"),
        ("#265", "id 265 is not in the vocabulary"),
        ("99999", "id 99999 is not in the vocabulary"),
        ("#4294967296", "4294967296 is above 4294967295"),
        ("9" * 5000, "is above 4294967295"),
    ],
)
def test_what_is_no_special_token_is_refused(core, given: str, said: str):
    with pytest.raises(ArgumentError) as caught:
        special_token_id("bos", given, core)
    assert caught.value.parameter == "bos"
    assert said in str(caught.value)
    if "265" not in said and "99999" not in said:
        with pytest.raises(ArgumentError):
            special_token_id("bos", given, None)


def test_any_token_is_named_by_text_or_id(core):
    assert token_id(core, "l") == ord("l")
    assert token_id(core, "#108") == 108
    assert token_id(core, "<s>") == core.special_tokens["<s>"]
    # A bare number is a text here.
    assert token_id(core, "9") == ord("9")
    with pytest.raises(DataError):
        token_id(core, "108")


def test_a_marker_may_be_any_text(core):
    assert marker_ids("prompt_end", "#9", core, {}) == (9,)
    assert marker_ids("prompt_end", "<s>", core, {}) == (core.special_tokens["<s>"],)
    assert marker_ids("prompt_end", "xy<s>", core, {}) == (*b"xy", core.special_tokens["<s>"])
    for given in ("", "#999", "999"):
        with pytest.raises(ArgumentError):
            marker_ids("prompt_end", given, core, {})
    with pytest.raises(ArgumentError, match="there is no vocabulary to look it up in"):
        marker_ids("prompt_end", "xy", None, {})


def test_ids_around_records_are_of_tokens_or_of_the_own_template(core):
    made = template_of(core, "<s>", "#9", False)
    assert (made.before, made.after) == ([core.special_tokens["<s>"]], [9])
    with pytest.raises(ArgumentError, match="already says"):
        template_of(core, "<s>", None, True)
    with pytest.raises(ArgumentError, match="no template"):
        template_of(core, None, None, True)


def test_all_verbs_take_the_same_tokens(tokenizer, tmp_path):
    vocab = tmp_path / "v.json"
    tokenizer.save(vocab)
    bos = tokenizer.special_tokens["<s>"]
    for given in ("<s>", f"#{bos}", f"{bos}"):
        assert ok("encode", "-t", vocab, "--bos", given, stdin=b"a\n") == b"%d 97\n" % bos
        assert ok("decode", "-t", vocab, "--bos", given, stdin=b"%d 97\n" % bos) == b"a\n"
        made = ok("batch", "-t", vocab, "--pad", "0", "--bos", given, stdin=b"97\n")
        assert b"[[%d,97]]" % bos in made
    for given in ("<s>", f"#{bos}"):
        assert b'"id": %d' % bos in ok("inspect", "vocab", "-t", vocab, "--json", "--tree", given)
    assert "--bos: 'x' is not a special token" in fails(
        2, "encode", "-t", vocab, "--bos", "x", stdin=b"a\n"
    )
    assert "--pad: 'x' is not an id" in fails(2, "batch", "--pad", "x", stdin=b"97\n")
