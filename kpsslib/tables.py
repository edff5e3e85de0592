"""The tables of a run: their columns and types are fixed here; Parquet files, written whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pandas as pd

# Text columns are Arrow strings or categories of them, so that an identifier keeps its leading zeros.
TABLES: dict[str, dict[str, str]] = {
    "services": dict(
        service_id="str", form="str", provider_id="str", provider_name="str", service_name="str", service_type="str",
        group="str", capacity_unit="str", capacity="float", municipality_code="str", municipality="str",
        orp_code="str", orp_name="str", region_code="str", valid_from="str", valid_to="str", network_tier="str",
        entrusted_from="str", entrusted_to="str",
    ),
    "facts": dict(service_id="str", form="str", year="int", round="str", item="str", value="float", status="str",
                  file="str", sheet="str", cell="str", received_at="str"),
    "problems": dict(
        file="str", sheet="str", cell="str", rule="str", severity="str", service_id="str", form="str", item="str",
        year="int", round="str", found="str", expected="str", advice="str", value="str", cause="str",
    ),
    "confirmations": dict(file="str", sheet="str", cell="str", service_id="str", form="str", year="int", round="str",
                          rule="str", item="str", value="str", answer="str", who="str", day="str", state="str"),
    "ignored": dict(file="str", sheet="str", cell="str", content="str", reason="str"),
    "originals": dict(file="str", sha256="str", size="int", state="str", reason="str", service_id="str",
                      group="str", year="int", round="str", received_at="str"),
    "completeness": dict(group="str", service_type="str", form="str", year="int", round="str", n_reported="int",
                         n_expected="int", items_filled="int", items_required="int"),
    "territory": dict(orp_code="str", orp_name="str", region_code="str", year="int", item="str", value="float",
                      source="str"),
    "indicators": dict(
        indicator="str", unit_id="str", form="str", year="int", round="str", numerator="float", denominator="float",
        value="float", low="float", high="float", flag="str",
    ),
    "comparison": dict(
        indicator="str", unit_id="str", form="str", year="int", round="str", peer_set="str", peers="str",
        numerator="float", denominator="float", value="float", low="float", high="float", by_log="bool",
        shrunk="float", n_reported="int", n_expected="int", weighted="float", median="float", q1="float", q3="float",
        percentile="float", rank_low="float", rank_high="float", position="str", p_adjusted="float", trend="str",
        change="str", p_change="float", method_break="bool", flag="str",
    ),
    "attention": dict(
        service_id="str", form="str", year="int", indicator="str", kind="str", weight="float", shown="bool",
        peer_set="str", n_reported="int", value="float", median="float", gap="float", previous="float",
        position="str", p_adjusted="float", years_certain="int", years_known="int", trend="str", change="str",
    ),
    "peers": dict(unit_id="str", form="str", peer_id="str", peer_form="str", place="int", distance="float",
                  mutual="bool", known="float", drivers="str", chosen_from="str"),
    "good_practice": dict(service_id="str", form="str", year="int", service_type="str", dimensions="str",
                          years_held="int", blocked_by="str", candidate="bool"),
    "reserves": dict(
        indicator="str", service_id="str", form="str", year="int", target="str", target_value="float", value="float",
        volume="float", gap="float", amount_czk="float", low="float", high="float", certain="bool",
        price_part="float", staffing_part="float", hours_part="float", occupancy_part="float", travel_part="float",
        overhead_part="float", reason="str",
    ),
    "frontier": dict(
        service_id="str", form="str", year="int", service_type="str", frontier="str", n="int", needed="int",
        ratio="float", score="float", corrected="float", low="float", high="float", efficient="bool", peer_id="str",
        alone="bool", mix="str", less="str", more="str", volumes="str", reason="str", interval_reason="str",
    ),
    "forecast": dict(
        service_id="str", service_type="str", form="str", item="str", year="int", scenario="str", low="float",
        mid="float", high="float", method="str", backtest_mase="float",
    ),
    "accuracy": dict(service_type="str", form="str", item="str", method="str", mase="float", mape="float",
                     n_forecasts="int", chosen="bool"),
    "outlook": dict(level="str", unit_id="str", scenario="str", year="int", item="str", low="float", mid="float",
                    high="float"),
    "gap": dict(level="str", unit_id="str", scenario="str", year="int", cost="float", other_revenue="float",
                need="float", allocation="float", gap="float", low="float", high="float"),
    "cliffs": dict(service_id="str", service_type="str", form="str", last_year="int", year="int", amount="float",
                   share="float"),
}
_DTYPES = {"str": "str", "int": "Int64", "float": "float64", "bool": "bool"}


def conform(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with exactly its fixed columns, in order and type; a text may stay a category where it repeats.

    Raises KeyError where a column is missing.
    """
    columns = TABLES[name]
    absent = [c for c in columns if c not in table]
    if absent:
        raise KeyError(f"table {name}: columns {', '.join(absent)} are missing")
    kept = {c for c, t in columns.items() if t == "str" and isinstance(table[c].dtype, pd.CategoricalDtype)}
    dtypes = {c: _DTYPES[t] for c, t in columns.items() if c not in kept}
    return table[list(columns)].astype(dtypes).reset_index(drop=True)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a Parquet file aside and move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        table.to_parquet(aside, index=False)
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
