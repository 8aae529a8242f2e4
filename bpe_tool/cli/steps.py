"""The steps of preprocessing as flags.

A flag `--STEP` adds a step; `--STEP=VALUE` also sets its main option. Other options have
flags of their own, which need the flag of the step.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

import click

from bpe_tool.cli import options
from bpe_tool.cli.command import Command

if TYPE_CHECKING:
    from bpe_tool.preprocess.step import Step


@dataclass(frozen=True)
class Option:
    """An option of a step.

    Attributes:
        option: Its name in pipeline files.
        flag: Its flag.
        text: The help text.
        metavar: The name of its value in help; empty for a boolean option.
        several: Whether it can be given more than once.
        value: The value that the flag gives to a boolean option.
    """

    option: str
    flag: str
    text: str
    metavar: str = ""
    several: bool = False
    value: bool = True


@dataclass(frozen=True)
class StepFlag:
    """The flag of a step.

    Attributes:
        step: The step's name.
        text: The help text.
        main: The option that a value after `=` sets, and the name of the value in help.
        others: The step's other options.
        flag: The flag; by default the name with hyphens.
    """

    step: str
    text: str
    main: tuple[str, str] | None = None
    others: tuple[Option, ...] = ()
    named: str = ""

    @property
    def flag(self) -> str:
        """The flag, as it is written."""
        return self.named or "--" + self.step.replace("_", "-")

    def spell(self, name: str, value: str | None) -> str:
        """Write an option of the step as its flag."""
        if self.main and name == self.main[0]:
            return self.flag if value is None else f"{self.flag}={value}"
        flag = next((each.flag for each in self.others if each.option == name), name)
        return flag if value in (None, "True") else f"{flag} {value}"


#: All flags, in the order in which the steps run.
FLAGS = (
    StepFlag("fix", "Repair text decoded with the wrong encoding (extra `fix`)."),
    StepFlag(
        "strip_html",
        "Remove HTML tags; replace entities with their characters.",
        others=(
            Option("entities", "--keep-entities", "With --strip-html: keep entities.", value=False),
        ),
    ),
    StepFlag(
        "normalize",
        "Normalize Unicode: NFC (default), NFKC, NFD, NFKD or none.",
        main=("form", "FORM"),
        others=(
            Option(
                "whitespace",
                "--whitespace",
                "White space: keep, spaces, collapse (default) or join.",
                "HOW",
            ),
            Option("line_ends", "--line-ends", "Convert line ends to line feeds."),
            Option("quotes", "--straight-quotes", "Convert quotation marks to straight ones."),
            Option("dashes", "--plain-dashes", "Convert dashes to - and --."),
            Option("zero_width", "--keep-zero-width", "Keep zero-width characters.", value=False),
        ),
    ),
    StepFlag(
        "strip_urls",
        "Remove URLs, or replace them with TEXT.",
        main=("replacement", "TEXT"),
        others=(
            Option("emails", "--emails", "Also strip e-mail addresses."),
            Option(
                "email_replacement", "--email-text", "Replace e-mail addresses with TEXT.", "TEXT"
            ),
            Option("domains", "--domains", "Also strip URLs without a scheme: example.org/a."),
        ),
    ),
    StepFlag(
        "expand_contractions",
        "Expand contractions: it's, don't, we'd.",
        others=(
            Option(
                "ambiguous",
                "--ambiguous",
                "Ambiguous contractions: likely (default), keep or list.",
                "HOW",
            ),
            Option(
                "inversion",
                "--inversion",
                'The word "not" in questions: literal (default) or reorder.',
                "HOW",
            ),
            Option(
                "missing_apostrophes",
                "--missing-apostrophes",
                "Also expand words written without their apostrophe: dont, im.",
            ),
        ),
    ),
    StepFlag("expand_slang", "Expand gonna, wanna, dunno and the like."),
    StepFlag(
        "rephrase",
        "Simplify wordy phrases, or apply your own tables of phrases.",
        main=("tables", "TABLES"),
        others=(
            Option("fraction", "--fraction", "Share of the phrases to rewrite.  [default: 1]", "X"),
            Option("seed", "--seed", "Seed of the choices.  [default: 0]", "N"),
        ),
    ),
    StepFlag(
        "replace_synonyms",
        "Replace words with synonyms from your WordNet (extra `wordnet`).",
        main=("lexicon", "LEXICON"),
        others=(
            Option(
                "fraction",
                "--synonym-fraction",
                "Share of the words to replace.  [default: 1]",
                "X",
            ),
            Option("seed", "--synonym-seed", "Seed of the choices.  [default: 0]", "N"),
        ),
    ),
    StepFlag(
        "lowercase",
        "Convert to lowercase.",
        others=(
            Option("fold", "--fold", "Apply full case folding."),
            Option("turkish", "--turkish", "Use Turkish rules for i."),
            Option("keep_acronyms", "--keep-acronyms", "Keep acronyms such as NASA and U.S."),
        ),
    ),
    StepFlag(
        "strip_accents",
        "Remove accents from letters.",
        others=(Option("letters", "--ascii-letters", "Also replace \u00f8 with o and the like."),),
    ),
    StepFlag(
        "remove_digits",
        "Remove numbers (default), or mask or split them.",
        main=("action", "ACTION"),
        others=(
            Option(
                "words",
                "--digit-words",
                "Digits in words such as H2O and 1st: remove, mask, split, keep, same or auto "
                "(default: keep if other digits are removed, otherwise same).",
                "ACTION",
            ),
            Option("which", "--digits", "Which digits: nd (default), ascii or all.", "WHICH"),
        ),
    ),
    StepFlag(
        "remove_punctuation",
        "Remove punctuation: unicode (default), symbols, ascii or all.",
        main=("which", "WHICH"),
        others=(
            Option("keep", "--keep-punctuation", "Characters to keep.", "CHARACTERS"),
            Option("keep_apostrophes", "--keep-apostrophes", "Keep apostrophes inside words."),
            Option("keep_hyphens", "--keep-hyphens", "Keep hyphens inside words."),
            Option("keep_decimals", "--keep-decimals", "Keep . and , between digits."),
        ),
    ),
    StepFlag(
        "remove_stopwords",
        "Remove stopwords. LISTS are names, languages or files.",
        main=("lists", "LISTS"),
        others=(
            Option(
                "keep_negation",
                "--remove-negation",
                "Also remove negations: not, never.",
                value=False,
            ),
            Option("keep", "--keep-word", "A stopword to keep. Repeatable.", "WORD", several=True),
            Option(
                "extra", "--stopword", "Another word to remove. Repeatable.", "WORD", several=True
            ),
        ),
    ),
    StepFlag(
        "lemmatize",
        "Replace words with their base forms (extra `lemma`).",
        main=("language", "LANGUAGE"),
    ),
    StepFlag(
        "stem", "Replace words with their stems (extra `stem`).", main=("language", "LANGUAGE")
    ),
    StepFlag(
        "split_words",
        "Split into words, with one space between them.",
        others=(Option("drop_punctuation", "--drop-punctuation", "Drop punctuation."),),
        named="--words",
    ),
    StepFlag(
        "split_characters",
        "Put a space between characters; TEXT replaces the original spaces.",
        main=("space", "TEXT"),
        named="--characters",
    ),
)


#: What may be meant as the value of a flag, rather than as the name of a file.
WORD = re.compile(r"[A-Za-z0-9_]+")


class StepsCommand(Command):
    """A command whose step flags may have a value after `=`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give flags without a value an empty one; click would take the next argument."""
        optional = {each.flag for each in FLAGS if each.main}
        end = args.index("--") if "--" in args else len(args)
        for arg, value in pairwise(args[:end]):
            # A word that is no file is the value of the flag, as other options take theirs.
            if arg in optional and WORD.fullmatch(value) and not Path(value).exists():
                raise click.UsageError(
                    f"There is no file {value!r}. As a value: {arg}={value}", ctx
                )
        args = [f"{arg}=" if arg in optional else arg for arg in args[:end]] + args[end:]
        return super().parse_args(ctx, args)


def steps(verb: options.Verb) -> options.Verb:
    """Add the flags of all steps, as the argument `steps`: the given values by flag."""
    decorators: list[options.Decorator] = []
    for each in FLAGS:
        if each.main:
            decorators.append(
                click.option(
                    each.flag, callback=options.utf8, metavar=f"[={each.main[1]}]", help=each.text
                )
            )
        else:
            decorators.append(click.option(each.flag, is_flag=True, help=each.text))
        for other in each.others:
            if other.metavar:
                text = click.option(
                    other.flag,
                    multiple=other.several,
                    callback=options.utf8,
                    metavar=other.metavar,
                    help=other.text,
                )
                decorators.append(text)
            else:
                decorators.append(click.option(other.flag, is_flag=True, help=other.text))
    add = options.decorated(*decorators)

    def with_steps(**values: Any) -> int:  # noqa: ANN401 - whatever the verb takes
        given: dict[str, Any] = {}
        for flag in _all_flags():
            value = values.pop(flag.removeprefix("--").replace("-", "_"))
            if value not in (None, False, ()):
                given[flag] = value
        return verb(steps=given, **values)

    return add(functools.wraps(verb)(with_steps))


def make_steps(given: Mapping[str, Any]) -> list[Step]:
    """Make the steps of the given flags, in the best order.

    Raises:
        UsageError: An option was given without its step.
        ArgumentError: The value of an option is not valid.
    """
    from bpe_tool.errors import ArgumentError
    from bpe_tool.preprocess.step_options import make_step

    made: list[Step] = []
    for each in FLAGS:
        alone = [other.flag for other in each.others if other.flag in given]
        if each.flag not in given:
            if alone:
                raise click.UsageError(f"{alone[0]} needs {each.flag}.")
            continue
        values: dict[str, Any] = {}
        if each.main and given[each.flag]:
            values[each.main[0]] = given[each.flag]
        for other in each.others:
            if other.flag in given:
                values[other.option] = given[other.flag] if other.metavar else other.value
        try:
            made.append(make_step(each.step, _typed(each.step, values), None))
        except ArgumentError as error:
            error.spell = each.spell
            raise (error if error.parameter else error.at(each.flag)) from None
    return made


def _all_flags() -> list[str]:
    return [flag for each in FLAGS for flag in (each.flag, *(one.flag for one in each.others))]


def _typed(step: str, values: dict[str, Any]) -> dict[str, Any]:
    """Convert values to numbers and lists, as the options require."""
    from bpe_tool.errors import ArgumentError
    from bpe_tool.preprocess.registry import step_class
    from bpe_tool.preprocess.step import option_types

    known = option_types(step_class(step))
    for option, value in values.items():
        if get_origin(known[option]) is tuple and isinstance(value, str):
            values[option] = tuple(value.split(","))
        elif known[option] in (int, float):
            try:
                values[option] = known[option](value)
            except ValueError:
                what = "a whole number" if known[option] is int else "a number"
                raise ArgumentError(f": {value!r} is not {what}", parameter=option) from None
    return values
