"""What page 03 says service by service: its nearest peers, what deserves attention, and what the frontier says."""

from __future__ import annotations

import pandas as pd

from kpsslib.comparison.attention import KINDS
from kpsslib.comparison.attention_words import attention_label, attention_sentences, group_sentences
from kpsslib.comparison.choosing import Choice
from kpsslib.comparison.frontier_sets import frontier_reason, frontier_sentence
from kpsslib.comparison.views import set_title
from kpsslib.indicators.wording import service_names, value_text
from kpsslib.language import _, number, percent, plural, sort_key
from kpsslib.methodology import Methodology
from kpsslib.methodology.words import form_label

Listed = tuple[pd.DataFrame, str, int | None]
FIRST, DRIVERS = 12, 2


def peers_table(peers: pd.DataFrame, comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology,
                choice: Choice) -> Listed:
    """The nearest peers of each service of the choice: how near, what the distance is made of, whether mutual, and
    their value of the indicator; a caption; how many rows are shown first.
    """
    names, one = service_names(services), methodology.indicators.get(choice.indicator)
    own = services.loc[services["service_type"] == choice.service_type, "service_id"]
    rows = peers[peers["unit_id"].isin(own) & (peers["form"] == choice.form)]
    rows = rows.assign(name=rows["unit_id"].map(names))
    rows = rows.sort_values(["name", "place"], key=lambda one: one.map(sort_key) if one.name == "name" else one)
    now = comparison[(comparison["indicator"] == choice.indicator) & (comparison["year"] == choice.year)]
    values = now.drop_duplicates(["unit_id", "form"]).set_index(["unit_id", "form"])["value"]
    text = {_("service"): rows["name"], _("place"): rows["place"].map(number),
            _("nearest peer"): rows["peer_id"].map(names),
            _("distance (1 is the farthest)"): [number(d, 2) for d in rows["distance"]],
            _("what the distance is made of"): [_drivers(said, methodology) for said in rows["drivers"]],
            _("mutual"): [_("yes") if mutual else _("no") for mutual in rows["mutual"]]}
    if one:
        nearest = pd.MultiIndex.from_frame(rows[["peer_id", "peer_form"]])
        text[f"{_('its value')} ({one.unit_label})"] = [value_text(v, one) for v in values.reindex(nearest)]
    first = int(rows["unit_id"].isin(rows["unit_id"].unique()[:1]).sum())
    caption = _("Nearest peers by context, never by performance: {title}", title=set_title(methodology, choice))
    wider = [rule for code, rule in methodology.peers.items()
             if rule.nearest is None and (rows["chosen_from"] == code).any()]
    if wider:
        caption += ". " + _("The type alone has too few services, so they are chosen from: {rule}.", rule=wider[0].name)
    return pd.DataFrame(text), caption, max(first, 5)


def _drivers(said: str, methodology: Methodology) -> str:
    """The largest, such as "size 62 %, dependency 38 %"; a dash where peers were agreed on or nothing is between."""
    parts = [part.rsplit(" ", 1) for part in said.split(", ") if part][:DRIVERS]
    known = methodology.context
    return ", ".join(f"{known[code].name if code in known else code} {percent(float(share), 0)}"
                     for code, share in parts) or "–"


def attention_table(attention: pd.DataFrame, services: pd.DataFrame, methodology: Methodology) -> Listed:
    """What each service should look at first, in sentences; a caption; how many rows are shown first.

    What is moving comes first, then what differs most.
    """
    names = service_names(services)
    still = ~attention["kind"].isin(KINDS[:2])
    attention = attention[attention["shown"]].assign(still=still)
    attention = attention.sort_values(["still", "weight"], ascending=[True, False], kind="stable")
    n = attention["service_id"].nunique()
    caption = plural("What deserves attention: {n} service", "What deserves attention: {n} services", n)
    return pd.DataFrame({
        _("service"): attention["service_id"].map(names), _("form"): attention["form"].map(form_label),
        _("what it is"): attention["kind"].map(attention_label),
        _("what the numbers say"): attention_sentences(attention, methodology),
    }), caption, FIRST


def group_table(attention: pd.DataFrame, services: pd.DataFrame, methodology: Methodology) -> Listed:
    """What the services of the working group have in common, a sentence a row; a caption; how many are shown first."""
    said = group_sentences(attention, services, methodology)
    rows = [text for texts in said.values() for text in texts]
    return pd.DataFrame({_("what several services have in common"): rows}), _("What the group has in common"), FIRST


def frontier_table(frontier: pd.DataFrame, services: pd.DataFrame, methodology: Methodology,
                   choice: Choice) -> Listed:
    """What the frontier says of each service of the type, beside the plain ratio; a caption; how many rows first.

    The plain ratio is the output to input beside the best of the set; the score stands as it came, and without what it
    is too good by in a small set, with the interval of that, or why there is none.
    """
    rows = frontier[(frontier["service_type"] == choice.service_type) & (frontier["form"] == choice.form)]
    rows = rows.sort_values("ratio", ascending=False)
    names = service_names(services)
    return pd.DataFrame({
        _("service"): rows["service_id"].map(names),
        _("plain ratio beside the best"): [percent(ratio, 0) for ratio in rows["ratio"]],
        _("share of posts and costs that would do"): [percent(score, 0) for score in rows["score"]],
        _("corrected for the small set (95 % interval)"): [_corrected(row) for row in rows.to_dict("records")],
        _("what the frontier says"): [frontier_sentence(row, names, methodology) for row in rows.to_dict("records")],
    }), _("The frontier of the set, a question and not a verdict: {title}", title=_type_title(methodology, choice)), \
        FIRST


def _corrected(row: dict) -> str:
    if pd.notna(row["low"]):
        return f"{percent(row['corrected'], 0)} ({number(100 * row['low'])}–{percent(row['high'], 0)})"
    code = row["reason"] or row["interval_reason"]
    return frontier_reason(code, row["needed"]) if code else "–"


def _type_title(methodology: Methodology, choice: Choice) -> str:
    if not choice.service_type:
        return str(choice.year)
    return _("{type}, {form} form, {year}", type=methodology.service_types[choice.service_type].name,
             form=form_label(choice.form), year=choice.year)
