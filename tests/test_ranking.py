"""Which pages may answer a query, from postings alone."""

from array import array

from conditions.search import ranking
from conditions.search.postings import Said, packed
from conditions.search.ranking import Query


def said(weights):
    return Said({0: array("I", packed(weights))})


def test_candidates_keep_what_is_found_otherwise_beside_many_that_say_more():
    words = {"face": said(dict.fromkeys(range(1, 1201), 500) | {2000: 1})}
    query = Query.of("face", ["face"], words, 4000)
    found = ranking.candidates(query, 4000, [2000, 3000])
    assert len(found) == ranking.MOST_PAGES + 2
    assert (found[2000], found[3000]) == (query.carries["face"], 0)
