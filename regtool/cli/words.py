"""Reads a command line that is right, and leaves all others to typer.

A right one is read with the declarations alone, so that a run does not wait for typer, which is for the rest: help,
mistakes, completion. That is 30 ms of 160 before the first request. What is not plainly right is not decided here.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from regtool.cli.parameter import REQUIRED, Parameter
from regtool.cli.spelling import Option


class _Unclear(Exception):
    """Words that are wrong, or right in a way that only typer knows."""


def read(parameters: Sequence[Parameter], words: Sequence[str]) -> dict[str, Any] | None:
    """The value of each parameter; None if typer has to look at these words."""
    try:
        texts = _sorted(parameters, words)
        return {parameter.name: _value(parameter, texts.get(parameter.name)) for parameter in parameters}
    except (_Unclear, ValueError):
        return None


def _sorted(parameters: Sequence[Parameter], words: Sequence[str]) -> dict[str, list[str]]:
    """The texts that were given for each parameter, in their order."""
    options = {name: one for one in parameters if isinstance(one.spelling, Option) for name in one.spelling.names}
    texts: dict[str, list[str]] = {}
    loose: list[str] = []
    coming = iter(words)
    for word in coming:
        if not _is_named(word):
            loose.append(word)
            continue
        name, equals, text = word.partition("=")
        if name not in options or (equals and not name.startswith("--")):
            raise _Unclear
        parameter = options[name]
        texts.setdefault(parameter.name, []).append(_text(parameter, text if equals else None, coming))
    return texts | _placed([one for one in parameters if not isinstance(one.spelling, Option)], loose)


def _text(parameter: Parameter, text: str | None, coming: Iterator[str]) -> str:
    """What is given for an option: nothing for a flag, else what stands behind `=`, or else the next word."""
    if parameter.item is bool:
        if text is not None:
            raise _Unclear
        return ""
    text = next(coming, None) if text is None else text
    if text is None or _is_named(text):
        raise _Unclear
    return text


def _placed(arguments: Sequence[Parameter], loose: list[str]) -> dict[str, list[str]]:
    """The words without a name, by their place; a list takes all that are left."""
    texts: dict[str, list[str]] = {}
    for argument in arguments:
        count = len(loose) if argument.is_list else 1
        if loose:
            texts[argument.name] = loose[:count]
            loose = loose[count:]
    if loose:
        raise _Unclear
    return texts


def _value(parameter: Parameter, texts: list[str] | None) -> Any:
    if texts is None:
        if parameter.default is REQUIRED:
            raise _Unclear
        return parameter.default
    if parameter.item is bool:
        return True
    values = [parameter.parse(text) for text in texts]
    return values if parameter.is_list else values[-1]


def _is_named(word: str) -> bool:
    return word.startswith("-") and word != "-"
