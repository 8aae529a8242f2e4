"""Open damaged vocabulary files of every format. Exits 1 if one is more than an error.

A file either opens, and then encodes and decodes, or is an error that says what is wrong with it;
in a second of CPU time, and in 64 MiB and ten times the size of the file. A child process opens
them, one after the other; if it ends or hangs, its seed is printed, and the next child goes on.
"""

import argparse
import base64
import json
import os
import resource
import selectors
import struct
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import constructs

from bpe_tool import BpeToolError, Tokenizer, VocabError, train_vocab

SECONDS = 1.0
ROOM = 64 << 20
TIMES_SIZE = 10

#: After how many seconds a child is believed to hang.
PATIENCE = 100.0


def message(*fields: tuple[int, bytes | int | float]) -> bytes:
    """A message of Protocol Buffers."""

    def varint(value: int) -> bytes:
        parts = []
        while True:
            parts.append(value & 0x7F | (0x80 if value > 0x7F else 0))
            value >>= 7
            if not value:
                return bytes(parts)

    done = b""
    for number, value in fields:
        if isinstance(value, bytes):
            done += varint(number << 3 | 2) + varint(len(value)) + value
        elif isinstance(value, float):
            done += varint(number << 3 | 5) + struct.pack("<f", value)
        else:
            done += varint(number << 3) + varint(value)
    return done


def pieces() -> list[tuple[str, float, int]]:
    """A vocabulary of pieces: text, score, type."""
    made = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3)]
    made += [(f"<0x{byte:02X}>", 0.0, 6) for byte in range(256)]
    words = ("th", "the", "\u2581the", "in", "\u2581in", "\u2581t", "an", "and", "\u2581and")
    made += [(word, -1.0 - rank, 1) for rank, word in enumerate(words)]
    made += [(letter, -50.0 - rank, 1) for rank, letter in enumerate("\u2581thenaidé中")]
    return [*made, ("<mask>", 0.0, 4)]


def sentencepiece() -> bytes:
    listed = [
        (1, message((1, text.encode()), (2, score), (3, kind))) for text, score, kind in pieces()
    ]
    return message(*listed, (2, message((3, 2), (35, 1))), (3, message((1, b"identity"), (3, 1))))


