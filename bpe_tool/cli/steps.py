"""The steps of preprocessing as flags.

A flag `--STEP` adds a step; one with a value, `--STEP=VALUE`, also sets its main option.
Other options have flags of their own, which make sense beside the flag of their step only.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
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
        help: What help says.
        metavar: What help calls its value; empty if it is an option that is on or off.
        several: Whether it can be given more than once.
        value: What the flag sets an option to that is on or off.
    """

    option: str
    flag: str
    help: str
    metavar: str = ""
    several: bool = False
    value: bool = True


@dataclass(frozen=True)
class StepFlag:
    """The flag of a step.

    Attributes:
        step: The step's name.
        help: What help says.
        main: The option that a value after `=` sets, and what help calls the value.
        others: The step's other options.
        flag: The flag; by default the name with hyphens.
    """

    step: str
    help: str
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


#: All of them, in the order in which the steps are done.
FLAGS = (
    StepFlag("fix", "Repair text decoded with the wrong encoding (extra `fix`)."),
    StepFlag(
        "strip_html",
        "Remove HTML tags; put characters for entities.",
        others=(Option("entities", "--keep-entities", "Leave entities as they are.", value=False),),
    ),
    StepFlag(
        "normalize",
        "One form of characters: NFC (default), NFKC, NFD, NFKD or none.",
        main=("form", "FORM"),
        others=(
            Option(
                "whitespace", "--whitespace", "keep, spaces, collapse (default) or join.", "HOW"
            ),
            Option("line_ends", "--line-ends", "End lines with a line feed only."),
            Option("quotes", "--straight-quotes", "Make quotation marks straight."),
            Option("dashes", "--plain-dashes", "Write dashes as - and --."),
            Option("zero_width", "--keep-zero-width", "Keep invisible characters.", value=False),
        ),
    ),
    StepFlag(
        "strip_urls",
        "Remove web addresses, or put a text in their place.",
        main=("replacement", "TEXT"),
        others=(
            Option("emails", "--emails", "E-mail addresses as well."),
            Option("email_replacement", "--email-text", "What stands for those.", "TEXT"),
            Option("domains", "--domains", "Names of hosts as well: example.org/a."),
        ),
    ),
    StepFlag(
        "expand_contractions",
        "Write contractions out: it's, don't, we'd.",
        others=(
            Option("ambiguous", "--ambiguous", "likely (default), keep or list.", "HOW"),
            Option(
                "inversion", "--inversion", "Not in questions: literal (default), reorder.", "HOW"
            ),
            Option(
                "missing_apostrophes", "--missing-apostrophes", "Words like dont and im as well."
            ),
        ),
    ),
    StepFlag("expand_slang", "Write gonna, wanna, dunno and the like out."),
    StepFlag(
        "rephrase",
        "Say wordy phrases plainly, or as your tables of phrases say.",
        main=("tables", "TABLES"),
        others=(
            Option("fraction", "--fraction", "The share of phrases to rewrite.  [default: 1]", "X"),
            Option("seed", "--seed", "What choices are drawn from.  [default: 0]", "N"),
        ),
    ),
    StepFlag(
        "replace_synonyms",
        "Put synonyms from your WordNet (extra `wordnet`).",
        main=("lexicon", "LEXICON"),
        others=(
            Option("fraction", "--synonym-fraction", "The share of words.  [default: 1]", "X"),
            Option("seed", "--synonym-seed", "What choices are drawn from.  [default: 0]", "N"),
        ),
    ),
    StepFlag(
        "lowercase",
        "Make all letters small.",
        others=(
            Option("fold", "--fold", "Fold case for comparing."),
            Option("turkish", "--turkish", "As Turkish does."),
            Option("keep_acronyms", "--keep-acronyms", "Leave NASA and U.S. as they are."),
        ),
    ),
    StepFlag(
        "strip_accents",
        "Take accents off letters.",
        others=(Option("letters", "--ascii-letters", "Also write \u00f8 as o and the like."),),
    ),
    StepFlag(
        "remove_digits",
        "Remove numbers, or: mask, split.",
        main=("action", "ACTION"),
        others=(
            Option(
                "words",
                "--digit-words",
                "Digits in words such as H2O and 1st: remove, mask, split, keep, same, or auto "
                "(default: keep where others are removed, else same).",
                "ACTION",
            ),
            Option("which", "--digits", "nd (default), ascii or all.", "WHICH"),
        ),
    ),
    StepFlag(
        "remove_punctuation",
        "Remove punctuation: unicode (default), symbols, ascii or all.",
        main=("which", "WHICH"),
        others=(
            Option("keep", "--keep-punctuation", "Characters that stay.", "CHARACTERS"),
            Option("keep_apostrophes", "--keep-apostrophes", "Keep them inside words."),
            Option("keep_hyphens", "--keep-hyphens", "Keep them inside words."),
            Option("keep_decimals", "--keep-decimals", "Keep . and , between digits."),
        ),
    ),
    StepFlag(
        "remove_stopwords",
        "Remove the words of lists: names, languages, files.",
        main=("lists", "LISTS"),
        others=(
            Option("keep_negation", "--remove-negation", "Also not, never ...", value=False),
            Option("keep", "--keep-word", "A word that stays. Repeatable.", "WORD", several=True),
            Option("extra", "--stopword", "One more to remove. Repeatable.", "WORD", several=True),
        ),
    ),
    StepFlag(
        "lemmatize", "Put base forms of words (extra `lemma`).", main=("language", "LANGUAGE")
    ),
    StepFlag("stem", "Put stems of words (extra `stem`).", main=("language", "LANGUAGE")),
    StepFlag(
        "split_words",
        "Put one space between words.",
        others=(Option("drop_punctuation", "--drop-punctuation", "Leave out what is no word."),),
        named="--words",
    ),
    StepFlag(
        "split_characters",
        "Put a space between characters; TEXT stands for the spaces there were.",
        main=("space", "TEXT"),
        named="--characters",
    ),
)


class StepsCommand(Command):
    """A command whose flags of steps may have a value after `=`, or none."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give flags that have no value an empty one; click would take the next argument."""
        optional = {each.flag for each in FLAGS if each.main}
        end = args.index("--") if "--" in args else len(args)
        args = [f"{arg}=" if arg in optional else arg for arg in args[:end]] + args[end:]
        return super().parse_args(ctx, args)


def steps(verb: options.Verb) -> options.Verb:
    """Add the flags of all steps, as the argument `steps`: what was given, by flag."""
    decorators: list[options.Decorator] = []
    for each in FLAGS:
        if each.main:
            decorators.append(
                click.option(
                    each.flag, callback=options.utf8, metavar=f"[={each.main[1]}]", help=each.help
                )
            )
        else:
            decorators.append(click.option(each.flag, is_flag=True, help=each.help))
        for other in each.others:
            if other.metavar:
                text = click.option(
                    other.flag,
                    multiple=other.several,
                    callback=options.utf8,
                    metavar=other.metavar,
                    help=other.help,
                )
                decorators.append(text)
            else:
                decorators.append(click.option(other.flag, is_flag=True, help=other.help))
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
    """Make the steps that flags ask for, in the order that is best.

    Raises:
        UsageError: An option was given without its step.
        ArgumentError: An option makes no sense.
    """
    from bpe_tool.errors import ArgumentError
    from bpe_tool.preprocess.options import make_step

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
    """Turn texts into numbers and lists where options are such."""
    from bpe_tool.errors import ArgumentError
    from bpe_tool.preprocess.options import types
    from bpe_tool.preprocess.registry import step_class

    known = types(step_class(step))
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
