"""Small steps for the tests of pipelines, each known well enough to predict."""

import re
from dataclasses import dataclass

from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import Step


@dataclass(frozen=True, kw_only=True)
class Replace(Step):
    """Puts one text in place of what a pattern matches."""

    pattern: str
    text: str = ""
    idempotent = False

    name = "replace"

    def edits(self, text):
        return [
            Edit(match.start(), match.end(), self.text, "match", 0.5, ("other",))
            for match in re.finditer(self.pattern, text)
            if match.group() != self.text
        ]


@dataclass(frozen=True, kw_only=True)
class Upper(Step):
    """Makes letters large, all at once."""

    name = "upper"

    def edits(self, text):
        return [
            Edit(match.start(), match.end(), match.group().upper(), "upper")
            for match in re.finditer("[a-z]+", text)
        ]

    def apply(self, text):
        return re.sub("[a-z]+", lambda match: match.group().upper(), text)
