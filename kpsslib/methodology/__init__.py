"""The methodology: what the working groups agreed, read from `parameters/methodology/`."""

from kpsslib.methodology.formula import Formula, FormulaError
from kpsslib.methodology.models import Indicator, Item, Methodology, ServiceType, WorkingGroup
from kpsslib.methodology.reading import MethodologyError, load

__all__ = [
    "Formula", "FormulaError", "Indicator", "Item", "Methodology", "MethodologyError",
    "ServiceType", "WorkingGroup", "load",
]
