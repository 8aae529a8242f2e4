"""Tells what a file is by its content, and, if it is no vocabulary that opens, what to use instead.

Names say little: `tokenizer.model` may be a file of SentencePiece or of tiktoken, and what was
saved as `tokenizer.json` may be a web page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from bpe_tool.errors import DataError, Suggestion, VocabError
from bpe_tool.io import small_files
from bpe_tool.io.content import encoding_of, recognized

#: How much of a file tells its kind, where that is not a JSON file.
HEAD_BYTES = 1 << 16

#: Other JSON files than vocabularies are not larger.
SETTINGS_BYTES = 1 << 22

#: The kinds of vocabulary files: a tokenizer.json, the two files of GPT-2's format, and others.
Kind: TypeAlias = Literal["json", "vocab", "merges", "tiktoken", "sentencepiece", "tekken", "gguf"]


#: Those that are not text.
BINARY: frozenset[Kind] = frozenset({"sentencepiece", "gguf"})


class Refusal(NamedTuple):
    """Why content of some kind does not open.

    Attributes:
        what: What it is.
        hint: What to use instead.
    """

    what: str
    hint: str | Suggestion

    def error(self) -> VocabError:
        """Return the error."""
        return VocabError(f"this is {self.what}", hint=self.hint)


_SAME_MODEL = "use the model's tokenizer.json, or its directory"
_UNIGRAM = "use the library sentencepiece, or tokenizers: only byte pair encoding opens here"
_WORD_PIECE = "use the library tokenizers: only byte pair encoding opens here"
_AGAIN = "download the file again"
_RECODE = "convert it to UTF-8 first: iconv -f {0} -t UTF-8"

#: What to use instead of content that is no text, where that is not `_SAME_MODEL`.
_INSTEAD: Mapping[str, str] = {
    "lfs": "run `git lfs pull`",
    "gzip": "decompress it first: gunzip",
    "zstd": "decompress it first: unzstd",
    "bzip2": "decompress it first: bunzip2",
    "xz": "decompress it first: unxz",
    "pdf": _AGAIN,
}

_PAGE = Refusal(
    "a web page, not a vocabulary file", "download the file itself: the raw file, not its page"
)
_SENTENCE_PIECE: Mapping[int, Refusal] = {
    1: Refusal("a SentencePiece model of the kind Unigram", _UNIGRAM),
    3: Refusal("a SentencePiece model of whole words", _UNIGRAM),
    4: Refusal("a SentencePiece model of characters", _UNIGRAM),
}
_SENTENCE_PIECE_VOCAB = Refusal("a SentencePiece list of tokens with scores, without rules", "")
_VOCAB_TXT = Refusal("vocab.txt, the list of tokens of WordPiece (BERT)", _WORD_PIECE)
_CODES = Refusal(
    "a list of merges of subword-nmt or fastBPE, which merge characters of words",
    "learn a vocabulary with `bpe-tool train-vocab`, or use subword-nmt itself",
)

_TIKTOKEN_LINE = re.compile(rb"((?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2}(?:[A-Za-z0-9+/]|=)=|"
                            rb"(?:[A-Za-z0-9+/]{4})+) [0-9]+")  # fmt: skip
_FIRST_VALUE = re.compile(rb'\{\s*"(?:[^"\\]|\\.)*+"\s*:\s*(-?[0-9]+)\s*[,}]')
#: Old files do not name the type; which fields there are tells it.
_MODEL_TYPE = re.compile(
    rb'"model"\s*:\s*\{(?:[^{}]{0,1000},)?\s*(?:"type"\s*:\s*"(WordPiece|Unigram)"|'
    rb'"(max_input_chars_per_word|unk_id)"\s*:)'
)
_MODEL_OF_FIELD = {b"max_input_chars_per_word": "WordPiece", b"unk_id": "Unigram"}

#: How many lines at the beginning must look alike.
_LINES = 8


def without_space(data: bytes) -> bytes:
    """Return what follows a byte order mark and the white space of JSON."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")


def check(head: bytes) -> None:
    """Refuse a file that is known not to be a vocabulary that opens, by its first bytes.

    Raises:
        VocabError: It says what the file is.
    """
    refusal = _refusal(head)
    if refusal is not None:
        raise refusal.error()


def kind_of(head: bytes) -> Kind | None:
    """Return the kind of a vocabulary file that begins with some bytes, if it looks like one."""
    start = without_space(head)
    if start.startswith(b"{"):
        if b'"token_bytes"' in start and b'"config"' in start:
            return "tekken"
        return "vocab" if _FIRST_VALUE.match(start) else "json"
    if head.startswith(b"GGUF"):
        return "gguf"
    if _is_sentence_piece(head):
        return "sentencepiece"
    lines = _lines(head)
    if lines and all(map(_TIKTOKEN_LINE.fullmatch, lines)):
        return "tiktoken"
    if head.startswith(b"#version") or (
        lines and all(len(line.split(b" ")) == 2 and all(line.split(b" ")) for line in lines)
    ):
        return "merges"
    return None


def unknown() -> VocabError:
    """Return the error for a file that looks like no kind of vocabulary."""
    return VocabError(
        "not a vocabulary file: it does not begin with { as a tokenizer.json does, and is no "
        ".tiktoken file"
    )


def without_reader(kind: Kind) -> Refusal:
    """Return why a file does not open that is of a kind that no reader is for."""
    return _WITHOUT_READER[kind]


