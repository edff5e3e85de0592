"""Facts -> what services will cost and who will pay: forecasts, scenarios, roll-ups and the gap to an allocation."""

from kpsslib.financing.cliffs import cliffs
from kpsslib.financing.forecasting import Forecasts, forecast
from kpsslib.financing.outlook import gap, outlook
from kpsslib.financing.scenarios import Scenarios, read_scenarios

__all__ = ["Forecasts", "Scenarios", "cliffs", "forecast", "gap", "outlook", "read_scenarios"]
