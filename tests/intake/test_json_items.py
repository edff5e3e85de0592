"""A JSON file read item by item holds what `json.load` gives, or is refused with the place; never anything else."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpsslib.intake.register import json_items
from kpsslib.intake.register.json_items import JsonError, JsonItems

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner,
                                                                                           max_size=4), max_leaves=12)
ROOTS = st.dictionaries(st.text().filter(lambda key: key != "polozky"), VALUES, max_size=3)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(json_items, "BLOCK", 5)


def read(data: bytes):
    stream = JsonItems(io.BytesIO(data), "polozky")
    return list(stream), stream


@given(before=ROOTS, items=st.lists(VALUES, max_size=6), after=ROOTS, indent=st.sampled_from([None, 0, 2]),
       ascii_only=st.booleans(), mark=st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_the_items_are_those_of_json_load(before, items, after, indent, ascii_only, mark):
    root = before | {"polozky": items} | {key: value for key, value in after.items() if key not in before}
    text = json.dumps(root, indent=indent, ensure_ascii=ascii_only)
    data = mark + text.encode("utf-8", "surrogatepass" if ascii_only else "strict")
    found, stream = read(data)
    assert found == json.loads(text)["polozky"]
    assert stream.keys == list(root)
    assert (stream.n, stream.n_bytes) == (len(items), len(data))


WHOLE = json.dumps({"verze": 12, "polozky": [{"a": 1.5, "č": ["ž", None]}, 7, "x", {}], "konec": 305},
                   ensure_ascii=False).encode()


@pytest.mark.parametrize("end", range(len(WHOLE)))
def test_every_cut_is_refused(end):
    with pytest.raises(JsonError) as caught:
        read(WHOLE[:end])
    assert caught.value.items <= 4
    assert caught.value.byte <= end


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_as_json_load_does_or_refused(place, byte):
    data = WHOLE[:place] + bytes([byte]) + WHOLE[place + 1:]
    try:
        root = json.loads(data.decode("utf-8"))
    except ValueError:
        with pytest.raises(JsonError):
            read(data)
        return
    found, stream = read(data)
    assert stream.keys == list(root)
    assert found == root.get("polozky", [])


@pytest.mark.parametrize(("text", "kind", "items"), [
    ("", "not_an_object", 0), ("<html>", "not_an_object", 0), ("[{}]", "not_an_object", 0),
    ('{"polozky": {"a": 1}}', "not_a_list", 0), ('{"polozky": null}', "not_a_list", 0),
    ('{"polozky": [{}, {}]} {}', "damaged", 2), ('{"polozky": [1, 2,]}', "damaged", 2),
    ('{"polozky": [1 2]}', "damaged", 1),
    ('{"polozky": [' + "[" * 100_000, "damaged", 0), ('{"polozky": [' + "9" * 5000 + "]}", "damaged", 0),
])
def test_what_is_not_such_a_list_is_refused_by_kind(text, kind, items):
    with pytest.raises(JsonError) as caught:
        read(text.encode())
    assert (caught.value.kind, caught.value.items) == (kind, items)


def test_the_place_is_the_byte_where_it_broke():
    items = [{"text": "žluť" * n} for n in range(9)]
    data = json.dumps({"polozky": items}, ensure_ascii=False).encode()
    broken = data.rindex(b'"text"')
    with pytest.raises(JsonError) as caught:
        read(data[:broken] + b"x" + data[broken + 1:])
    assert (caught.value.items, caught.value.byte) == (8, broken)


def test_an_item_without_an_end_is_not_read_for_ever(monkeypatch):
    monkeypatch.setattr(json_items, "LONGEST", 1000)

    class Endless(io.RawIOBase):
        begun = False

        def read(self, size=-1):
            begun, self.begun = self.begun, True
            return b'{"polozky": ["' + b"a" * size if not begun else b"a" * size

    stream = JsonItems(Endless(), "polozky")
    with pytest.raises(JsonError):
        list(stream)
    assert stream.n_bytes < 5000
