"""Data of persons, which no return may hold: birth numbers and lists of people. Found, never repeated."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

from stdnum.cz import bankaccount

if TYPE_CHECKING:
    from kpsslib.intake.formats.cells import Cell, Sheet

# Not the end of another number, nor the beginning of a bank account.
_BIRTH_NUMBER = re.compile(r"(?<!\d)(?<!\d[.,/-])(\d{6})(\s?/\s?|)(\d{3,4})(?!\d|\s?/|[.,]\d)")
_SIX_DIGITS = re.compile(r"\d{6}")
_WHOSE = ("", " klienta", " klientky", " uživatele", " osoby", " dítěte", " žadatele", " zájemce", " zaměstnance",
          " pracovníka")
_SURNAME = ("příjmení",)
_NAME = ("jméno", "jméno a příjmení", "jméno, příjmení", "jméno příjmení", "příjmení a jméno", "příjmení, jméno",
         "příjmení jméno", "titul, jméno a příjmení", "titul, jméno, příjmení")
_BORN = ("rodné číslo", "rč", "r. č.", "r.č.", "narození", "datum narození", "dat. nar.", "dat. narození")
# A heading in small letters and what it announces: a "surname", a whole "name", or when somebody was "born".
_HEADINGS = {
    **{stem + of: what for what, stems in (("surname", _SURNAME), ("name", _NAME), ("born", _BORN))
       for stem in stems for of in _WHOSE},
    **dict.fromkeys(("klient", "klienti", "klientka", "uživatel", "uživatelé", "zájemce", "zájemci", "osoba",
                     "name and surname", "full name"), "name"),
    **dict.fromkeys(("surname", "last name"), "surname"), **dict.fromkeys(("date of birth", "birth number"), "born"),
}
_LONGEST = max(map(len, _HEADINGS)) + 3
_FIRST = {letter for word in _HEADINGS for letter in (word[0], word[0].upper())} | set(" \n\u00a0")
_TITLES = re.compile(r"[^\W\d_]{1,6}\.,?|,|(?:Ph|Th)\.?D\.?|CSc\.?|MBA")
_DAY = re.compile(r"\d{1,2}\. ?\d{1,2}\. ?(19|20)\d\d|(19|20)\d\d-\d\d-\d\d")
_ENOUGH = 2  # people: one name under a heading may be whom to ask about the return
_BELOW = 30  # rows under a heading that are looked at


def has_birth_number(text: str) -> bool:
    """Whether a text holds a birth number (rodné číslo): six digits of a date, then three (till 1953) or four.

    Ten digits as one number are divisible by 11, or their first nine leave 10 and the last is 0 (Act 133/2000 Sb.).
    Nine digits count with a slash only. A bank account, whose check digits hold before a known bank, is none.

    >>> has_birth_number("klient 710319/2745"), has_birth_number("účet 710319/0800")
    (True, False)
    """
    return any(_is_birth_number(day, rest, bool(slash)) for day, slash, rest in _BIRTH_NUMBER.findall(text))


def _is_birth_number(day: str, rest: str, slash: bool) -> bool:
    if not slash and len(rest) == 3:
        return False
    born = _born(day, nine_digits=len(rest) == 3)
    if born is None or born > date.today() or (len(rest) == 4 and not _checks(int(day + rest))):
        return False
    return not (slash and len(rest) == 4 and bankaccount.is_valid(f"{day}/{rest}"))


def _born(digits: str, *, nine_digits: bool) -> date | None:
    """The day of birth: to the month 50 is added for women, and since 2004 another 20 where a day's numbers ran out."""
    year, month = int(digits[:2]), int(digits[2:4])
    if nine_digits and year > 53:
        return None
    year += 1900 if nine_digits or year > 53 else 2000
    month -= 50 if month > 50 else 0
    month -= 20 if month > 20 and year > 2003 else 0
    try:
        return date(year, month, int(digits[4:]))
    except ValueError:
        return None


def _checks(number: int) -> bool:
    return number % 11 == 0 or (number // 10 % 11 == 10 and number % 10 == 0)


def _heading(text: str) -> str:
    """What a heading announces, "" where nothing of a person."""
    if text[:1] not in _FIRST or len(text) > _LONGEST:  # most cells are neither, and there are many
        return ""
    return _HEADINGS.get(" ".join(text.split()).rstrip(" :").casefold(), "")


def _is_name(text: str, words: int) -> bool:
    """Whether a text is a person's name of at least so many words, titles left out."""
    names = [word.strip(",") for word in text.split() if not _TITLES.fullmatch(word)]
    return words <= len(names) <= 4 and all(word.replace("-", "").isalpha() and word[0].isupper() for word in names)


class Watch:
    """Looks at the rows of one sheet as they go by, from top to bottom.

    `figure_columns` (from 1) hold numbers that are figures: there only texts are looked at.
    """

    def __init__(self, figure_columns: Collection[int]) -> None:
        self.figure_columns = figure_columns
        self.headings: dict[int, list] = {}  # column -> what it announces, the heading's row, how many people so far

    def look(self, row: Sequence[Cell]) -> str:
        """The address of the first cell of a row that holds data of a person, "" where none does."""
        for cell in row:
            content = cell.content
            if isinstance(content, str):
                if (_SIX_DIGITS.search(content) and has_birth_number(content)) \
                        or (self.headings and self._is_person(cell)):
                    return cell.address
                if what := _heading(content):
                    self.headings[cell.column] = [what, cell.row, 0]
            elif isinstance(content, (int, float)):
                if 1e9 <= content < 1e10 and cell.column not in self.figure_columns and content == int(content) \
                        and has_birth_number(str(int(content))):
                    return cell.address
            elif self.headings and self._is_person(cell):
                return cell.address
        return ""

    def _is_person(self, cell: Cell) -> bool:
        """Whether a cell is the second person of a list: a name, or a day of birth, under its heading."""
        watched = self.headings.get(cell.column)
        if watched is None or cell.row - watched[1] > _BELOW:
            return False
        what, content = watched[0], cell.content
        if what == "born":
            fits = isinstance(content, date) or (isinstance(content, str) and _DAY.fullmatch(content.strip()))
        else:
            fits = isinstance(content, str) and _is_name(content, 1 if what == "surname" else 2)
        watched[2] += bool(fits)
        return watched[2] >= _ENOUGH


def personal_beside(sheet: Sheet) -> str | None:
    """Where a birth number stands beside the cells: the cell of a comment, "" for the sheet's name or printed margins.

    None where there is none.
    """
    if has_birth_number(f"{sheet.title}\n{sheet.printed}"):
        return ""
    return next((address for address, text in sheet.comments.items() if has_birth_number(text)), None)
