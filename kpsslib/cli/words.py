"""The words of the command line that come from typer, in the language spoken: helps and wrong calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import typer
from typer.core import TyperCommand, TyperGroup

from kpsslib.language import LANGUAGES, _

WRONG_CALL = typer.BadParameter.__base__  # what typer raises for every wrong call; it publishes only this subclass


class Command(TyperCommand):
    """A command whose help is in the language spoken."""

    def get_help(self, ctx: typer.Context) -> str:
        """The help with typer's own words translated."""
        return _headings(super().get_help(ctx))


class Group(TyperGroup):
    """All commands; their help is in the language spoken."""

    def get_help(self, ctx: typer.Context) -> str:
        """The help with typer's own words translated."""
        return _headings(super().get_help(ctx))


def in_language(kpss: typer.Typer) -> TyperGroup:
    """The commands with every text of their help translated."""
    group = typer.main.get_command(kpss)
    group.epilog = _(group.epilog)
    for command in [group, *group.commands.values()]:
        command.help = _(command.help)
        for parameter in command.params:
            parameter.help = _(parameter.help)
    return group


def take_language(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """The value of `--lang`, wherever it stands (None without it), and the other arguments."""
    language, rest = None, []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--lang" or argument.startswith("--lang="):
            language = argument.partition("=")[2] or next(waiting, "")
            if language not in LANGUAGES:
                found, expected = repr(language), ", ".join(LANGUAGES)
                raise typer.BadParameter(
                    _("--lang: found {found}, expected one of {expected}", found=found, expected=expected)
                )
        else:
            rest.append(argument)
    return language, rest


def whole(name: str, text: str) -> int:
    """A whole number of at least 1 from the command line; raises typer.BadParameter."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise typer.BadParameter(
            _("{name}: found {found}, expected a whole number of at least 1", name=name, found=repr(text))
        )
    return int(text)


def here(folder: str) -> str:
    """A folder of the command line as it is from where the caller stands; "" stays what it is."""
    return folder and str(Path(folder).absolute())


def needed(given: Mapping[str, object]) -> None:
    """What a way of calling a command cannot do without, by name; raises typer.BadParameter for the first missing."""
    for name, value in given.items():
        if not value:
            raise typer.BadParameter(_("{name} is missing", name=name))


def no_more_than_register(sources: Sequence[str], mapping: str) -> None:
    """The register of providers is read alone: raises typer.BadParameter where tables were named with it."""
    if sources or mapping:
        found = ", ".join([*sources, *filter(None, [mapping])])
        raise typer.BadParameter(_("too many arguments: {found}", found=found))


def wrong_call(error: WRONG_CALL) -> str:
    """A wrong call in a sentence, with the command whose help to read."""
    command = error.ctx.command_path if error.ctx else "kpss"
    return _("{sentence}. Help: {command} --help", sentence=_sentence(error), command=command)


def _sentence(error: WRONG_CALL) -> str:
    """What is wrong. typer keeps the classes of these errors to itself, so they are told apart by what they carry."""
    parameter = getattr(error, "param", None)
    if parameter is not None and not error.message:
        name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar
        return _("{name} is missing", name=name)
    if hasattr(error, "possibilities"):
        return _("option {name} does not exist", name=error.option_name)
    if hasattr(error, "option_name"):
        return _("option {name} needs a value", name=error.option_name)
    if error.message.startswith("No such command"):
        return _("command {name} does not exist", name=error.message.split("'")[1])
    if error.message.startswith("Got unexpected extra"):
        return _("too many arguments: {found}", found=error.message.rpartition("(")[2].rstrip(")"))
    return error.message


def _headings(text: str) -> str:
    """The words that typer itself puts into a help, translated."""
    words = {
        "Usage:": _("Usage:"),
        "Options:": _("Options:"),
        "Arguments:": _("Arguments:"),
        "Commands:": _("Commands:"),
        "[required]": _("[required]"),
        "Show this message and exit.": _("Show this help."),
        " <str>": "",
        " <list[str]>": "",
    }
    for english, spoken in words.items():
        text = text.replace(english, spoken)
    return text
