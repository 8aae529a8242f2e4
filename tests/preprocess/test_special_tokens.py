"""Special tokens survive preprocessing: in pipelines, on the command line, and in training."""

import json
import pickle
import random
from itertools import chain

import pytest
from commands import fails, ok, run

import bpe_tool
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.edits import apply_edits
from bpe_tool.preprocess.registry import STEPS
from bpe_tool.preprocess.special_tokens import SpecialTokens

TOKENS = ("<s>", "</s>", "[MASK]", "<s>x", "It's")
STEPS_IN_USE = [{"step": name} for name in ("strip_html", "lowercase", "remove_punctuation")]
PIPELINE = bpe_tool.Pipeline.from_spec({"version": 1, "steps": STEPS_IN_USE})


@pytest.fixture(scope="module")
def vocab(tmp_path_factory):
    """A vocabulary with special tokens that each of the steps destroys."""
    path = tmp_path_factory.mktemp("vocab") / "vocab.json"
    bpe_tool.train_vocab(["the cat sat mask s it"] * 9, vocab_size=290, special_tokens=TOKENS).save(
        path
    )
    return path


@pytest.fixture
def pipeline(tmp_path):
    PIPELINE.save(tmp_path / "pipeline.json")
    return tmp_path / "pipeline.json"


def reference(text: str) -> list[str]:
    """The parts of a text: at each place, the longest token is taken."""
    parts = [""]
    while text:
        token = max((t for t in TOKENS if text.startswith(t)), key=len, default="")
        if token:
            parts += [token, ""]
        else:
            parts[-1] += text[0]
        text = text[len(token) or 1 :]
    return parts


def test_the_leftmost_and_longest_is_taken():
    draw = random.Random(1)
    tokens = SpecialTokens(TOKENS)
    for _ in range(2000):
        text = "".join(draw.choices([*TOKENS, "<", "s", ">", "x", "é", "It", " "], k=8))
        parts = tokens.split(text)
        assert parts == reference(text)
        assert "".join(parts) == text
    assert SpecialTokens().split("<s>") == ["<s>"]


def test_whole_words():
    tokens = SpecialTokens(("<s>", "ab"), frozenset({"ab"}))
    for text in ("xab", "ab1", "ab_", "ab\u0301", "\u200dab"):
        assert tokens.split(text) == [text]
    assert tokens.split("a ab-ab<s>ab") == ["a ", "ab", "-", "ab", "", "<s>", "", "ab", ""]


@pytest.mark.parametrize("name", sorted(set(STEPS) - {"replace_synonyms", "lemmatize", "stem"}))
def test_each_text_between_is_preprocessed_on_its_own(name):
    pipeline = bpe_tool.Pipeline.from_spec({"version": 1, "steps": [{"step": name}]})
    kept = pipeline.keeping(TOKENS)
    draw = random.Random(name)
    pieces = [*TOKENS, "It's been", " cat ", "the ", "</b", "<b>", "42", ",", "\n", "n't", "&lt;"]
    texts = ["".join(draw.choices(pieces, k=draw.randrange(9))) for _ in range(30)]
    expected = []
    for text in texts:
        parts = reference(text)
        parts[::2] = [part and pipeline.apply(part) for part in parts[::2]]
        expected.append("".join(parts))
    assert [kept.apply(text) for text in texts] == expected == kept.apply_all(texts)
    for text, result in zip(texts, expected, strict=True):
        explanation = kept.explain(text)
        assert explanation.result == result == apply_edits(text, explanation.net)
        for change in explanation.changes:
            assert 0 <= change.start <= change.end <= len(text)


def test_keeping():
    kept = PIPELINE.keeping({"[MASK]": 7, "<s>": 8})
    assert kept.apply("<s>A <b>[MASK]</b>!") == "<s>a [MASK]"
    assert kept != PIPELINE
    assert kept.digest == PIPELINE.digest
    assert pickle.loads(pickle.dumps(kept)).apply("[MASK]") == "[MASK]"
    assert kept.keeping([]) == PIPELINE
    assert kept.unfinished("a <!-- b")
    assert kept.unfinished("<!-- b <s> a")
    assert not kept.unfinished("<s> a")
    with pytest.raises(ArgumentError, match="item 1 of `special_tokens` is empty"):
        PIPELINE.keeping(["a", ""])


