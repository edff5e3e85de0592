"""A run file that says what no value can be is refused with its place."""

import pytest

from kpsslib.workspace import RunError, open_run


def test_a_number_of_thousands_of_digits_is_refused_with_its_place(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(f"name: small\nyear: {'9' * 5000}\n", "utf-8")
    with pytest.raises(RunError) as refused:
        open_run(str(path))
    assert refused.value.problems == [
        f"{path}, řádek 2, sloupec 7: není platné YAML; zkontrolujte závorky, uvozovky a odsazení"]
