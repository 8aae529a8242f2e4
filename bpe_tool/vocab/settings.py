"""What a directory says about its vocabulary besides the vocabulary, as `transformers` saves it.

That is `tokenizer_config.json`, with added tokens, the roles of special tokens, the maximum length
and much that is kept for others; and chat templates, in that file or in files of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bpe_tool import _core
from bpe_tool.errors import DataError, VocabError
from bpe_tool.io import small_files

CONFIG = "tokenizer_config.json"

#: A file of older versions that has the roles alone.
ROLES_FILE = "special_tokens_map.json"

#: The entry of `tokenizer_config.json` with the main chat template.
CHAT_TEMPLATE = "chat_template"

#: Where chat templates are if they have files: the main one, and a directory with others.
CHAT_TEMPLATE_FILE = "chat_template.jinja"
CHAT_TEMPLATES = "additional_chat_templates"

#: The roles of special tokens, by their names in `transformers`.
ROLES = ("bos", "eos", "pad", "unk", "cls", "sep", "mask")

#: Entries with lists of further special tokens.
MORE_TOKENS = ("additional_special_tokens", "extra_special_tokens")

#: How a tokenizer.json describes an added token, with the defaults for special tokens.
TOKEN_FIELDS = {
    "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True,
}  # fmt: skip


def template_files(directory: Path) -> list[Path]:
    """Return where the chat templates of a directory may be."""
    return [
        directory / CHAT_TEMPLATE_FILE,
        *sorted((directory / CHAT_TEMPLATES).glob("*.jinja")),
    ]


def settings_files(directory: Path) -> list[Path]:
    """Return where all settings of a directory may be."""
    return [directory / CONFIG, directory / ROLES_FILE, *template_files(directory)]


@dataclass(frozen=True)
class Settings:
    """The settings of a vocabulary.

    Attributes:
        config: The content of `tokenizer_config.json`.
        templates: The content of the files of chat templates, by their paths in the directory.
    """

    config: Mapping[str, Any] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, directory: Path) -> Settings:
        """Read the settings of a directory; files that are not there are empty.

        Raises:
            VocabError: A file is damaged.
            OSError: A file cannot be read.
        """
        config = dict(_object(directory / ROLES_FILE))
        config.update(_object(directory / CONFIG))
        templates = {}
        for path in filter(Path.is_file, template_files(directory)):
            try:
                templates[str(path.relative_to(directory))] = small_files.read(path).decode()
            except UnicodeDecodeError as error:
                raise VocabError(f"{path}: byte {error.start} is not UTF-8") from None
        return cls(config, templates)

    def __bool__(self) -> bool:
        return bool(self.config or self.templates)

    def entries(self) -> dict[str, Any]:
        """Return all settings, with the main chat template, as `tokenizer_config.json` has them."""
        found = dict(self.config)
        if CHAT_TEMPLATE_FILE in self.templates:
            found[CHAT_TEMPLATE] = self.templates[CHAT_TEMPLATE_FILE]
        return found

    @property
    def has_chat_template(self) -> bool:
        """Whether there is one, in an entry or in a file."""
        return CHAT_TEMPLATE in self.config or bool(self.templates)

    def roles(self, special_tokens: Mapping[str, int]) -> dict[str, str]:
        """Return which of the special tokens of a vocabulary has which role."""
        texts = {role: _text(self.config.get(f"{role}_token")) for role in ROLES}
        return {role: text for role, text in texts.items() if text and text in special_tokens}

    @property
    def special_tokens(self) -> dict[str, int]:
        """The special tokens with their ids, for files that do not hold them."""
        return {
            token["content"]: id for id, token in self._listed() if token.get("special") is True
        }

    def with_roles(self, roles: Mapping[str, str]) -> Settings:
        """Return the same settings, with other tokens in some roles."""
        changed = {f"{role}_token": roles[role] for role in ROLES if role in roles}
        return Settings({**self.config, **changed}, self.templates)

    def without_ids(self) -> Settings:
        """Return the same settings, without the list of ids, which the vocabulary has anyway."""
        config = {
            name: value for name, value in self.config.items() if name != "added_tokens_decoder"
        }
        return Settings(config, self.templates)

    def files(self) -> dict[str, str | Mapping[str, Any]]:
        """Return the files to write: their content, as text or as a value for JSON."""
        config = {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "clean_up_tokenization_spaces": False,
            **self.config,
        }
        # It names code in another directory, which the vocabulary no longer needs.
        if config.pop("auto_map", None) is not None:
            config["tokenizer_class"] = "PreTrainedTokenizerFast"
        return {CONFIG: config, **self.templates}

    def completed(self, core: _core.Tokenizer) -> _core.Tokenizer:
        """Return a vocabulary with the added tokens that only the settings list.

        As in `transformers`, a token of the model keeps its id; others follow all ids, if the
        settings do not say which they have.
        """
        known = {**core.special_tokens, **core.added_tokens}
        lacking = [(id, token) for id, token in self._tokens() if token["content"] not in known]
        if not lacking:
            return core
        document = json.loads(core.to_tokenizer_json())
        added = document["added_tokens"]
        taken = {token["id"] for token in added}
        next_id = core.max_id + 1
        for id, token in lacking:
            own = core.token_to_id(token["content"].encode())
            if own is None and (id is None or id in taken or core.in_model(id)):
                id, next_id = next_id, next_id + 1
            elif own is not None:
                id = own
            assert id is not None
            next_id = max(next_id, id + 1)
            taken.add(id)
            added.append({"id": id, **token})
        added.sort(key=lambda token: token["id"])
        return _core.Tokenizer.from_tokenizer_json(json.dumps(document).encode())

    def _tokens(self) -> Iterator[tuple[int | None, dict[str, Any]]]:
        """Yield all tokens that the settings name, each once."""
        seen = set()
        named = [self.config.get(f"{role}_token") for role in ROLES]
        for entry in MORE_TOKENS:
            more = self.config.get(entry)
            if isinstance(more, dict | list):
                named += list(more.values()) if isinstance(more, dict) else more
        listed: list[tuple[int | None, Any]] = [*self._listed(), *((None, each) for each in named)]
        for id, token in listed:
            text = _text(token)
            if text and text not in seen:
                seen.add(text)
                flags = token if isinstance(token, dict) else {}
                yield (
                    id,
                    {
                        "content": text,
                        **{
                            name: flags.get(name, default) is True
                            for name, default in TOKEN_FIELDS.items()
                        },
                    },
                )

    def _listed(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the tokens of `added_tokens_decoder`."""
        listed = self.config.get("added_tokens_decoder")
        for id, token in listed.items() if isinstance(listed, dict) else ():
            if id.isascii() and id.isdigit() and len(id) <= 10 and _text(token):
                yield int(id), token if isinstance(token, dict) else {"content": token}


#: Those of a file alone.
NO_SETTINGS = Settings()


def _object(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one if there is no such file."""
    if not path.exists():
        return {}
    try:
        value = small_files.parse_json(small_files.read(path))
    except DataError as error:
        raise VocabError(f"{path}: {error}") from None
    if not isinstance(value, dict):
        raise VocabError(f"{path}: expected a JSON object")
    return value


def _text(token: object) -> str | None:
    """Return the text of a token, which is a string or an object."""
    text = token.get("content") if isinstance(token, dict) else token
    return text if isinstance(text, str) else None
