"""What published vocabulary files do not say: their patterns and special tokens, by their digests.

These are facts about files of others, which are neither shipped nor downloaded. The first seven
names and the models that use them are tiktoken's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

ENDOFTEXT = "<|endoftext|>"
ENDOFPROMPT = "<|endofprompt|>"
FIM = ("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>")

#: Where the files of OpenAI's vocabularies are published. tiktoken's cache names files by it.
OPENAI = "https://openaipublic.blob.core.windows.net/"


@dataclass(frozen=True)
class Encoding:
    """A published vocabulary.

    Attributes:
        name: Its name.
        sha256: The digest of its file.
        pattern: How it splits text.
        url: Where the file is published; empty if that needs a licence or an account.
        first: The special tokens in order of id, from `first_id` on.
        first_id: See `first`.
        others: Special tokens with ids of their own.
    """

    name: str
    sha256: str
    pattern: str
    url: str = ""
    first: tuple[str, ...] = ()
    first_id: int = 0
    others: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def special_tokens(self) -> dict[str, int]:
        """The special tokens and their ids."""
        return {**{text: id for id, text in enumerate(self.first, self.first_id)}, **self.others}


def _reserved(name: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"<|{name}_{number}|>" for number in range(*numbers))


def _llama3() -> tuple[str, ...]:
    named = (
        "<|begin_of_text|>", "<|end_of_text|>", *_reserved("reserved_special_token", 2),
        "<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>",
        "<|eom_id|>", "<|eot_id|>", "<|python_tag|>", "<|image|>",
    )  # fmt: skip
    return named + _reserved("reserved_special_token", 2, 258 - len(named))


def _llama4() -> tuple[str, ...]:
    text, vision, thought = (
        f"{kind}_reserved_special_token" for kind in ("text_post_train", "vision", "reasoning")
    )
    named = (
        "<|begin_of_text|>", "<|end_of_text|>", *FIM, "<|header_start|>", "<|header_end|>",
        "<|eom|>", "<|eot|>", "<|step|>", *_reserved(text, 6), "<|python_start|>",
        "<|python_end|>", "<|finetune_right_pad|>", *_reserved(text, 8, 69), "<|image_start|>",
        "<|image_end|>", *_reserved(vision, 2), "<|tile_x_separator|>", "<|tile_y_separator|>",
        *_reserved(vision, 2, 6), "<|image|>", *_reserved(vision, 6, 7), "<|patch|>",
        *_reserved(vision, 7, 1048), *_reserved(thought, 8), "<|reasoning_thinking_start|>",
        "<|reasoning_thinking_end|>",
    )  # fmt: skip
    return named + _reserved("reserved_special_token", 2048 - len(named))


_R50K = "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
_P50K = "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069"
_CL100K = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
_O200K = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"

#: The vocabularies. Of several with the same file, the first is meant where only the file is given.
ENCODINGS: Mapping[str, Encoding] = {
    each.name: each
    for each in (
        Encoding("gpt2", _R50K, "gpt2", f"{OPENAI}encodings/r50k_base.tiktoken",
                 (ENDOFTEXT,), 50256),
        Encoding("r50k_base", _R50K, "gpt2", f"{OPENAI}encodings/r50k_base.tiktoken",
                 (ENDOFTEXT,), 50256),
        Encoding("p50k_base", _P50K, "gpt2", f"{OPENAI}encodings/p50k_base.tiktoken",
                 (ENDOFTEXT,), 50256),
        Encoding("p50k_edit", _P50K, "gpt2", f"{OPENAI}encodings/p50k_base.tiktoken",
                 FIM, 50281, {ENDOFTEXT: 50256}),
        Encoding("cl100k_base", _CL100K, "cl100k", f"{OPENAI}encodings/cl100k_base.tiktoken",
                 (ENDOFTEXT, *FIM), 100257, {ENDOFPROMPT: 100276}),
        Encoding("o200k_base", _O200K, "o200k", f"{OPENAI}encodings/o200k_base.tiktoken",
                 (ENDOFTEXT,), 199999, {ENDOFPROMPT: 200018}),
        Encoding("o200k_harmony", _O200K, "o200k", f"{OPENAI}encodings/o200k_base.tiktoken",
                 ("<|startoftext|>", ENDOFTEXT, *_reserved("reserved", 200000, 200002),
                  "<|return|>", "<|constrain|>", *_reserved("reserved", 200004, 200005),
                  "<|channel|>", "<|start|>", "<|end|>", "<|message|>",
                  *_reserved("reserved", 200009, 200012), "<|call|>",
                  *_reserved("reserved", 200013, 201088)), 199998, {ENDOFPROMPT: 200018}),
        Encoding("llama3", "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
                 "llama3", "", _llama3(), 128000),
        Encoding("llama4", "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed",
                 "o200k", "", _llama4(), 200000),
        Encoding("qwen", "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
                 "qwen2", "", (ENDOFTEXT, "<|im_start|>", "<|im_end|>", *_reserved("extra", 205)),
                 151643),
        # Its special tokens differ from model to model; `tokenizer_config.json` has them.
        Encoding("kimi", "b6c497a7469b33ced9c38afb1ad6e47f03f5e5dc05f15930799210ec050c5103",
                 "kimi-k2"),
    )
}  # fmt: skip

#: The digest of GPT-2's list of merges, which vocabularies with other ids share. They split alike.
GPT2_MERGES = "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"

#: Other names of the vocabularies, and the models that use them.
NAMES: Mapping[str, str] = {
    **dict.fromkeys(("gpt-2", "openai-community/gpt2"), "gpt2"),
    **dict.fromkeys(("r50k", "davinci", "curie", "babbage", "ada"), "r50k_base"),
    **dict.fromkeys(("p50k", "text-davinci-002", "text-davinci-003"), "p50k_base"),
    **dict.fromkeys(("text-davinci-edit-001", "code-davinci-edit-001"), "p50k_edit"),
    **dict.fromkeys(
        ("cl100k", "gpt-4", "gpt-3.5", "gpt-3.5-turbo", "gpt-35-turbo", "davinci-002",
         "babbage-002", "text-embedding-ada-002", "text-embedding-3-small",
         "text-embedding-3-large"),
        "cl100k_base",
    ),
    **dict.fromkeys(("o200k", "gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "o1", "o3", "o4-mini"),
                    "o200k_base"),
    "gpt-oss": "o200k_harmony",
}  # fmt: skip

#: The beginnings of the names of models; the longest that fits counts.
PREFIXES: Mapping[str, str] = {
    **dict.fromkeys(("text-davinci-", "text-curie-", "text-babbage-", "text-ada-"), "r50k_base"),
    **dict.fromkeys(("code-davinci-", "code-cushman-"), "p50k_base"),
    **dict.fromkeys(("gpt-4-", "gpt-3.5-turbo-", "gpt-35-turbo-"), "cl100k_base"),
    **dict.fromkeys(
        ("gpt-4o-", "gpt-4.1-", "gpt-4.5-", "gpt-5-", "gpt-5.", "chatgpt-4o-", "o1-", "o3-",
         "o4-mini-"),
        "o200k_base",
    ),
    "gpt-oss-": "o200k_harmony",
}  # fmt: skip


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's content, by which published files are known."""
    # Most files hold their own pattern, and are read without it.
    import hashlib

    return hashlib.sha256(data).hexdigest()


def by_content(data: bytes) -> Encoding | None:
    """Return the vocabulary whose file has this content."""
    sha256 = digest(data)
    return next((each for each in ENCODINGS.values() if each.sha256 == sha256), None)


def by_name(name: str) -> Encoding | None:
    """Return the vocabulary of a name, also that of a model."""
    name = NAMES.get(name, name)
    if name in ENCODINGS:
        return ENCODINGS[name]
    prefix = max(filter(name.startswith, PREFIXES), key=len, default=None)
    return None if prefix is None else ENCODINGS[PREFIXES[prefix]]
