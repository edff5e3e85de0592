"""The store of a cluster, in a folder and in what is none."""

import hashlib

import fsspec
import pytest

from kpsslib.batch.store import BlobError, Store


@pytest.fixture(params=["folder", "memory"])
def url(request, tmp_path):
    return f"file://{tmp_path}/s k l a d" if request.param == "folder" else f"memory://{tmp_path.name}"


def test_a_blob_is_put_once_and_comes_back(url):
    store = Store(url)
    digest = store.put("výkaz".encode())
    assert digest == hashlib.sha256("výkaz".encode()).hexdigest()
    assert store.put("výkaz".encode()) == digest
    system, path = fsspec.url_to_fs(url)
    assert [name.rpartition("/")[2] for name in system.find(path)] == [digest]
    assert Store(url).get(digest) == "výkaz".encode()


@pytest.mark.parametrize("damaged", [b"", b"v", b"vykaz "], ids=["empty", "shorter", "changed"])
def test_a_damaged_blob_is_never_given_and_can_be_put_again(url, damaged):
    store = Store(url)
    digest = store.put(b"vykaz")
    system, path = fsspec.url_to_fs(url)
    system.pipe_file(f"{path}/blobs/{digest}", damaged)
    with pytest.raises(BlobError) as found:
        Store(url).get(digest)
    assert found.value.digest == digest
    with pytest.raises(BlobError):  # it has been taken away
        store.get(digest)
    store.put(b"vykaz")  # believed to be there
    store.forget([digest])
    store.put(b"vykaz")
    assert store.get(digest) == b"vykaz"