def test_preprocess_leaves_named_tokens(pipeline):
    options = ["--pipeline", pipeline, "--special-token", "<s>", "--special-token", "[MASK]"]
    text = b"<s>The [MASK]! </s>\n&lt;s&gt;\n"
    assert ok("preprocess", *options, stdin=text) == b"<s>the [MASK]\ns\n"
    assert ok("preprocess", *options, "--workers", "2", stdin=text) == b"<s>the [MASK]\ns\n"
    diff = ok("preprocess", *options, "--diff", stdin=text).decode()
    assert "<s>[-T-]{+t+}he [MASK][-! </s>-]" in diff
    changes = [
        json.loads(line)
        for line in ok("preprocess", *options, "--explain", stdin=text).splitlines()
    ]
    first = changes[0]
    assert text.decode()[first["start"] : first["end"]] == first["before"] == "</s>"
    stats = ok("preprocess", *options, "--stats", stdin=text).decode()
    assert f"{len(changes)}" in str(sum(int(line.split()[1]) for line in stats.splitlines()[1:-1]))
    message = fails(2, "preprocess", *options, "--special-token", "", stdin=text)
    assert "--special-token is empty" in message


@pytest.mark.parametrize(
    ("unit", "workers"),
    [
        (["--lines"], []),
        (["--whole"], []),
        (["--null"], ["--workers", "2"]),
        (["--ndjson", "t"], []),
    ],
)
def test_encoding_finds_tokens_before_the_steps(vocab, pipeline, unit, workers):
    text = "<s>The [MASK] &lt;s&gt; [Mask]</s>"
    data = json.dumps({"t": text}).encode() + b"\n" if unit[0] == "--ndjson" else text.encode()
    command = ["encode", "-t", vocab, "--pipeline", pipeline, *unit, *workers]
    ids = list(map(int, ok(*command, "--special", "token", stdin=data).split()))
    tokenizer = bpe_tool.Tokenizer.load(vocab)
    special = tokenizer.special_tokens
    parts = [[special["<s>"]], tokenizer.encode("the "), [special["[MASK]"]]]
    # What a step makes look like a special token is text.
    parts += [tokenizer.encode(" s mask"), [special["</s>"]]]
    assert ids == list(chain.from_iterable(parts))
    done = run(*command, stdin=data)
    assert done.stdout.split() == [str(id).encode() for id in tokenizer.encode("the mask s mask")]
    assert b"the text of special tokens 3 times" in done.stderr
    assert b"warning" not in run(*command, "--special", "text", stdin=data).stderr
    message = fails(3, *command, "--special", "error", stdin=data)
    assert 'the text contains the special token "<s>" at byte 0' in message
    assert "pass --special token" in message


def test_text_that_a_step_makes_is_no_special_token(vocab, tmp_path):
    pipeline = tmp_path / "html.json"
    spec = {"version": 1, "steps": [{"step": "strip_html"}, {"step": "lowercase"}]}
    bpe_tool.Pipeline.from_spec(spec).save(pipeline)
    command = ["encode", "-t", vocab, "--pipeline", pipeline, "--special"]
    tokenizer = bpe_tool.Tokenizer.load(vocab)
    made = ok(*command, "token", stdin=b"&lt;s&gt;<s>X&lt;/s&gt;\n")
    expected = tokenizer.encode("<s>")
    expected += [tokenizer.special_tokens["<s>"], *tokenizer.encode("x</s>")]
    assert list(map(int, made.split())) == expected
    # One who asks for an error gets it for these, too.
    fails(3, *command, "error", stdin=b"&lt;s&gt;\n")


def test_a_separator_cannot_be_a_mark(vocab, pipeline):
    command = ["encode", "-t", vocab, "--pipeline", pipeline, "--separator", b"\xfe".decode(
        errors="surrogateescape"
    )]  # fmt: skip
    ok(*command, "--special", "text", stdin=b"a\xfeb\xfe")
    assert "--separator holds one of the bytes" in fails(2, *command, "--special", "token")


