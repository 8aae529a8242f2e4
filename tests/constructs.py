"""What stands around a BPE model in `tokenizer.json` files, in every variant, and texts for it.

`CONSTRUCTS` names parts of a file; `tokenizers(parts)` makes one around a small byte-level
vocabulary and opens it here and with Hugging Face's library; `difference` compares the two.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

import tokenizers as hugging_face

import bpe_tool
from bpe_tool import _core

Part = Mapping[str, Any]

BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
REGEXES = (r"\s+", r"\p{N}{1,2}", r"[a-e]|\p{Lu}+", r" ?\p{L}+", r"a(?=b)|\d\d")
FLAGS = (False, True)

BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": True,
}


def byte_level(**flags: bool) -> Part:
    return BYTE_LEVEL | flags


def split(pattern: Part, behavior: str, invert: bool) -> Part:
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


NORMALIZERS: dict[str, Part] = {
    **{name: {"type": name} for name in ("NFC", "NFD", "NFKC", "NFKD")},
    **{name: {"type": name} for name in ("Lowercase", "StripAccents", "Nmt", "ByteLevel")},
    **{
        f"Strip {left} {right}": {"type": "Strip", "strip_left": left, "strip_right": right}
        for left in FLAGS
        for right in FLAGS
    },
    **{f"Prepend {text!r}": {"type": "Prepend", "prepend": text} for text in ("\u2581", "ab")},
    **{
        f"Replace {kind} {old!r} {new!r}": {
            "type": "Replace",
            "pattern": {kind: old},
            "content": new,
        }
        for kind, old, new in (
            ("String", " ", "\u2581"),
            ("String", "a.", ""),
            ("String", "é", "ee"),
            ("Regex", r"\s+", " "),
            ("Regex", r" {2,}", " "),
            ("Regex", r"\p{N}", "0\u0301"),
            ("Regex", r"``|''", '"'),
        )
    },
    **{
        f"BertNormalizer {clean} {chinese} {accents} {lower}": {
            "type": "BertNormalizer",
            "clean_text": clean,
            "handle_chinese_chars": chinese,
            "strip_accents": accents,
            "lowercase": lower,
        }
        for clean in FLAGS
        for chinese in FLAGS
        for accents in (None, *FLAGS)
        for lower in FLAGS
    },
}

PRE_TOKENIZERS: dict[str, Part] = {
    **{
        f"ByteLevel {prefix} {regex}": byte_level(add_prefix_space=prefix, use_regex=regex)
        for prefix in FLAGS
        for regex in FLAGS
    },
    **{f"Digits {each}": {"type": "Digits", "individual_digits": each} for each in FLAGS},
    **{
        f"Split {kind} {text!r} {behavior} {invert}": split({kind: text}, behavior, invert)
        for kind, text in (
            *(("Regex", regex) for regex in REGEXES),
            ("String", " "),
            ("String", "a."),
        )
        for behavior in BEHAVIORS
        for invert in FLAGS
    },
    **{
        f"Punctuation {behavior}": {"type": "Punctuation", "behavior": behavior}
        for behavior in BEHAVIORS
    },
    "Whitespace": {"type": "Whitespace"},
    "WhitespaceSplit": {"type": "WhitespaceSplit"},
    "BertPreTokenizer": {"type": "BertPreTokenizer"},
    "CharDelimiterSplit": {"type": "CharDelimiterSplit", "delimiter": "a"},
    **{f"FixedLength {count}": {"type": "FixedLength", "length": count} for count in (1, 3)},
    **{
        f"Metaspace {replacement} {scheme} {parts}": {
            "type": "Metaspace",
            "replacement": replacement,
            "prepend_scheme": scheme,
            "split": parts,
        }
        for replacement in ("\u2581", "_")
        for scheme in ("always", "first", "never")
        for parts in FLAGS
    },
}

POST_PROCESSORS: dict[str, Part] = {
    **{
        f"ByteLevel {prefix} {trim}": byte_level(add_prefix_space=prefix, trim_offsets=trim)
        for prefix in FLAGS
        for trim in FLAGS
    },
    **{
        f"RobertaProcessing {prefix} {trim}": {
            "type": "RobertaProcessing",
            "sep": ["b", 66],
            "cls": ["a", 65],
            "trim_offsets": trim,
            "add_prefix_space": prefix,
        }
        for prefix in FLAGS
        for trim in FLAGS
    },
    "BertProcessing": {"type": "BertProcessing", "sep": ["b", 66], "cls": ["a", 65]},
    "TemplateProcessing": {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "a", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
        ],
        "pair": [
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "a", "type_id": 0}},
            {"Sequence": {"id": "B", "type_id": 1}},
        ],
        "special_tokens": {"a": {"id": "a", "ids": [65, 66], "tokens": ["a", "b"]}},
        "add_prefix_space": True,
        "trim_offsets": False,
    },
}

DECODERS: dict[str, Part] = {
    "ByteLevel": BYTE_LEVEL,
    "ByteFallback": {"type": "ByteFallback"},
    "Fuse": {"type": "Fuse"},
    **{
        f"Strip {content!r} {start} {stop}": {
            "type": "Strip",
            "content": content,
            "start": start,
            "stop": stop,
        }
        for content in (" ", "a", "Ġ")
        for start, stop in ((0, 0), (1, 0), (2, 0), (0, 1))
    },
    **{
        f"Replace {kind} {old!r}": {"type": "Replace", "pattern": {kind: old}, "content": new}
        for kind, old, new in (
            ("String", "\u2581", " "),
            ("String", "Ġ", " "),
            ("Regex", r"[a-c]+", "<>"),
        )
    },
    **{
        f"Metaspace {replacement} {scheme}": {
            "type": "Metaspace",
            "replacement": replacement,
            "prepend_scheme": scheme,
            "split": True,
        }
        for replacement in ("\u2581", "Ġ")
        for scheme in ("always", "first", "never")
    },
    **{f"BPEDecoder {text!r}": {"type": "BPEDecoder", "suffix": text} for text in ("a", "</w>")},
    **{
        f"WordPiece {prefix!r} {clean}": {"type": "WordPiece", "prefix": prefix, "cleanup": clean}
        for prefix in ("##", "Ġ")
        for clean in FLAGS
    },
}

NESTED = {
    "normalizer": "normalizers",
    "pre_tokenizer": "pretokenizers",
    "post_processor": "processors",
    "decoder": "decoders",
}

ADDED = [
    ("<mask>", {"lstrip": True, "special": True}),
    ("[SEP]", {"rstrip": True}),
    ("Qx", {"normalized": True, "single_word": True}),
    ("É中", {"normalized": True}),
]

#: Added tokens that take white space in, and such that lie in it.
SPACED = [
    ("<mask>", {"rstrip": True, "special": True}),
    ("[SEP]", {"lstrip": True, "rstrip": True}),
    ("  ", {}),
    ("\n", {"rstrip": True}),
    (" a", {"single_word": True}),
]

PIECES = (
    "a", "b", "ab", "abc", "e", "Z", "É", "é", "e\u0301", "\u0301", "İ", "ǅ", "ﬁ", "½", "²",
    "٣", "7", "42", "1234", " ", " ", "  ", "\t", "\n", "\r\n", "\u3000", "\xa0", "\u200b",
    "\ufeff", ".", "a.", ",", "!?", "``", "''", "'s", "\u2014", "«", "$", "+", "_", "\u2581",
    "Ġ", "中", "文字", "ह", "한", "각", "👩\u200d👧", "\x00", "\x1f", "\x85", "ß", "ẞ", "Σ",
    "<mask>", "[SEP]", "Qx", "qx", "É中", "the", "The", "do not", "\u0345\u0301",
)  # fmt: skip


def sequence(part: str, *steps: Part) -> Part:
    return {"type": "Sequence", NESTED[part]: list(steps)}


@cache
def model() -> dict[str, Any]:
    """A small vocabulary, as a file."""
    texts = ["the cat and the Abbot sat on 42 mats, 1234 times. a.b ab abc \u2581the \u2581cat"] * 3
    trained = bpe_tool.train_vocab(texts, vocab_size=330, pattern="gpt2", alphabet="gpt2")
    return json.loads(trained._core.to_tokenizer_json())


def make(
    parts: Mapping[str, Any],
    *,
    added: bool,
    tokens: Sequence[tuple[str, Mapping[str, bool]]] = ADDED,
) -> bytes:
    """The file with these parts, with added tokens or with none."""
    file = model() | {"pre_tokenizer": BYTE_LEVEL, "decoder": BYTE_LEVEL} | dict(parts)
    if added:
        flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
        first = len(file["model"]["vocab"])
        file["added_tokens"] = [
            {"id": first + index, "content": text}
            | {flag: bool(options.get(flag)) for flag in flags}
            for index, (text, options) in enumerate(tokens)
        ]
    return json.dumps(file).encode()


def texts(seed: int, count: int) -> Iterator[str]:
    random = Random(seed)
    for _ in range(count):
        yield "".join(random.choices(PIECES, k=random.randrange(12)))


def to_characters(text: str, offsets: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Byte offsets as those of the characters that they touch."""
    of_byte = [at for at, character in enumerate(text) for _ in character.encode()]
    of_byte.append(len(text))
    return [
        (of_byte[start], of_byte[stop - 1] + 1 if start < stop else of_byte[stop])
        for start, stop in offsets
    ]


