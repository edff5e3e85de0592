"""The types of services as people write them: by abbreviation, name or paragraph of the Act, in full or shortened."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from itertools import takewhile

from kpsslib.methodology import Methodology

_PARAGRAPH = re.compile(r"(?:§|\bpar(?:agraf|\.)?)\s*(\d+)\s*([a-z]?)\b(?:\s*zak(?:ona|\.)?)?"
                        r"(?:\s*(?:c\.?)?\s*108/2006(?:\s*sb\.?)?)?")
_ACT = re.compile(r"\(?\bzak(?:ona|\.)?\s*(?:c\.?)?\s*108/2006(?:\s*sb\.?)?\)?")
_ENDING = 3  # letters by which words of one stem differ: domovy, domov
_INITIAL = 2  # one letter and a full stop say too little
_NEAREST = 3


def service_type(text: str, methodology: Methodology) -> str:
    """The code of the one type that a text names, "" where none or several fit.

    A type is named by its code, its Czech or English name, or its paragraph, or by two of them that agree, whatever
    the case and the accents. Words may be shortened with a full stop ("pečovatelská sl.") or stand in another number
    ("domov pro seniory").
    """
    if text in methodology.service_types:
        return text
    fitting = _fitting(_plain(text), methodology)
    return fitting.pop() if len(fitting) == 1 else ""


def nearest_types(text: str, methodology: Methodology) -> str:
    """At most three types that a text may have meant, each with its name; the codes of all where none is near."""
    kinds = methodology.service_types
    fitting = sorted(_fitting(_plain(text), methodology))
    names = {name: code for code, kind in kinds.items() for name in (_plain(code), _plain(kind.name.cs))}
    close = [names[name] for name in get_close_matches(_plain(text), names, n=_NEAREST, cutoff=0.5)]
    nearest = list(dict.fromkeys([*fitting, *close]))[:_NEAREST]
    return ", ".join(f"{code} ({kinds[code].name.cs})" for code in nearest) or ", ".join(kinds)


def _plain(text: str) -> str:
    """Small letters without accents, with single spaces, also for the hyphens within words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.sub(r"(?<=\w)-(?=\w)", " ", letters).split())


def _fitting(wanted: str, methodology: Methodology) -> set[str]:
    """The types that fit everything a text says."""
    kinds = methodology.service_types
    fitting = set()
    if match := _PARAGRAPH.search(wanted):
        paragraph = match[1] + match[2]
        fitting = {code for code, kind in kinds.items()
                   if "".join(kind.paragraph.split()).removeprefix("§") == paragraph}
        wanted = wanted[:match.start()] + " " + wanted[match.end():]
    wanted = _ACT.sub(" ", wanted)
    pieces = [piece for piece in (piece.strip(" -–,;:") for piece in re.split(r"[()]|\s[-–]\s", wanted)) if piece]
    named = [_named(piece, methodology) for piece in pieces]
    if match:
        named.append(fitting)
    return set.intersection(*named) if named else set()


def _named(wanted: str, methodology: Methodology) -> set[str]:
    """The types with this code or name; those whose name it shortens or inflects, where none has it exactly."""
    kinds = methodology.service_types
    names = [(_plain(name), code) for code, kind in kinds.items() for name in (kind.name.cs, kind.name.en)]
    exact = {code for name, code in [*names, *((_plain(code), code) for code in kinds)] if name == wanted}
    return exact or {code for name, code in names if _shortens(wanted.replace(".", ". ").split(), name.split())}


def _shortens(words: list[str], name: list[str]) -> bool:
    """Whether each word is the name's own, its beginning with a full stop, or of the same stem."""
    return len(words) == len(name) and all(map(_fits, words, name))


def _fits(word: str, whole: str) -> bool:
    if word.endswith("."):
        return len(word) > _INITIAL and whole.startswith(word[:-1])
    stem = sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(word, whole, strict=False)))
    return word == whole or stem >= max(3, max(len(word), len(whole)) - _ENDING)
