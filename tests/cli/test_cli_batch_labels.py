"""The verb `batch`: what is learned, from the labels of objectives."""

import pytest
from batch_calls import IDS, PAD, as_lists, loaded, read
from calls import fails, ok, run
from commands import END

import bpe_tool
from bpe_tool import Causal, MaskedLM, Tokenizer


def test_labels(vocab):
    for option, shift in (("causal", False), ("shifted", True)):
        options = ["--labels", option, "--eos", 2, "--pack", "best-fit", "--length", 6]
        expected = loaded(bpe_tool.Packed(6, 32), eos_id=2, objective=Causal(shift=shift))
        assert read(ok("batch", *PAD, *options, stdin=IDS)) == expected
    tokenizer = Tokenizer.load(vocab)
    rows = [[97 + at % 20 for at in range(50)] for _ in range(9)]
    stdin = "\n".join(" ".join(map(str, row)) for row in rows).encode()
    options = ["--rows", 2, "--labels", "mlm", "--mask", END, "-t", vocab, "--seed", 4]
    masking = MaskedLM(
        tokenizer.special_tokens[END],
        len(tokenizer),
        special_ids=[0, tokenizer.special_tokens[END]],
    )
    expected = loaded(bpe_tool.FixedRows(2), rows=rows, objective=masking, seed=4)
    assert read(ok("batch", *PAD, *options, stdin=stdin)) == expected


def test_what_mlm_hides(vocab, tmp_path):
    """Shards say themselves which ids and special tokens there are."""
    shards = tmp_path / "shards"
    text = b"some words to hide, or not\n" * 40
    ok("encode", "-t", vocab, "--lines", "--format", "npz", "--eos", END, "-o", shards, stdin=text)
    tokenizer, dataset = Tokenizer.load(vocab), bpe_tool.TokenDataset(shards)
    end = tokenizer.special_tokens[END]
    options = ["batch", *PAD, "--labels", "mlm", "--mask", END, "--mlm-probability", 0.5]
    for unit, more, given in (
        ("token", {}, []),
        ("span", {}, ["-t", vocab]),
        ("word", {"words": bpe_tool.WordEdges.of(tokenizer)}, ["-t", vocab]),
    ):
        masking = MaskedLM(
            end, len(tokenizer), 0.5, special_ids=[0, *tokenizer.special_tokens.values()],
            unit=unit, **more
        )  # fmt: skip
        loader = bpe_tool.Loader(dataset, bpe_tool.FixedRows(32), pad_id=0, objective=masking)
        found = read(ok(*options, "--mlm-unit", unit, *given, shards))
        assert found == as_lists(loader)
    mixed = fails(2, *options, shards, "-", stdin=b"1\n")
    assert "needs -t: these inputs do not say" in mixed


def test_shares_of_what_mlm_chooses(vocab):
    tokenizer = Tokenizer.load(vocab)
    end = tokenizer.special_tokens[END]
    rows = [[97 + at % 20 for at in range(50)] for _ in range(9)]
    stdin = "\n".join(" ".join(map(str, row)) for row in rows).encode()
    options = ["--labels", "mlm", "--mask", END, "-t", vocab, "--mlm-split"]
    masking = MaskedLM(end, len(tokenizer), split=(0.5, 0.125, 0.375), special_ids=[0, end])
    expected = loaded(bpe_tool.FixedRows(32), rows=rows, objective=masking)
    assert read(ok("batch", *PAD, *options, "50/12.5/37.5", stdin=stdin)) == expected
    for wrong in ("80/10", "80/10/20", "80/10/ten", "110/-10/0", "nan/0/0", "80/10/10/0"):
        fails(2, "batch", *PAD, *options, wrong, stdin=stdin)
    fails(2, "batch", *PAD, "--labels", "causal", "--mlm-split", "80/10/10", stdin=stdin)


CHATS = [[5, 6, 3, 7, 4], [7, 3, 2], [3, 4, 8, 6], [6, 6, 6, 6, 6, 3, 2], [3, 2, 4, 6, 3, 5, 4]]


