"""N of "n of N": how many services the register has for a set in a year."""

import pandas as pd
import pytest

from kpsslib.comparison import compare


@pytest.mark.parametrize("told", ["2023-12-31", None])
def test_a_service_that_moved_is_expected_where_it_is_whether_or_not_its_end_there_is_told(
        told, region, methodology):
    own = region.services["service_id"] == "DS000"
    services = pd.concat([region.services.assign(valid_to=region.services["valid_to"].mask(own, told)),
                          region.services[own].assign(service_type="DZR", valid_from="2024-01-01")])
    table = compare(region.indicators, services, methodology, year=2025)
    rows = table[(table["indicator"] == "N01") & (table["unit_id"] == "DS001")]
    rows = rows[rows["peers"] == "DS/residential/beds"].set_index("year")["n_expected"]
    assert rows.loc[2022:].to_dict() == {2022: 14, 2023: 14, 2024: 13, 2025: 13}
