"""The benchmark of forecasts takes any file of its shape and says what it needs."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import forecast as benchmark


@pytest.fixture
def file(tmp_path):
    random = np.random.default_rng(3)
    rows = []
    for series in range(25):
        years = random.integers(8, 15)
        path = 100 * np.exp(np.cumsum(random.normal(0.05, 0.08, years + 3)))
        rows += [(f"S{series}", "x" if t < years else "xx", t + 1, y, 1990) for t, y in enumerate(path)]
    table = pd.DataFrame(rows, columns=benchmark.COLUMNS).sample(frac=1, random_state=1)
    table.to_csv(tmp_path / "series.csv", index=False)
    return tmp_path / "series.csv"


def test_histories_are_aligned_at_their_end_and_gaps_stay_gaps(file):
    table = pd.read_csv(file)
    table[(table["id"] != "S0") | (table["t"] != 3)].to_csv(file, index=False)
    history, came = benchmark.read(file)
    own = table[table["id"] == "S0"].sort_values("t")
    past = own[own["part"] == "x"]["y"].to_numpy(copy=True)
    past[2] = np.nan
    np.testing.assert_array_equal(history[0, -len(past):], past)
    assert np.isnan(history[0, :-len(past)]).all()
    np.testing.assert_array_equal(came[0], own[own["part"] == "xx"]["y"])


def test_every_figure_is_printed_with_its_goal(file, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["forecast", str(file)])
    benchmark.main()
    told = capsys.readouterr().out
    for word in ("25 series, 3 years ahead", "last_value", "theta_and_growth", "OWA of the default",
                 "covered by 80% intervals", "covered by 95% intervals", "seconds per 1,000 series"):
        assert word in told


@pytest.mark.parametrize("text", [None, "a,b\n1,2\n", "id,part,t,y,start\nS1,x,1,5,1990\n", "id,part,t,y,start\n"])
def test_without_such_a_file_it_says_what_it_needs(text, tmp_path, monkeypatch):
    arguments = ["forecast"]
    if text is not None:
        (tmp_path / "wrong.csv").write_text(text)
        arguments.append(str(tmp_path / "wrong.csv"))
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit, match=r"columns id, part"):
        benchmark.main()
