"""What search finds, in which order, on either database, and what it shows of it."""

import pytest
from django.db.models import QuerySet

from conditions import publishing, search
from conditions.models import Page, Posting, SearchText
from conditions.publishing import SYSTEM, postings
from conditions.search.showing import result_of
from conditions.search.weights import indexed

CASES = [
    (
        "the name that is the query first",
        "bells palsy",
        ["bells-palsy", "early-signs", "warning-signs", "health-service"],
    ),
    ("other names", "drooping face", ["facial-droop", "warning-signs", "bells-palsy"]),
    ("without regard to case and accents", "BÉLL", ["bells-palsy", "early-signs", "warning-signs", "health-service"]),
    ("another form of a word", "drooping", ["facial-droop", "warning-signs"]),
    ("first what says more of it", "facial breaks", ["warning-signs", "facial-droop", "bells-palsy"]),
    ("words that carry nothing left out", "what is an earache", ["earache"]),
    ("words that carry nothing, where there are no others", "what", ["warning-signs", "early-signs"]),
    ("no middle of a word", "ache", []),
    ("no drafts", "brain blood supply", ["nerve"]),
    (
        "tags, sources and terms last",
        "one side of the face",
        ["facial-droop", "bells-palsy", "warning-signs", "one-side"],
    ),
    ("a tag that is the query", "one side", ["one-side", "bells-palsy", "facial-droop", "warning-signs"]),
    ("a code", "G51.0", ["bells-palsy"]),
    ("a code without its dot", "g510", ["bells-palsy"]),
    ("a code after its system", "ICD-10-CM G51.0", ["bells-palsy"]),
    ("a code after part of its system", "icd-10 G510", ["bells-palsy"]),
    ("the beginning of a code", "G51", ["bells-palsy"]),
    ("a code before what else is said", "health G51.0", ["bells-palsy", "health-service"]),
    ("no other code", "G51.3", []),
    ("no code for its system", "ICD-10-CM", []),
    ("two words that are one", "ear ache", ["earache", "early-signs"]),
    ("a word typed wrongly", "bels palsey", ["bells-palsy", "early-signs", "warning-signs", "health-service"]),
    ("a name that looks like it", "earach", ["earache"]),
    ("nothing for nothing", "", []),
    ("nothing for signs", "?!", []),
]


def slugs(query, **options):
    pages = dict(Page.objects.values_list("pk", "slug"))
    return [pages[page] for page in search.find(query, **options).pages]


@pytest.mark.parametrize(("query", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_find_finds(world, query, found):
    assert slugs(query) == found


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("Bell’s palsy", "bells-palsy"),
        ("drooping face", "facial-droop"),
        ("G51", "bells-palsy"),
        ("bels palsey", "bells-palsy"),
        ("bell", None),
        ("palsy of Bell", None),
    ],
)
def test_find_says_which_page_the_query_names(world, query, named):
    found = search.find(query).named
    assert (found and Page.objects.get(pk=found).slug) == named


@pytest.mark.parametrize(
    ("query", "corrected"),
    [
        ("bels palsey", {"bels": "bell", "palsey": "palsy"}),
        ("bell palsy", {}),
        ("dropping", {}),  # a common word
        ("botulism", {}),  # an illness of its own
        ("b3lls", {}),
        ("bel", {}),  # too short to say
    ],
)
def test_find_says_what_it_corrected(world, query, corrected):
    assert search.find(query).corrected == corrected


@pytest.mark.parametrize(
    ("typed", "name", "meant"),
    [
        ("neuralgai", "neuralgia", "neuralgia"),
        ("tounge", "tongue", "tongue"),
        ("blefarospasm", "blepharospasm", "blepharospasm"),
        ("hyperkalemia", "hypokalemia", ""),
        ("scleritis", "sclerosis", ""),
        ("dysphonia", "dystonia", ""),
        ("dyspraxia", "dysphagia", ""),
        ("straigt", "strain", ""),  # a common word is nearer
        ("straigth", "strength", ""),
    ],
)
def test_a_wrong_word_is_not_taken_for_another_thing(typed, name, meant):
    assert search.spelling.meant(typed, [name]) == meant


@pytest.mark.parametrize("word", ["paresis", "yaws", "botulinus", "hypocalcemia", "copd", "dyspepsia"])
def test_an_illness_is_not_taken_for_a_wrong_word(word):
    assert not search.spelling.may_be_wrong(word)


def test_the_first_five_wrong_words_are_corrected():
    words = [f"{letter}elsx" for letter in "abcdefgh"]
    assert search.spelling.unknown(words, {}) == words[:5]


def test_find_looks_only_for_what_is_typed_if_asked_to(world):
    assert slugs("bels palsey", correcting=False) == []
    assert slugs("palsey bell", correcting=False) == slugs("bell")


@pytest.mark.parametrize(("query", "weak"), [("bell palsy", False), ("quagga zebra bell", True), ("zebra", False)])
def test_find_says_where_no_page_is_about_all_of_it(world, query, weak):
    assert search.find(query).is_weak == weak


