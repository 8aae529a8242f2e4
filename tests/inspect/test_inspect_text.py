"""`inspect text`: each token where it stands."""

import json
import re
from itertools import accumulate, pairwise

import generators
import pytest
import regex
from commands import fails, ok
from hypothesis import given
from hypothesis import strategies as st

import bpe_tool
from bpe_tool import Tokenizer
from bpe_tool.inspect.text import TokenSpan, pieces
from bpe_tool.rendering.tokens import in_parts


def texts() -> list[bytes]:
    made = [text.encode() for text in generators.texts(seed=95, count=300)]
    return [
        *made,
        b"",
        b"\xff\xfe",
        "€".encode()[:2] + b"a",
        "👍🏽 नमस्ते e\u0301".encode(),
        b"\xf0\x9f",
    ]


def test_spans_are_those_of_the_text(tokenizer):
    for text in texts():
        report = bpe_tool.inspect_text(tokenizer, text)
        (found,) = report.tokenizers
        ids, offsets = tokenizer.encode_with_offsets(text)
        assert [span.id for span in found.tokens] == ids
        assert [(span.start, span.end) for span in found.tokens] == offsets
        assert b"".join(span.raw for span in found.tokens) == text
        assert (report.byte_count, found.count) == (len(text), len(ids))
        assert report.characters == len(text.decode("utf-8", "surrogateescape"))
        for span in found.tokens:
            before, inside = text[: span.start], text[: span.end]
            complete = before.decode("utf-8", "ignore") if valid(text) else None
            if complete is not None:
                assert span.char_start == len(complete)
                begun = len(inside.decode("utf-8", "replace"))
                assert span.char_end == begun


def valid(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_a_split_character_is_shown_once_with_its_bytes(bytes_only):
    report = bpe_tool.inspect_text(bytes_only, "a€b")
    shown = [piece.text for piece in pieces(report.tokenizers[0].tokens)]
    assert shown == ["a", "€<E2>", "<82>", "<AC>", "b"]
    shown = pieces(bpe_tool.inspect_text(bytes_only, b"\xe2\x82 \n").tokenizers[0].tokens)
    assert [piece.text for piece in shown] == ["<E2>", "<82>", "␣", "⏎"]
    assert [piece.ends_line for piece in shown] == [False, False, False, True]


@pytest.mark.parametrize(
    ("tokens", "shown"),
    [
        (["👩\u200d👧"], ["👩\u200d👧"]),
        (["👩", "\u200d", "👧"], ["👩", "\\u200d", "👧"]),
        ([b"\xf0\x9f\x91", b"\xa9\xe2\x80\x8d", "👧".encode()],
         ["👩\u200d👧<F0 9F 91>", "<A9 E2 80 8D>", "<F0 9F 91 A7>"]),
        (["e", "\u0301"], ["e", "◌\u0301"]),
        (["0", b"\xe0", b"\xb8\xb1"], ["0\u0e31<30>", "<E0>", "<B8 B1>"]),
        ([b"xe\xcc", b"\x81y"], ["xe\u0301<65 CC>", "<81>y"]),
        ([b"a\xff", b"\x80b"], ["a<FF>", "<80>b"]),
        (["語".encode() * 2 + b"\xe8", b"\xaa\x9e"], ["語語語<E8>", "<AA 9E>"]),
    ],
)  # fmt: skip
def test_signs_of_several_characters(tokens, shown):
    raw = [each.encode() if isinstance(each, str) else each for each in tokens]
    assert in_parts(raw) == shown


@given(st.text(max_size=30), st.data())
def test_every_cut_shows_every_byte(text, data):
    raw = text.encode("utf-8", "replace")
    cuts = data.draw(st.sets(st.integers(0, len(raw)), max_size=8)) | {0, len(raw)}
    ends = sorted(cuts)
    spans = [TokenSpan(0, raw[start:end], start, end, 0, 0) for start, end in pairwise(ends)]
    shown = [piece.text for piece in pieces(spans)]
    assert len(shown) == len(spans)
    signs = [0, *accumulate(len(sign.encode()) for sign in regex.findall(r"\X", raw.decode()))]
    cut_signs = [
        (first, last)
        for first, last in pairwise(signs)
        if any(first < at < last and raw[at] & 0xC0 == 0x80 for at in cuts)
    ]
    for span, piece in zip(spans, shown, strict=True):
        # If a character of a sign is cut, all that have a part of the sign show their bytes.
        if any(first < span.end and span.start < last for first, last in cut_signs):
            assert "<" in piece
        elif "<" not in span.raw.decode():
            assert "<" not in piece


def test_several_tokenizers_side_by_side(tokenizer, bytes_only):
    report = bpe_tool.inspect_text({"one": tokenizer, "bytes": bytes_only}, "some text")
    assert [each.tokenizer for each in report.tokenizers] == ["one", "bytes"]
    assert report.tokenizers[1].count == 9


def test_special_tokens(tokenizer):
    text = "a<|endoftext|>b"
    (found,) = bpe_tool.inspect_text(tokenizer, text, special="token").tokenizers
    assert [span.special for span in found.tokens] == [False, True, False]
    with pytest.raises(bpe_tool.SpecialTokenError):
        bpe_tool.inspect_text(tokenizer, text, special="error")


def test_the_command(vocab, tmp_path):
    output = ok("inspect", "text", "-t", vocab, stdin=b"it was\n\tthe").decode()
    assert "⏎\n⇥" in output
    assert "|" in output
    id = Tokenizer.load(vocab).token_to_id(b"it")
    assert re.search(rf"^it +{id} +0–2 +69 74$", output, re.MULTILINE)
    assert "\x1b" not in output
    value = json.loads(ok("inspect", "text", "-t", vocab, "--json", stdin="it €".encode()))
    assert value["schema"] == "bpe_tool.inspect.text/1"
    tokens = value["tokenizers"][0]["tokens"]
    assert bytes.fromhex("".join(token["bytes"]["hex"] for token in tokens)).decode() == "it €"
    assert tokens[-1]["char_end"] == value["characters"] == 4
    first = tmp_path / "a.tiktoken"
    ok("convert", "-q", vocab, first)
    both = ["-t", vocab, "-t", first, "--pattern", "cl100k"]
    assert b"Side by side" in ok("inspect", "text", *both, stdin=b"it was")
    fails(2, "inspect", "text", *both, "--pattern", "gpt2", "--pattern", "gpt2")
    fails(2, "inspect", "text", "-t", vocab, "-t", vocab)
