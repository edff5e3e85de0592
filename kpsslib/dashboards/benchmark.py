"""The benchmark dashboard's view: one small JSON with ready text for one choice, so that the browser only draws."""

from __future__ import annotations

import math

from kpsslib.comparison import attention_label, attention_sentences, position_label, trend_label
from kpsslib.comparison.peers import chain, nearest_code, others
from kpsslib.dashboards import words
from kpsslib.dashboards.axis import axis
from kpsslib.dashboards.board import Board, GroupTables
from kpsslib.dashboards.choice import Choice, options
from kpsslib.dashboards.definition import definition
from kpsslib.dashboards.peers import NOTHING, PeerSet, peer_set
from kpsslib.dashboards.series import series
from kpsslib.language import _, number, percent, plural, sort_key
from kpsslib.methodology import Indicator
from kpsslib.methodology.words import form_label, round_name


def view(board: Board, choice: Choice) -> dict:
    """Everything the dashboard shows of a choice.

    Keys: choice, options, title, subtitle, notes, sentence, dots (axis, set, rows, missing), facts, series,
    definition, table. Numbers are for drawing; whatever is read stands as text in the language spoken.
    """
    tables, indicator = board.group(choice.group), board.methodology.indicators[choice.indicator]
    peers = peer_set(board, choice)
    own = peers.row(choice.service)
    kind = board.methodology.service_types[choice.service_type]
    return {
        "choice": {key: str(code) for key, code in choice._asdict().items()},
        "options": options(board, choice),
        "title": f"{_capital(str(indicator.name))}: {kind.name}, {choice.year}",
        "subtitle": _subtitle(indicator, choice, peers),
        "notes": [*_returns(tables, choice, peers), *_wider(board, peers)],
        "sentence": words.sentence(tables.names[choice.service], own, indicator),
        "dots": _dots(board, choice, indicator, peers),
        "facts": _facts(own, indicator),
        "attention": _attention(board, choice),
        "series": series(peers, choice, indicator),
        "definition": definition(indicator, choice.year, board.methodology),
        "table": _table(board, choice, indicator, peers),
    }


def _subtitle(indicator: Indicator, choice: Choice, peers: PeerSet) -> list[str]:
    parts = [str(indicator.unit_label), words.direction(indicator), form_label(choice.form)]
    if peers.rows:
        parts += [words.n_of_n(peers.of_set["n_reported"], peers.of_set["n_expected"]),
                  round_name(peers.of_set["round"])]
    return parts


def _returns(tables: GroupTables, choice: Choice, peers: PeerSet) -> list[str]:
    """How complete the returns of the type are."""
    done = tables.completeness
    done = done[(done["service_type"] == choice.service_type) & (done["form"] == choice.form)
                & (done["year"] == choice.year) & (done["round"] == peers.of_set["round"])]
    if not done["items_required"].sum() > 0:
        return []
    filled = float(done["items_filled"].sum() / done["items_required"].sum())
    sent = words.n_of_n(int(done["n_reported"].sum()), int(done["n_expected"].sum()))
    return [_("Returns came from {sent}; {filled} of the required items are filled.", sent=sent,
              filled=percent(filled, 0))]


def _wider(board: Board, peers: PeerSet) -> list[str]:
    """A warning where the set is not the one of the type."""
    rules = board.methodology.peers
    if peers.rule and peers.rule == nearest_code(board.methodology):
        return [_("Beside its nearest peers by context, never by performance; only the chosen service is judged.")]
    if peers.rule not in chain(board.methodology)[1:]:
        return []
    return [_("Too few services of this type: compared with a wider set ({rule}); other types in italics.",
              rule=rules[peers.rule].name)]


def _dots(board: Board, choice: Choice, indicator: Indicator, peers: PeerSet) -> dict:
    """The ordered dots: axis, the set's median and quartiles, a row a service, and who is missing and why."""
    tables = board.group(choice.group)
    of_set = [peers.of_set[key] for key in ("median", "q1", "q3")]
    ends = [end for row in peers.shown for end in (row["low"], row["high"])]
    missing = _missing(board, choice, indicator, peers)
    return {
        "axis": axis([row["value"] for row in peers.shown] + of_set, ends),
        "unit": str(indicator.unit_label),
        "order": words.order(indicator),
        "summary": _set_summary(peers.of_set, indicator),
        "legend": _legend(board, indicator, peers) if math.isfinite(of_set[0]) else [],
        "median": words.or_none(of_set[0]), "q1": words.or_none(of_set[1]), "q3": words.or_none(of_set[2]),
        "rows": [_dot(tables, choice, indicator, row) for row in peers.shown],
        "missing": missing,
        "missing_title": plural("{n} service without a value", "{n} services without a value", len(missing)),
    }


def _legend(board: Board, indicator: Indicator, peers: PeerSet) -> list[list[str]]:
    """The marks with their words; among the nearest peers all but the chosen service are grey."""
    marks = words.legend(indicator)
    if peers.rule == nearest_code(board.methodology) and len(marks) > 1:
        return [*marks[:-1], ["level", _("cannot be told from it, or not judged")]]
    return marks