def test_find_reads_little(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        search.find("drooping face")
    with django_assert_max_num_queries(5):
        search.find("bels palsey")


def test_a_long_query_is_cut(world):
    assert slugs("quagga " * 1000 + "bell") == []
    assert len(search.find(" ".join(f"w{number}" for number in range(1000))).words) <= 2 * search.MOST_WORDS


# What publishing keeps for it


def rows():
    """All that search reads, whatever ids the rows have."""
    said = Posting.objects.values_list("word", "block", "pages")
    texts = SearchText.objects.values_list("page", "words", "names", "alarms", "card")
    return {(word, block): bytes(pages) for word, block, pages in said}, {
        page: (set(words.split(" ")), *rest) for page, words, *rest in texts
    }


def made_anew():
    """What there would be if it were made again."""
    QuerySet.update(Posting.objects.filter(word=""), pages=b'{"pages": 0, "format": 0}')
    postings.after_migrate()
    return rows()


def test_what_is_published_is_found_and_what_it_said_before_is_not(world):
    record = publishing.newest(world.page("droop")).record | {"summary": "A quagga.", "body": ""}
    saved = publishing.save(record=record, entry=world.droop, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)
    assert slugs("quagga") == ["facial-droop"]
    assert "facial-droop" not in slugs("hangs")
    assert rows() == made_anew()


def test_what_is_withdrawn_is_not_found(world):
    publishing.withdraw(pages=[world.page("bell")], by=SYSTEM, reason="It is wrong.")
    assert "bells-palsy" not in slugs("bells palsy")
    assert rows() == made_anew()


def test_what_is_kept_is_made_anew_where_it_is_of_an_older_format(world):
    before = rows()
    QuerySet.update(SearchText.objects.all(), words="zebra", names="")
    assert made_anew() == before
    assert slugs("bells palsy")[0] == "bells-palsy"


def test_a_first_migration_writes_nothing(db):
    postings.after_migrate()
    assert not Posting.objects.exists()


def test_no_draft_is_kept(world):
    live = set(Page.objects.live().values_list("pk", flat=True))
    assert set(SearchText.objects.values_list("page", flat=True)) == live


@pytest.mark.parametrize(
    ("record", "words", "others"),
    [
        ({"kind": "cause", "slug": "a", "name": "A cold", "codes": []}, {"cold", "#kol"}, {"#a_k"}),
        ({"kind": "source", "slug": "a", "name": "A cold"}, {"cold"}, {"#kol"}),
        (
            {"kind": "condition", "slug": "a", "name": "X", "codes": ["ICD-10-CM G51.3"]},
            {"=g51", "=icd10cmg513"},
            {"=icd"},
        ),
        ({"kind": "symptom", "slug": "a", "name": "X", "alarm_words": ["cannot see"]}, set(), {"?cannot"}),
        (
            {
                "kind": "symptom",
                "slug": "a",
                "name": "X",
                "alarm_words": ["cannot see"],
                "help_now": "Call if sight goes.",
            },
            {"?cannot"},
            {"!call"},
        ),
        ({"kind": "cause", "slug": "a", "name": "x" * 200}, set(), {"x" * 200}),
    ],
    ids=["a name", "no letters of a source", "a code", "alarm words without a card", "with a card", "a word too long"],
)
def test_what_is_kept_of_a_record(record, words, others):
    kept = indexed(record).weights
    assert words <= kept.keys()
    assert not others & kept.keys()
    assert all(0 < weight < 1024 for weight in kept.values())


# What is shown


def shown(page, query):
    page = Page.objects.select_related("live").get(pk=page.pk)
    found = search.find(query)
    return result_of(page, found.words, found.codes)


def test_a_result_marks_the_summary_where_it_has_the_words(world):
    assert shown(world.page("bell"), "weakness").excerpt == "One side of the face grows <mark>weak</mark>."


def test_a_result_marks_the_text_where_more_of_the_words_stand(world):
    assert (
        shown(world.page("warning"), "break documents").excerpt == "The <mark>document</mark> <mark>breaks</mark> off."
    )


def test_a_result_shows_the_summary_where_the_words_stand_in_names_alone(world):
    assert shown(world.page("bell"), "bell").excerpt == "One side of the face grows weak."


@pytest.mark.parametrize(
    ("name", "query", "why"),
    [
        ("droop", "drooping", ""),
        ("bell", "Bell palsy", ""),
        ("droop", "facial droop", ""),
        ("bell", "G51", "Code ICD-10-CM G51.0"),
        ("bell", "weak", ""),
    ],
)
def test_a_result_says_by_what_it_was_found(world, name, query, why):
    assert shown(world.page(name), query).why == why


def test_the_known_words_are_there():
    assert search.spelling.may_be_wrong("neuralga")
    assert not search.spelling.may_be_wrong("strike")
