"""The store of a cluster: files by their content, in a folder or an object store that fsspec reaches."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from contextlib import suppress


class BlobError(Exception):
    """A blob that is not in the store, or is not what its name says; `digest` is its name, `place` where it lies."""

    def __init__(self, digest: str, place: str) -> None:
        self.digest, self.place = digest, place
        super().__init__(place)


class Store:
    """Blobs at `<url>/blobs/<SHA-256>`, each put there once.

    Raises ValueError or ImportError where the URL is of no kind that is known here, and what the file system raises,
    mostly OSError.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        self.url = url
        self._system, path = fsspec.url_to_fs(url)
        self._folder = f"{path.rstrip('/')}/blobs"
        self._there: set[str] = set()

    def holds(self, digest: str) -> bool:
        """Whether a blob is known to be there; it is not looked for."""
        return digest in self._there

    def put(self, data: bytes) -> str:
        """Put a blob where it is not there yet; returns its SHA-256."""
        digest = hashlib.sha256(data).hexdigest()
        if not self.holds(digest) and not self._system.exists(self._place(digest)):
            self._system.makedirs(self._folder, exist_ok=True)
            beside = self._place(f".{uuid.uuid4().hex}.part")  # whoever finds a blob finds it whole
            self._system.pipe_file(beside, data)
            self._system.mv(beside, self._place(digest))
        self._there.add(digest)
        return digest

    def get(self, digest: str) -> bytes:
        """A blob; raises BlobError where it is not there or not whole, and then takes it away."""
        try:
            data = self._system.cat_file(self._place(digest))
        except FileNotFoundError:
            raise BlobError(digest, self._place(digest)) from None
        if hashlib.sha256(data).hexdigest() != digest:
            with suppress(OSError):
                self._system.rm_file(self._place(digest))
            raise BlobError(digest, self._place(digest))
        return data

    def forget(self, digests: Iterable[str]) -> None:
        """Blobs that somebody else did not find whole: the next one who has them puts them again."""
        self._there.difference_update(digests)

    def _place(self, name: str) -> str:
        return f"{self._folder}/{name}"