class Both:
    """One file, opened by both."""

    def __init__(self, file: bytes) -> None:
        self.ours = _core.Tokenizer.from_tokenizer_json(file)
        self.again = _core.Tokenizer.from_tokenizer_json(self.ours.to_tokenizer_json())
        self.theirs = hugging_face.Tokenizer.from_buffer(file)

    def difference(self, text: str) -> str | None:
        """What differs for a text, if anything does."""
        for template in FLAGS:
            try:
                expected = self.theirs.encode(text, add_special_tokens=template)
            except BaseException as error:
                # It does where a token with lstrip lies in white space that was taken in.
                if type(error).__name__ != "PanicException":
                    raise
                return None
            for core in (self.ours, self.again):
                ids = core.encode(text, "token", template)
                if ids != expected.ids:
                    return f"ids {ids} {expected.ids}"
        expected = self.theirs.encode(text, add_special_tokens=False)
        ids, offsets = self.ours.encode_with_offsets(text, "token", False)
        if ids != expected.ids:
            return "ids with offsets"
        if (found := to_characters(text, offsets)) != expected.offsets:
            return f"offsets {found} {expected.offsets} {expected.tokens}"
        return self.decoding(expected.ids)

    def decoding(self, ids: list[int]) -> str | None:
        decoded = self.ours.decode(ids).decode(errors="replace")
        try:
            expected = self.theirs.decode(ids, skip_special_tokens=False) if ids else ""
        except BaseException as error:
            # A Strip there panics if a token has too few characters.
            if type(error).__name__ != "PanicException":
                raise
            return None
        return None if decoded == expected else f"text {decoded!r} {expected!r}"


