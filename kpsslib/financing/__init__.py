"""Facts -> what services will cost and who will pay: forecasts and their proof, scenarios, roll-ups, the gap."""

from kpsslib.financing.cliffs import cliffs
from kpsslib.financing.forecasting import Forecasts, forecast
from kpsslib.financing.heldout import held_out
from kpsslib.financing.outlook import gap, outlook
from kpsslib.financing.price_volume import price_volume
from kpsslib.financing.reconciliation import checks
from kpsslib.financing.scenarios import Scenarios, read_scenarios

__all__ = ["Forecasts", "Scenarios", "checks", "cliffs", "forecast", "gap", "held_out", "outlook", "price_volume",
           "read_scenarios"]