@pytest.mark.parametrize("unit", [["--lines"], ["--whole"], ["--null"], ["--ndjson", "t"]])
def test_training_learns_nothing_of_them(tmp_path, pipeline, unit):
    texts = ["<s>The cat [MASK] sat</s>", "", "<s></s>", "[MASK]", "The &lt;s&gt; [MASK]cat"] * 20
    if unit[0] == "--ndjson":
        data = b"".join(json.dumps({"t": text}).encode() + b"\n" for text in texts)
    else:
        data = {"--null": "\0"}.get(unit[0], "\n").join(texts).encode()
        texts = [data.decode()] if unit[0] == "--whole" else texts
    (tmp_path / "text").write_bytes(data)
    options = {"vocab_size": 280, "special_tokens": TOKENS, "pipeline": PIPELINE}
    expected = bpe_tool.train_vocab(texts, **options)
    assert b"mask" not in [left + right for left, right in expected.merges]
    tokens = [option for token in TOKENS for option in ("--special-token", token)]
    for workers in ([], ["--workers", "2"]) if unit == ["--null"] else ([],):
        done = run(
            "train-vocab", tmp_path / "text", *unit, "--vocab-size", 280, *tokens,
            "--pipeline", pipeline, *workers, "--force", "-o", tmp_path / "vocab",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert bpe_tool.Tokenizer.load(tmp_path / "vocab") == expected
        totals = json.loads((tmp_path / "vocab" / "training.json").read_bytes())["totals"]
        assert totals["documents"] == len(texts)
    if unit == ["--whole"]:
        files = bpe_tool.train_vocab_from_files([tmp_path / "text"], **options)
        assert files == expected
    # Texts that a pipeline keeps for others are learned from.
    kept = {**options, "pipeline": PIPELINE.keeping(["The", "[MASK]"])}
    if unit == ["--lines"]:
        (tmp_path / "one").write_text(" ".join(texts))
        first = bpe_tool.train_vocab([" ".join(texts)], **kept)
        assert first == bpe_tool.train_vocab_from_files([tmp_path / "one"], **kept)
        assert b"Th" in [left + right for left, right in first.merges]
    # Between two tokens, text is a text of its own: pretokens end there.
    cut = [part for text in texts for part in SpecialTokens(TOKENS).split(text)[::2]]
    plain = bpe_tool.train_vocab(PIPELINE.apply_all(cut), vocab_size=280, special_tokens=TOKENS)
    assert plain == expected


def test_decoding_skips_special_tokens(vocab):
    tokenizer = bpe_tool.Tokenizer.load(vocab)
    text = "<s>the cat</s>[MASK]\nsat<s>\n"
    ids = tokenizer.encode(text, special="token")
    assert tokenizer.decode(ids, skip_special_tokens=True) == "the cat\nsat\n"
    assert tokenizer.decode_bytes(ids, skip_special_tokens=True) == b"the cat\nsat\n"
    assert tokenizer.decode_batch([ids, []], skip_special_tokens=True) == ["the cat\nsat\n", ""]
    decoder = bpe_tool.StreamDecoder(tokenizer, skip_special_tokens=True)
    assert "".join(decoder.feed([id]) for id in ids) + decoder.finish() == "the cat\nsat\n"
    with pytest.raises(bpe_tool.UnknownIdError, match="id 5000 at position 1 "):
        tokenizer.decode([ids[0], 5000], skip_special_tokens=True)
    for format in ("ids", "ndjson", "u16"):
        unit = [] if format != "u16" else ["--whole"]
        coded = ok("encode", "-t", vocab, "--special", "token", "--format", format, *unit,
                   stdin=text.encode())  # fmt: skip
        skipped = ok("decode", "-t", vocab, "--format", format, *unit, "--skip-special",
                     stdin=coded)  # fmt: skip
        assert skipped == b"the cat\nsat\n"
