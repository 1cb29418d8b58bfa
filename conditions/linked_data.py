"""Pages for programs: what a page says, once more in the words of schema.org 30, as JSON-LD.

What a page shows comes in, a graph comes out: no database, no request. `site` is the address of the site without its
last slash. The graph says nothing that its page does not say, and less than that: rows that say what is no part of a
thing, what comes before it and how it works have no word there. It repeats the names of related things and not their
addresses, which the page has, because a page arrives whole in the first flight of the network.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate

from conditions import prose
from conditions.models.published import Edition, Review
from conditions.page_parts import PageContent, Row
from conditions.proof import Known
from conditions.schema import ABSENT, SCHEMAS, FieldType, Kind

Node = dict[str, object]

NAME = "FaceHealth"
LANGUAGE = "en"
MOST_CITED = 10
"""Documents and sources that a graph names; it names none of more. The page has them all, with their words."""

TYPES = {
    Kind.CONDITION: "MedicalCondition",
    Kind.SYMPTOM: "MedicalSymptom",
    Kind.TREATMENT: "MedicalTherapy",
    Kind.CAUSE: "MedicalCause",
    Kind.QUESTION: "Question",
    Kind.TAG: "DefinedTerm",
    Kind.SOURCE: "CreativeWork",
    Kind.TERM: "DefinedTerm",
}
RELATED = (
    ("symptoms", "", "signOrSymptom", "MedicalSymptom"),
    ("causes", "", "cause", "MedicalCause"),
    ("causes", "raises-the-risk", "riskFactor", "MedicalRiskFactor"),
    ("treatments", "", "possibleTreatment", "MedicalTherapy"),
)
"""The rows of a relation, of one role, that a property says, and what they lead to."""


def of_page(content: PageContent, edition: Edition, site: str) -> Node:
    """The graph of a live page: the page itself, and the thing that it is about. edition: the one that changed it."""
    address = f"{site}{content.page.url}"
    page: Node = {"@type": "MedicalWebPage", "@id": address, "url": address, "name": content.name}
    page |= {"inLanguage": LANGUAGE}
    if content.published:
        page["datePublished"] = localdate(content.published).isoformat()
    page["dateModified"] = localdate(edition.at).isoformat()
    if content.review and content.reviewed_at and content.is_reviewed:
        page["lastReviewed"] = localdate(content.reviewed_at).isoformat()
        page["reviewedBy"] = _reviewer(content.review)
    page["breadcrumb"] = _crumbs(("Home", f"{site}/"), (content.kind.plural.capitalize(), _list(content.kind, site)))
    known = [*content.documents, *content.sources]
    if known and len(known) <= MOST_CITED:
        page["citation"] = [_cited(one, site) for one in known]
    if content.kind not in TYPES:
        return _graph(page)
    page["mainEntity"] = {"@id": f"{address}#it"}
    return _graph(page, {"@type": TYPES[content.kind], "@id": f"{address}#it", **_thing(content, site)})


def _reviewer(review: Review) -> Node:
    said = {"jobTitle": review["credentials"]} if review["credentials"] else {}
    return {"@type": "Person", "name": review["name"], **said}


def of_site(description: str, site: str) -> Node:
    """The graph of the first page: what the site is, and how to search it."""
    target: Node = {"@type": "EntryPoint", "urlTemplate": f"{site}/search/?q={{query}}"}
    search: Node = {"@type": "SearchAction", "target": target, "query-input": "required name=query"}
    about: Node = {"name": NAME, "description": description, "inLanguage": LANGUAGE}
    return _graph({"@type": "WebSite", "@id": f"{site}/#site", "url": f"{site}/", **about, "potentialAction": search})


def of_names(name: str, description: str, address: str) -> Node:
    """The graph of a list of names or words."""
    about: Node = {"name": name, "description": description, "inLanguage": LANGUAGE}
    return _graph({"@type": "DefinedTermSet", "@id": address, "url": address, **about})


def script(graph: Node) -> SafeString:
    """A graph as it stands in a page: nothing in it can end the block, which a browser takes for data alone."""
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


def _graph(*nodes: Node) -> Node:
    return {"@context": "https://schema.org", "@graph": list(nodes)}


def _list(kind: Kind, site: str) -> str:
    return f"{site}/{kind.plural}/"


def _crumbs(*places: tuple[str, str]) -> Node:
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": {"@id": address}}
        for number, (name, address) in enumerate(places, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _cited(one: Known, site: str) -> Node:
    """A document or source, where it can be read: there, or else here."""
    address = one.cited.said.get("url") or f"{site}{one.note.page.url}"
    return {"@type": "CreativeWork", "name": one.note.page.name, "url": address}


def _thing(content: PageContent, site: str) -> Node:
    """What a page is about, as far as the page says it: properties that it says nothing of are left out."""
    record = content.record
    found: Node = {"name": content.name, "alternateName": record.get("also_called") or record.get("forms")}
    found["description"] = content.summary
    if content.kind is Kind.QUESTION:
        found["acceptedAnswer"] = {"@type": "Answer", "text": record["answer"]}
    elif content.kind is Kind.SOURCE:
        found |= {"publisher": {"@type": "Organization", "name": record["publisher"]}, "url": record.get("url")}
        found["datePublished"] = record.get("published")
    elif TYPES[content.kind] == "DefinedTerm":
        found["inDefinedTermSet"] = _list(content.kind, site)
    else:
        found |= _medical(content)
    return {name: value for name, value in found.items() if value}


def _medical(content: PageContent) -> Node:
    codes = [one.name for one in content.schema.fields if one.type is FieldType.CODES]
    found: Node = {"code": [_code(code) for name in codes for code in content.record.get(name) or ()]}
    for name, role, said, type_ in RELATED:
        if relation := content.schema.relation(name):
            rows = _of_role(content.relations[name].rows, relation.role_label(role))
            found[said] = [{"@type": type_, "name": row.page.name} for row in rows]
    found["associatedAnatomy"] = [{"@type": "AnatomicalStructure", "name": name} for name, _ in content.named_places]
    if content.kind is Kind.CAUSE:
        titles = {one.backlinks for schema in SCHEMAS.values() for one in schema.relations if one.name == "causes"}
        rows = [row for one in content.backlinks if one.title in titles for row in _of_role(one.rows, "")]
        found["causeOf"] = [{"@type": TYPES[Kind(row.page.kind)], "name": row.page.name} for row in rows]
    return found


def _code(code: str) -> Node:
    system, _, value = prose.uncited(code).rpartition(" ")
    return {"@type": "MedicalCode", **({"codingSystem": system} if system else {}), "codeValue": value}


def _of_role(rows: Iterable[Row], role: str) -> list[Row]:
    """The rows that say so of a thing, and not that something is no part of it."""
    return [row for row in rows if row.role == role and row.certainty != ABSENT]
