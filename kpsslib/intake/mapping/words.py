"""What the checks of tables designed by others are called."""

from __future__ import annotations

from kpsslib.language import _


def import_rule_names() -> dict[str, str]:
    """What each check of a mapping asks, by its code in `problems`, in the language spoken."""
    return {
        "import_file": _("Imported files can be read and the mapping knows them"),
        "import_sheet": _("The sheet is there"), "import_header": _("The header is there"),
        "import_column": _("Every column is there once"), "import_date": _("The heading names the day"),
        "import_identity": _("Every row says whom it is about"), "import_territory": _("The territory is known"),
        "import_type": _("The type is filled in and known"), "import_number": _("Figures are numbers"),
        "import_double": _("Each service has one row a date"),
        "import_total": _("Sub-totals agree with their rows"),
        "import_link": _("Each service is found at every date"),
    }
