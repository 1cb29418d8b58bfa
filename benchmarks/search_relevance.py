"""How well search answers the judged questions of MedQuAD: python benchmarks/search_relevance.py FOLDER.

The folder holds documents.jsonl.xz and queries.json. All documents are loaded into an empty database: one of SQLite, or
one beside that of PostgreSQL which DATABASE_URL names. A document of grade 3 or 4 counts as relevant, one of another
grade or without any does not. The digest is of all results in their order: it is the same on both databases.
"""

import hashlib
import math
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from statistics import fmean

import medquad
from emptysite import empty_site

FIRST = 10
RELEVANT = (3, 4)


def ndcg(found: Sequence[int], relevant: Collection[int]) -> float:
    """The normalized discounted cumulative gain of the first results; 1 where all that could be relevant are."""
    gains = [1 / math.log2(place + 2) for place in range(FIRST)]
    best = sum(gains[: len(relevant)])
    return sum(gain for gain, one in zip(gains, found, strict=False) if one in relevant) / best if best else 0.0


def found_by(query: str) -> tuple[list[int], list[str]]:
    """The documents that a query finds, and all that it finds, each the best first."""
    from conditions.models.published import Page
    from conditions.schema import Kind
    from conditions.search import find

    kinds = find(query).pages
    slugs = dict(Page.objects.filter(pk__in=list(kinds)).values_list("pk", "slug"))
    questions = [medquad.document_of(slugs[page]) for page, kind in kinds.items() if kind is Kind.QUESTION]
    return questions, [f"{kind.value}/{slugs[page]}" for page, kind in kinds.items()]


def main(folder: Path) -> None:
    digest = hashlib.sha256()
    with empty_site() as files:
        from django.core.management import call_command
        from django.db import connection

        medquad.write_fixture(medquad.documents(folder), files / "medquad.jsonl")
        call_command("loaddata", files / "medquad.jsonl", verbosity=0)
        print(f"on {connection.vendor}")
        for how in ("summary", "question"):
            gains, firsts, without = [], [], 0
            for query in medquad.queries(folder):
                documents, pages = found_by(query[how])
                relevant = {int(document) for document, grade in query["judged"].items() if grade in RELEVANT}
                gains.append(ndcg(documents, relevant))
                firsts.append(bool(documents) and documents[0] in relevant)
                without += not documents
                digest.update("\n".join([query[how], *pages, ""]).encode())
            print(f"{how:8}  nDCG@10 {fmean(gains):.3f}  P@1 {fmean(firsts):.3f}  nothing found {without}")
    print(f"digest of all results in order: {digest.hexdigest()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