def gguf(fields: dict[str, Any]) -> bytes:
    """A GGUF file with this metadata, and some bytes of a tensor."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    def typed(value: Any) -> bytes:
        match value:
            case bool():
                return struct.pack("<I?", 7, value)
            case int():
                return struct.pack("<II", 4, value)
            case str():
                return struct.pack("<I", 8) + text(value)
        kind, items = {
            str: (8, map(text, value)),
            int: (5, (struct.pack("<i", x) for x in value)),
        }.get(type(value[0]), (6, (struct.pack("<f", x) for x in value)))
        return struct.pack("<IIQ", 9, kind, len(value)) + b"".join(items)

    done = b"".join(text(key) + typed(value) for key, value in fields.items())
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(fields)) + done + bytes(64)


def formats() -> dict[str, dict[str, bytes]]:
    """Small files of every format: for each, what is in its directory. The first is damaged."""
    trained = train_vocab(["the thin thing, thus 12 é"] * 2, vocab_size=290, alphabet="gpt2",
                          special_tokens=["<s>", "</s>"])  # fmt: skip
    core = trained._core
    plain = core.to_tokenizer_json()
    document = json.loads(plain)
    vocab, merges = core.to_vocab_and_merges()
    tiktoken = core.to_tiktoken()
    normalizers = list(constructs.NORMALIZERS.values())[:9]
    parts: list[dict[str, Any]] = [
        {"normalizer": constructs.sequence("normalizer", *normalizers)},
        {"pre_tokenizer": constructs.sequence(
            "pre_tokenizer",
            constructs.PRE_TOKENIZERS["Punctuation Isolated"],
            constructs.PRE_TOKENIZERS["Digits True"],
            constructs.byte_level(),
        )},
        {"post_processor": constructs.POST_PROCESSORS["TemplateProcessing"]},
        {"decoder": constructs.sequence("decoder", *list(constructs.DECODERS.values())[:8])},
    ]  # fmt: skip
    listed = pieces()
    model = {
        "type": "BPE", "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True,
        "vocab": {text: id for id, (text, *_) in enumerate(listed)},
        "merges": [["t", "h"], ["th", "e"], ["\u2581", "the"]],
    }  # fmt: skip
    metaspace = {
        "type": "Metaspace",
        "replacement": "\u2581",
        "prepend_scheme": "first",
        "split": False,
    }
    tokens = list(document["model"]["vocab"])
    config = {
        "added_tokens_decoder": {"290": {"content": "<x>", "special": True}},
        "bos_token": "<s>", "eos_token": {"content": "</s>"}, "model_max_length": 10**30,
        "chat_template": "{% for m in messages %}{{ m }}{% endfor %}",
    }  # fmt: skip
    ranked = [
        {"rank": rank, "token_bytes": base64.b64encode(bytes([rank])).decode(), "token_str": None}
        for rank in range(256)
    ]
    tekken = {
        "config": {
            "pattern": r"\S+|\s+", "num_vocab_tokens": 256, "default_vocab_size": 259,
            "default_num_special_tokens": 3, "version": "v3",
        },
        "vocab": ranked,
        "special_tokens": [{"rank": 0, "token_str": "<s>", "is_control": True}],
    }  # fmt: skip
    ggml = "tokenizer.ggml."
    return {
        "tokenizer.json": {"tokenizer.json": plain},
        **{
            f"tokenizer.json with a {next(iter(part))}": {
                "tokenizer.json": constructs.make(part, added=True)
            }
            for part in parts
        },
        "tokenizer.json of pieces": {
            "tokenizer.json": json.dumps(
                {"version": "1.0", "model": model, "pre_tokenizer": metaspace, "added_tokens": []}
            ).encode()
        },
        "tiktoken": {"v.tiktoken": tiktoken},
        "vocab.json": {"vocab.json": vocab, "merges.txt": merges},
        "merges.txt": {"merges.txt": merges, "vocab.json": vocab},
        "sentencepiece": {"tokenizer.model": sentencepiece()},
        "tekken": {"tekken.json": json.dumps(tekken).encode()},
        "gguf": {
            "model.gguf": gguf({
                ggml + "model": "gpt2", ggml + "pre": "llama-bpe", ggml + "tokens": tokens,
                ggml + "token_type": [1] * len(tokens),
                ggml + "merges": [" ".join(pair) for pair in document["model"]["merges"]],
                ggml + "bos_token_id": 5, ggml + "add_bos_token": True,
            })
        },
        "gguf of pieces": {
            "model.gguf": gguf({
                ggml + "model": "llama", ggml + "tokens": [text for text, *_ in listed],
                ggml + "scores": [score for _, score, _ in listed],
                ggml + "token_type": [kind for *_, kind in listed], ggml + "bos_token_id": 1,
            })
        },
        "tokenizer_config.json": {
            "tokenizer_config.json": json.dumps(config).encode(), "tokenizer.json": plain,
        },
    }  # fmt: skip


def flip(data: bytes, random: Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 3, 20))):
        damaged[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def truncate(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data))]


def splice(data: bytes, random: Random) -> bytes:
    """Cuts out, doubles, moves or overwrites a part."""
    at, size = random.randrange(len(data)), random.randrange(1, 60)
    part = data[at : at + size]
    other = random.randrange(len(data))
    new = random.choice(
        (b"", part * 2, part * 200, random.randbytes(size), data[other : other + size])
    )
    return data[:at] + new + data[at + size :]


#: What may stand where something else belongs.
STRANGE: list[Callable[[], str]] = [
    *(lambda text=text: text for text in (
        "null", "true", "0", "-1", "1e999", "1.5", '""', '"a"', "[]", "{}", "[[]]",
        "4294967295", "18446744073709551616", '"\\ud800"', '"\\u0000"', "NaN",
        '{"type":"x"}', '"' + "a" * 3000 + '"',
    )),
    lambda: "9" * 5000,
    lambda: "[" * 3000 + "]" * 3000,
    lambda: '{"type":"Sequence","normalizers":[' * 200 + "]}" * 200,
]  # fmt: skip


def swap(data: bytes, random: Random) -> bytes:
    """Puts a value of another kind in the place of one, or repeats, renames or drops a key."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return number(data, random)
    mark = "\u0001mark\u0001"
    node, holder, key = document, None, None
    for _ in range(random.randrange(1, 8)):
        if isinstance(node, dict) and node:
            holder, key = node, random.choice(list(node))
        elif isinstance(node, list) and node:
            holder, key = node, random.randrange(len(node))
        else:
            break
        node = holder[key]
    strange = random.choice(STRANGE)()
    match random.randrange(4):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            written = json.dumps(document).encode()
            name = json.dumps(key).encode()
            return written.replace(name + b":", name + b": 1, " + name + b":", 1)
        case _ if holder is not None:
            holder[key] = mark
    return json.dumps(document).replace(json.dumps(mark), strange).encode(errors="replace")