@pytest.mark.parametrize("frame", [{}, {"bos_id": 8, "eos_id": 9}])
@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize("ends", [{"prompt_end": 3, "response_end": 4}, {"prompt_end": 3}])
def test_prompts_and_responses(ends, frame, shift, tmp_path):
    """The same as from Python, padded, packed and shuffled."""
    rows = CHATS if "response_end" in ends else CHATS[:-1]
    stdin = "\n".join(" ".join(map(str, row)) for row in rows).encode()
    objective = Causal(shift=shift)
    around = [f"--{name[:3]}={id}" for name, id in frame.items()]
    markers = [f"--{name.replace('_', '-')}={id}" for name, id in ends.items()]
    labels = ["--labels", "shifted" if shift else "causal", *markers, *around]
    responses = bpe_tool.find_responses(rows, **ends)
    for policy, options in (
        (bpe_tool.FixedRows(2), ["--rows", 2]),
        (bpe_tool.Packed(16, 32), ["--pack", "best-fit", "--length", 16]),
    ):
        loader = bpe_tool.Loader(
            rows, policy, pad_id=0, objective=objective, responses=responses, **frame
        )
        assert read(ok("batch", *PAD, *options, *labels, stdin=stdin)) == as_lists(loader)
    path = tmp_path / "shards"
    bpe_tool.write_shards(rows, path, vocab_size=9)
    shuffled = read(ok("batch", *PAD, "--rows", 2, "--shuffle", *labels, path))
    loader = bpe_tool.Loader(
        rows, bpe_tool.FixedRows(2), pad_id=0, objective=objective, shuffle=True,
        responses=responses, **frame,
    )  # fmt: skip
    assert shuffled == as_lists(loader)
    fails(2, "batch", *PAD, *markers, stdin=stdin)
    fails(2, "batch", *PAD, *labels, "--max-length", 4, "--stride", 2, stdin=stdin)


def test_records_with_nothing_to_learn_are_named():
    causal = ["batch", *PAD, "--labels", "causal", "--rows", 2]
    lines = b"5 3 7\n5 3 8\n5 7\n"
    message = fails_late(3, *causal, "--prompt-end", 3, stdin=lines)
    assert "document 2 (the first is 0) has no end of a prompt" in message
    assert "check --prompt-end" in message
    message = fails_late(3, *causal, "--prompt-end", 3, "--max-length", 2, stdin=lines)
    assert "document 0 (the first is 0)" in message
    assert "--response-end goes with --prompt-end" in fails(
        2, *causal, "--response-end", 3, stdin=lines
    )
    done = run(*causal, "--prompt-end", 3, stdin=b"5 3 7 5 3 8\n")
    assert done.returncode == 0
    assert b"1 document has several prompts" in done.stderr


def fails_late(code: int, *arguments: object, stdin: bytes) -> str:
    """The message of a command that fails after it has written."""
    done = run(*arguments, stdin=stdin)
    assert done.returncode == code
    return done.stderr.decode()


def test_texts_of_several_tokens_end_prompts_and_responses(tmp_path):
    tokenizer = bpe_tool.train_vocab(
        ["assistant user system"] * 9, vocab_size=280, special_tokens=["<|start|>", "<|end|>"]
    )
    path = tmp_path / "vocab.json"
    tokenizer.save(path)
    chat = "<|start|>user\nHow?<|end|>\n<|start|>assistant\nSo.<|end|>\n"
    ids = tokenizer.encode(chat * 2, special="token")
    stdin = " ".join(map(str, ids)).encode()
    (batch,) = read(ok(
        "batch", "-t", path, "--pad", "<|end|>", "--labels", "causal",
        "--prompt-end", "<|start|>assistant\n", "--response-end", "<|end|>", stdin=stdin,
    ))  # fmt: skip
    learned = [id for id in batch["labels"][0] if id >= 0]
    assert tokenizer.decode(learned) == "So.<|end|>So.<|end|>"
