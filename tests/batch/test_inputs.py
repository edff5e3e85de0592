"""Which data a run reads, also where a file of it cannot be read."""

from pathlib import Path

from kpsslib.batch.inputs import data_hash


def test_a_file_that_cannot_be_read_stops_nothing(tmp_path, monkeypatch):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("1", "utf-8")
    bad.write_text("2", "utf-8")
    before, plain = data_hash([good, bad]), Path.read_bytes

    def refused(path):
        if path == bad:
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert data_hash([good, bad]) not in (before, data_hash([good]))
