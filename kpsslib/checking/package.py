"""A workbook as its parts: what is not touched stays byte for byte, formulas with their results included.

Measured on a return of the template: loading and saving with openpyxl loses the results of all its formulas, writes the
protection of the sheet anew and lays the comments out anew. So the few parts that change are changed as XML.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from pathlib import Path
from xml.dom.minidom import Document, Element, Node
from xml.parsers.expat import ExpatError

from defusedxml.minidom import parseString

from kpsslib.intake.originals import BROKEN_ARCHIVE

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MAX_PART = 8_000_000  # bytes of a part that is changed: a sheet of a return has about 50,000
_MACROS = re.compile(r"vbaProject|vbaData|customUI/", re.IGNORECASE)


class MarkingError(ValueError):
    """The workbook is built in a way that cannot be marked without risk."""


class Package:
    """The parts of an .xlsx or .xlsm file; macros are left out when it is saved."""

    def __init__(self, data: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                self.parts = {one.filename: archive.read(one) for one in archive.infolist() if not one.is_dir()}
        except BROKEN_ARCHIVE as error:
            raise MarkingError("no archive that can be unpacked") from error
        self._open: dict[str, Document] = {}
        self.workbook = next(iter(self.related("", "officeDocument")), "xl/workbook.xml")
        if self.document(self.workbook).documentElement.namespaceURI != MAIN:
            raise MarkingError("not transitional Open XML")

    def document(self, name: str) -> Document:
        """A part as XML; what is changed in it is saved."""
        if name not in self._open:
            self._open[name] = self.look(name)
        return self._open[name]

    def look(self, name: str) -> Document:
        """A part as XML that stays as it is."""
        if name not in self.parts or len(self.parts[name]) > MAX_PART:
            raise MarkingError(f"part {name}")
        try:
            return parseString(self.parts[name], forbid_dtd=True)
        except (ExpatError, ValueError, LookupError) as error:  # no XML, entities, or letters that nobody knows
            raise MarkingError(f"part {name}") from error

    def add(self, name: str, data: bytes, content_type: str) -> None:
        """Add a part, or put another in its place."""
        self.parts[name] = data
        self._open.pop(name, None)
        types = self.document("[Content_Types].xml")
        if not any(e.getAttribute("PartName") == f"/{name}" for e in elements(types, "Override")):
            append(types.documentElement, "Override", PartName=f"/{name}", ContentType=content_type)

    def default_type(self, ending: str, content_type: str) -> None:
        """Say what parts of an ending are."""
        types = self.document("[Content_Types].xml")
        if not any(e.getAttribute("Extension").lower() == ending for e in elements(types, "Default")):
            first = types.documentElement.firstChild
            types.documentElement.insertBefore(
                make(types.documentElement, "Default", Extension=ending, ContentType=content_type), first)

    def related(self, part: str, kind: str) -> dict[str, str]:
        """The parts of a kind that a part is related to, with the names of the relations."""
        name = _relations_of(part)
        if name not in self.parts:
            return {}
        return {_target(part, e.getAttribute("Target")): e.getAttribute("Id")
                for e in elements(self.document(name), "Relationship")
                if e.getAttribute("Type").endswith(f"/{kind}") and e.getAttribute("TargetMode") != "External"}

    def relate(self, part: str, kind: str, target: str) -> str:
        """Relate a part to another one; returns the relation's name."""
        name = _relations_of(part)
        if name not in self.parts:
            self.parts[name] = f'<Relationships xmlns="{_PACKAGE}relationships"/>'.encode()
        document = self.document(name)
        used = {e.getAttribute("Id") for e in elements(document, "Relationship")}
        relation = next(f"rIdKpss{n}" for n in range(1, 1000) if f"rIdKpss{n}" not in used)
        append(document.documentElement, "Relationship", Id=relation, Type=f"{RELATIONS}/{kind}", Target=f"/{target}")
        return relation

    def unused(self, pattern: str) -> str:
        """A name that no part has yet, from a pattern such as "xl/comments{}.xml"."""
        return next(name for n in range(1, 10_000) if (name := pattern.format(n)) not in self.parts)

    def drop_macros(self) -> bool:
        """Leave out macros; says whether there were any. Raises MarkingError where sheets depend on them."""
        if any(re.match(r"xl/(macrosheets|activeX)/", name) for name in self.parts):
            raise MarkingError("macro sheets")
        gone = {name for name in self.parts if _MACROS.search(name)}
        for name in [n for n in self.parts if n.endswith(".rels")] if gone else ():
            part = _part_of(name)
            _remove(self, name, "Relationship", lambda e, p=part: _target(p, e.getAttribute("Target")) in gone)
        types = self.document("[Content_Types].xml")
        _remove(self, "[Content_Types].xml", "Override", lambda e: e.getAttribute("PartName").lstrip("/") in gone)
        for name in gone:
            del self.parts[name]
        for element in elements(types, "Override"):
            if element.getAttribute("PartName") == f"/{self.workbook}":
                element.setAttribute("ContentType", f"{_SPREADSHEET}.sheet.main+xml")
        return bool(gone)

    def save(self, path: Path) -> None:
        """Write the workbook."""
        for name, document in self._open.items():
            self.parts[name] = to_bytes(document)
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.parts.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def elements(parent: Document | Element, name: str) -> list[Element]:
    """All elements of a name below, whatever their prefix."""
    return list(parent.getElementsByTagNameNS("*", name))


def children(parent: Element, name: str) -> list[Element]:
    """The elements of a name right below."""
    return [child for child in parent.childNodes if child.nodeType == Node.ELEMENT_NODE and child.localName == name]


def first(parent: Element, name: str) -> Element:
    """The first element of a name right below; raises MarkingError where there is none."""
    found = children(parent, name)
    if not found:
        raise MarkingError(f"no {name}")
    return found[0]


def make(like: Element, tag: str, text: str = "", **attributes: object) -> Element:
    """An element in the namespace and with the prefix of another one."""
    document = like.ownerDocument
    element = document.createElementNS(like.namespaceURI, f"{like.prefix}:{tag}" if like.prefix else tag)
    for key, value in attributes.items():
        element.setAttribute(key.replace("__", ":"), str(value))
    if text:
        element.appendChild(document.createTextNode(text))
    return element


def append(parent: Element, tag: str, text: str = "", **attributes: object) -> Element:
    """A new last child."""
    return parent.appendChild(make(parent, tag, text, **attributes))


def _remove(package: Package, name: str, tag: str, gone) -> None:
    for element in elements(package.document(name), tag):
        if gone(element):
            element.parentNode.removeChild(element)


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _part_of(relations: str) -> str:
    folder, name = posixpath.split(relations)
    return posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))


def _target(part: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(
        posixpath.join(posixpath.dirname(part), target))


def to_bytes(document: Document) -> bytes:
    """The XML of a document. Minidom's own writer loses the line ends within attributes."""
    out = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n']
    _write(document.documentElement, out)
    return "".join(out).encode()


def _write(node: Node, out: list[str]) -> None:
    if node.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE):
        out.append(escape(node.data))
    elif node.nodeType == Node.ELEMENT_NODE:
        named = "".join(f' {key}="{escape(value, quoted=True)}"' for key, value in node.attributes.items())
        out.append(f"<{node.tagName}{named}>" if node.childNodes else f"<{node.tagName}{named}/>")
        for child in node.childNodes:
            _write(child, out)
        if node.childNodes:
            out.append(f"</{node.tagName}>")


def escape(text: str, *, quoted: bool = False) -> str:
    """Text for XML; characters that XML cannot hold are left out."""
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return text.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;") if quoted else text