def singles() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every construct in every variant."""
    for name, part in NORMALIZERS.items():
        yield name, {"normalizer": part}
    for name, part in PRE_TOKENIZERS.items():
        last = {"type": "Sequence", "pretokenizers": [part, byte_level(use_regex=False)]}
        yield name, {"pre_tokenizer": part if part["type"] == "ByteLevel" else last}
    for name, part in POST_PROCESSORS.items():
        yield name, {"post_processor": part}
    for name, part in DECODERS.items():
        yield name, {"decoder": part}
    yield "no decoder", {"decoder": None}


def sequences(seed: int, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pairs of constructs: two in a sequence, or one of each of two kinds."""
    random = Random(seed)
    bytes_last = byte_level(use_regex=False)
    for _ in range(count):
        parts: dict[str, Any] = {}
        names = []

        def take(constructs: Mapping[str, Part], names: list[str] = names) -> Part:
            name = random.choice(list(constructs))
            names.append(name)
            return constructs[name]

        match random.randrange(5):
            case 0:
                steps: tuple[Part, ...] = take(NORMALIZERS), take(NORMALIZERS)
                parts["normalizer"] = sequence("normalizer", *steps)
            case 1:
                if random.random() < 0.7:
                    steps = take(PRE_TOKENIZERS), take(PRE_TOKENIZERS), bytes_last
                else:
                    # After that, a Metaspace puts in characters that are in no token. The
                    # library leaves them out, and their length stays in the offsets.
                    splits = {
                        name: part
                        for name, part in PRE_TOKENIZERS.items()
                        if part["type"] != "Metaspace"
                    }
                    if random.random() < 0.7:
                        steps = bytes_last, take(splits), take(splits)
                    else:
                        first = sequence("pre_tokenizer", take(PRE_TOKENIZERS), bytes_last)
                        steps = first, take(splits)
                parts["pre_tokenizer"] = sequence("pre_tokenizer", *steps)
            case 2:
                parts["normalizer"] = take(NORMALIZERS)
                steps = take(PRE_TOKENIZERS), bytes_last
                parts["pre_tokenizer"] = sequence("pre_tokenizer", *steps)
                parts["post_processor"] = take(POST_PROCESSORS)
            case 3:
                parts["decoder"] = sequence("decoder", take(DECODERS), take(DECODERS))
            case _:
                parts["normalizer"] = take(NORMALIZERS)
                parts["post_processor"] = take(POST_PROCESSORS)
                steps = take(DECODERS), take(DECODERS), take(DECODERS)
                parts["decoder"] = sequence("decoder", *steps)
        yield " + ".join(names), parts


def is_byte_level(parts: Mapping[str, Any]) -> bool:
    """Whether the pretokens come out in GPT-2's alphabet, as the vocabulary needs them."""
    return '"ByteLevel"' in json.dumps(parts.get("pre_tokenizer", BYTE_LEVEL)) or (
        parts.get("normalizer", {}).get("type") == "ByteLevel"
    )