def number(data: bytes, random: Random) -> bytes:
    """Overwrites bytes as if they were a length or a count."""
    at = random.randrange(len(data))
    value = random.choice((0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1, len(data), 10**9))
    packed = struct.pack(random.choice("<>") + "Q", value)[: random.choice((1, 4, 8))]
    return data[:at] + packed + data[at + len(packed) :]


DAMAGES = (flip, flip, truncate, splice, swap, swap, number)


def damaged(data: bytes, seed: int) -> bytes:
    random = Random(seed)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        data = random.choice(DAMAGES)(data, random) or b"x"
    return data


def open_one(path: Path) -> str:
    """Opens a file and uses it; what became of it."""
    given = {"pattern": "gpt2", "special_tokens": ["<s>"]}
    options: dict[str, Any] = {}
    if path.suffix == ".tiktoken" or path.name in ("vocab.json", "merges.txt"):
        options = given
    try:
        tokenizer = Tokenizer.load(path.parent if "config" in path.name else path, **options)
    except VocabError as error:
        assert str(error).strip(), "an error without a message"
        return "refused"
    except BpeToolError as error:
        # What was damaged may be taken for something that brings its own pattern, or none.
        return type(error).__name__
    for special in ("text", "token"):
        for text in ("the thin <s> thing\n 12 é中<mask>", b"\xff\0the\x80"):
            try:
                tokenizer.decode(tokenizer.encode(text, special=special))
            except BpeToolError as error:
                return type(error).__name__
    return "opens"


def peak() -> int:
    """The largest resident size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def child(folder: Path, seeds: range, pipe: int) -> None:
    """Opens the files of these seeds, and tells of each what became of it."""
    warnings.simplefilter("ignore")
    files = formats()
    names = list(files)
    for contents in files.values():
        for name, data in contents.items():
            (folder / name).write_bytes(data)
        assert open_one(folder / next(iter(contents))) == "opens", next(iter(contents))
        for used in folder.iterdir():
            used.unlink()
    with os.fdopen(pipe, "w", buffering=1) as out:
        for seed in seeds:
            name = names[seed % len(names)]
            (main, data), *others = files[name].items()
            own = damaged(data, seed)
            for other, content in others:
                (folder / other).write_bytes(content)
            path = folder / main
            path.write_bytes(own)
            before, start = peak(), time.process_time()
            try:
                result = open_one(path)
            except Exception as error:
                result = f"FAULT {type(error).__name__}: {error}"[:300].replace("\n", " ")
            seconds, more = time.process_time() - start, peak() - before
            if seconds > SECONDS:
                result = f"FAULT {seconds:.1f} s"
            if more > ROOM + TIMES_SIZE * len(own):
                result = f"FAULT {more >> 20} MiB for {len(own)} bytes"
            for used in folder.iterdir():
                used.unlink()
            out.write(f"{seed}\t{name}\t{result}\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many files")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    results: Counter[tuple[str, str]] = Counter()
    faults = 0
    seed, end = options.first, options.first + options.count
    while seed < end:
        with tempfile.TemporaryDirectory() as folder:
            reading, writing = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(reading)
                child(Path(folder), range(seed, end), writing)
                os._exit(0)
            os.close(writing)
            selector = selectors.DefaultSelector()
            selector.register(reading, selectors.EVENT_READ)
            left, hangs = b"", False
            while True:
                if not selector.select(PATIENCE):
                    hangs = True
                    os.kill(pid, 9)
                    break
                if not (read := os.read(reading, 1 << 16)):
                    break
                *lines, left = (left + read).split(b"\n")
                for line in lines:
                    number, name, result = line.decode().split("\t")
                    seed = int(number) + 1
                    faults += result.startswith("FAULT")
                    results[name, "FAULT" if result.startswith("FAULT") else result] += 1
                    if result.startswith("FAULT"):
                        print(f"seed {number}, {name}: {result}", flush=True)
            os.close(reading)
            _, status = os.waitpid(pid, 0)
        if seed < end:
            print(
                f"seed {seed}: {'hangs' if hangs else f'ended the process: {status}'}", flush=True
            )
            faults += 1
            seed += 1
    for (name, result), count in sorted(results.items()):
        print(f"{count:8} {name}: {result}")
    print(f"{options.count} files, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