def sentence_piece(data: bytes) -> Refusal | None:
    """Return why a SentencePiece model does not open, if it is not of the kind BPE."""
    return _SENTENCE_PIECE.get(_model_type(data))


def explained(data: bytes, error: VocabError) -> VocabError:
    """Return the error for a JSON file that could not be read: one that says what it is."""
    if found := _MODEL_TYPE.search(data):
        name = found[1].decode() if found[1] else _MODEL_OF_FIELD[found[2]]
        hint = _WORD_PIECE if name == "WordPiece" else _UNIGRAM
        return Refusal(f"a tokenizer.json of the kind {name}", hint).error()
    if len(data) > SETTINGS_BYTES:
        return error
    try:
        value = small_files.parse_json(data)
    except DataError:
        return error
    if not isinstance(value, dict) or "model" in value:
        return error
    refusal = next((each for key, each in _BY_KEY.items() if key in value), None)
    return error if refusal is None else refusal.error()


#: What a JSON object with a key is. The first that fits counts.
_BY_KEY: Mapping[str, Refusal] = {
    "error": Refusal("the message of a server that did not send the file", _AGAIN),
    "weight_map": Refusal("an index of weights", _SAME_MODEL),
    "added_tokens_decoder": Refusal(
        "tokenizer_config.json, the settings beside a vocabulary",
        "pass its directory, which must hold the vocabulary, too",
    ),
    "tokenizer_class": Refusal(
        "tokenizer_config.json, the settings beside a vocabulary",
        "pass its directory, which must hold the vocabulary, too",
    ),
    "architectures": Refusal("config.json, the settings of a model", _SAME_MODEL),
    "model_type": Refusal("config.json, the settings of a model", _SAME_MODEL),
    "bos_token": Refusal("special_tokens_map.json, the roles of special tokens", _SAME_MODEL),
    "unk_token": Refusal("special_tokens_map.json, the roles of special tokens", _SAME_MODEL),
}

#: What files of a kind are, of which one alone does not open.
_WITHOUT_READER: Mapping[Kind, Refusal] = {
    "vocab": Refusal(
        "vocab.json, a list of tokens without merges",
        "put merges.txt into the same directory, or use the model's tokenizer.json",
    ),
    "merges": Refusal(
        "merges.txt, a list of merges without ids",
        "put vocab.json into the same directory, or use the model's tokenizer.json",
    ),
}


def _refusal(head: bytes) -> Refusal | None:
    if (found := recognized(head)) is not None and found.name != "gguf":
        return Refusal(found.what, _INSTEAD.get(found.name, _SAME_MODEL))
    if encoding := encoding_of(head):
        return Refusal(f"text in {encoding}", _RECODE.format(encoding))
    start = without_space(head)[:64].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<!--")):
        return _PAGE
    return _text_refusal(head)


def _text_refusal(head: bytes) -> Refusal | None:
    """Return what lists of tokens are that other tools write as text."""
    lines = _lines(head)
    if not lines or kind_of(head) is not None or b"\0" in head:
        return None
    if all(re.fullmatch(rb"[^\t]+\t-?[0-9.e-]+", line) for line in lines):
        return _SENTENCE_PIECE_VOCAB._replace(hint=_UNIGRAM)
    if all(re.fullmatch(rb"\S+ \S+ [0-9]+", line) for line in lines):
        return _CODES
    listed = set(head.split())
    words = all(len(line.split()) == 1 for line in lines)
    if words and (listed & {b"[UNK]", b"[CLS]", b"[PAD]"} or b"\n##" in head):
        return _VOCAB_TXT
    return None


def _lines(head: bytes) -> list[bytes]:
    """Return the first lines that are not empty; one that may be cut off only if it is alone."""
    found = head.split(b"\n", _LINES + 1)[: _LINES + 1]
    whole = found[:-1] if len(found) > 1 else found
    return [line.rstrip(b"\r") for line in whole if line.strip()]


def _is_sentence_piece(head: bytes) -> bool:
    """Return whether a file begins as a SentencePiece model.

    Such a file is a message of Protocol Buffers, whose first fields are the pieces: each a text,
    a score, and perhaps a type. A score of zero may be left out.
    """
    pieces = [content for _, content in islice(_fields(head), 4)] if head[:1] == b"\n" else []
    fields = [dict(_fields(content)) for content in pieces]
    return bool(fields and fields[0].get(1)) and any(len(each.get(2, b"")) == 4 for each in fields)


def _model_type(data: bytes) -> int:
    """Return the `model_type` of a SentencePiece model: 1 is Unigram, 2 is BPE."""
    for number, content in _fields(data):
        if number == 2:
            return int.from_bytes(dict(_fields(content)).get(3, b"\1"), "little")
    return 1


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the content of each field of a message, up to one that is cut off."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while at < len(data) and shift < 64:
            value |= (data[at] & 0x7F) << shift
            at += 1
            if data[at - 1] < 0x80:
                return value if value < 1 << 64 else -1
            shift += 7
        return -1

    while at < len(data):
        tag = varint()
        number, wire = tag >> 3, tag & 7
        if tag < 0 or number == 0:
            return
        start = at
        if wire == 0:
            value = varint()
            if value < 0:
                return
            yield number, value.to_bytes(8, "little")
            continue
        length = {1: 8, 5: 4}.get(wire, -1)
        if wire == 2:
            length = varint()
            start = at
        if length < 0 or start + length > len(data):
            return
        yield number, data[start : start + length]
        at = start + length