def _missing(board: Board, choice: Choice, indicator: Indicator, peers: PeerSet) -> list[str]:
    """The registered services that are not drawn, each with the reason."""
    tables = board.group(choice.group)
    shown = {row["unit_id"] for row in peers.shown}
    flagged = [row for row in peers.rows if row["unit_id"] not in shown]
    texts = []
    for row in [*flagged, *_silent(board, choice, peers)]:
        parts = [words.amount(row["value"], indicator)] if math.isfinite(row["value"]) else []
        texts.append(f"{tables.names[row['unit_id']]} ({', '.join([*parts, words.reason(row['flag'])])})")
    return sorted(texts, key=sort_key)


def _silent(board: Board, choice: Choice, peers: PeerSet) -> list[dict]:
    """Rows for the services of the type (and set) that are registered in the year and have sent nothing."""
    tables, rest = board.group(choice.group), others(board.methodology)
    heard = {row["unit_id"] for row in peers.rows}
    registered = tables.registered(choice.service_type, choice.form, choice.year)["service_id"]
    known = set(registered) & set(peers.members) if peers.rule in rest else set(registered)
    silent = sorted(known - heard, key=lambda service: sort_key(tables.names[service]))
    return [{**NOTHING, "unit_id": service} for service in silent]


def _dot(tables: GroupTables, choice: Choice, indicator: Indicator, row: dict) -> dict:
    interval = words.span(row["low"], row["high"], indicator)
    details = [words.amount(row["value"], indicator), position_label(row["position"])]
    details += [_("interval {interval}", interval=interval)] if interval != "–" else []
    details += [_("rank {ranks}", ranks=words.ranks(row))] if math.isfinite(row["rank_low"]) else []
    details += [tables.providers[row["unit_id"]]]
    return {
        "id": row["unit_id"], "name": tables.names[row["unit_id"]], "value": words.or_none(row["value"]),
        "low": words.or_none(row["low"]), "high": words.or_none(row["high"]),
        "text": number(row["value"], indicator.digits), "details": details,
        "mark": words.MARKS.get(row["position"], "level"), "chosen": row["unit_id"] == choice.service,
        "other": row["service_type"] != choice.service_type,
    }


def _set_summary(of_set: dict, indicator: Indicator) -> str:
    """The set in one line: median, quartiles and the value of all services together."""
    if not math.isfinite(of_set["median"]):
        return _("Too few services for a median")
    parts = [_("Median {median}", median=words.short(of_set["median"], indicator)),
             _("middle half {quartiles}", quartiles=words.reach(of_set["q1"], of_set["q3"], indicator))]
    if math.isfinite(of_set["weighted"]):
        parts.append(_("all services together {weighted}", weighted=words.short(of_set["weighted"], indicator)))
    return ", ".join(parts)


def _facts(own: dict, indicator: Indicator) -> list[list[str]]:
    """The chosen service in terms and values."""
    share = own["percentile"] / 100 if math.isfinite(own["percentile"]) else None
    return [
        [_("Value"), words.amount(own["value"], indicator)],
        [_("Interval"), words.span(own["low"], own["high"], indicator)],
        [_("Drawn to the set"), words.amount(own["shrunk"], indicator)],
        [_("Position"), position_label(own["position"])],
        [_("Rank"), words.ranks(own)],
        [_("Percentile"), percent(share, 0)],
        [_("Development"), trend_label(own["trend"])],
    ]


def _attention(board: Board, choice: Choice) -> list[list[str]]:
    """What deserves attention of the chosen service in the year the attention list was made for: kind and sentences."""
    rows = board.group(choice.group).attention
    rows = rows[(rows["service_id"] == choice.service) & (rows["form"] == choice.form)
                & rows["indicator"].isin(list(board.methodology.indicators)) & (rows["year"] == choice.year)]
    said = attention_sentences(rows, board.methodology)
    return [[attention_label(kind), text] for kind, text in zip(rows["kind"], said, strict=True)]


def _table(board: Board, choice: Choice, indicator: Indicator, peers: PeerSet) -> dict:
    """The table behind the figure, services without a value included."""
    tables = board.group(choice.group)
    rows = [{"chosen": row["unit_id"] == choice.service, "cells": [
        tables.names[row["unit_id"]], number(row["value"], indicator.digits),
        words.span(row["low"], row["high"], indicator), words.ranks(row),
        position_label(row["position"]) if row["flag"] == "ok" else words.reason(row["flag"]),
        words.part(row["numerator"]), words.part(row["denominator"]), tables.providers[row["unit_id"]],
    ]} for row in [*peers.rows, *_silent(board, choice, peers)]]
    heads = [_("Service"), _("Value"), _("Interval"), _("Rank"), _("Position"), _("Numerator"), _("Denominator"),
             _("Provider")]
    return {"caption": _("Table of the figure ({unit})", unit=indicator.unit_label), "heads": heads, "rows": rows,
            "numeric": [1, 2, 3, 5, 6]}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
