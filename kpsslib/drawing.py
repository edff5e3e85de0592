"""How figures and tables look everywhere.

One style, one palette that everybody can tell apart, and with each figure an alternative text and its numbers.
"""

from __future__ import annotations

import base64
import html
import io
import re

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, display
from matplotlib.figure import Figure

from kpsslib.language import _, number

# Okabe & Ito (2008), told apart under all common colour deficiencies; each meaning also has its own marker.
INK, GREY, LIGHT = "#1b2a38", "#6b7680", "#d5dade"
BLUE, ORANGE, GREEN, RED, SKY, PINK = "#0072b2", "#b35900", "#00795a", "#c23b22", "#56b4e9", "#a8517e"
POSITION_COLOURS = {"better": BLUE, "worse": ORANGE}
MISSING = "–"


def style() -> None:
    """Set the house style of matplotlib."""
    plt.rcParams.update({
        "figure.dpi": 110, "savefig.dpi": 110, "figure.constrained_layout.use": True,
        "font.size": 10, "axes.titlesize": 11, "axes.titleweight": "bold", "axes.titlelocation": "left",
        "axes.edgecolor": GREY, "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK,
        "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": LIGHT,
        "grid.linewidth": 0.6, "axes.axisbelow": True, "legend.frameon": False,
    })


def show(figure: Figure, title: str, alt: str, numbers: pd.DataFrame | None = None, meaning: str = "") -> None:
    """Display a figure with its title, an alternative text, what it means and does not, and its numbers, folded."""
    display(HTML(figure_html(figure, title, alt, numbers, meaning)))


def figure_html(figure: Figure, title: str, alt: str, numbers: pd.DataFrame | None = None, meaning: str = "") -> str:
    """The figure as HTML: a picture within, its alternative text, what it means and does not, its numbers, folded."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    plt.close(figure)
    data = base64.b64encode(picture.getvalue()).decode()
    folded = ""
    if numbers is not None and len(numbers):
        folded = f"<details><summary>{_('The numbers of this figure')}</summary>{table_html(numbers)}</details>"
    said = f'<p class="kpss-meaning">{html.escape(meaning)}</p>' if meaning else ""
    return (f'<figure class="kpss-figure"><figcaption>{html.escape(title)}</figcaption>'
            f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}">{said}{folded}</figure>')


def table(numbers: pd.DataFrame, caption: str, first: int | None = None) -> None:
    """Display a table whose cells are ready text, with a caption; only its first rows, the whole table folded."""
    if first is None or len(numbers) <= first:
        display(HTML(table_html(numbers, caption)))
        return
    counts = dict(first=number(first), all=number(len(numbers)))
    heading = _("{caption}: first {first} of {all}", caption=caption.rstrip("."), **counts)
    shown = table_html(numbers.head(first), heading)
    summary = _("The whole table, rows: {all}", all=counts["all"])
    display(HTML(f"{shown}<details><summary>{summary}</summary>{table_html(numbers, caption)}</details>"))


def table_html(numbers: pd.DataFrame, caption: str = "") -> str:
    """The table as HTML: headers with scope, columns of numbers on the right, every cell escaped."""
    right = [_is_of_numbers(numbers[column]) for column in numbers.columns]
    head = "".join(_cell("th", column, num) for column, num in zip(numbers.columns, right, strict=True))
    rows = "".join("<tr>" + "".join(_cell("td", value, num) for value, num in zip(row, right, strict=True)) + "</tr>"
                   for row in numbers.itertuples(index=False))
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return ('<div class="kpss-scroll" tabindex="0"><table class="kpss-table">'
            f"{title}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>")


def _text(value: object) -> str:
    return MISSING if value is None or value is pd.NA or value != value else str(value)


def _is_of_numbers(column: pd.Series) -> bool:
    """Whether every cell that says something begins as a number does; five digits together are an identifier."""
    said = [text for text in map(_text, column) if text not in ("", MISSING)]
    return bool(said) and all(re.match(r"[-+−–]*\d(?!\d{4})", text) for text in said)


def _cell(tag: str, value: object, is_number: bool) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    side = ' class="num"' if is_number else ""
    return f"<{tag}{scope}{side}>{html.escape(_text(value))}</{tag}>"
