import pytest
from django.core import checks


def test_about_tells_how_what_not_and_privacy(reader):
    text = reader("/about/").text_all
    told = (
        "word for word",
        "says near its title that it is not yet reviewed",
        "not a diagnosis",
        "no cookies",
        "one small script",
        "without who typed them or when",
        "WCAG 2.2",
    )
    for words in told:
        assert words in text


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("editors@example.org", 'href="mailto:editors@example.org"'),
        ("https://example.org/tell@us?a=1", 'href="https://example.org/tell@us?a=1"'),
        ("", "They have not named an address here yet."),
    ],
)
def test_about_tells_how_to_report_a_mistake(client, db, settings, contact, link):
    settings.CONTACT = contact
    assert link in client.get("/about/").content.decode()


def test_about_asks_the_database_nothing(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/about/").status_code == 200


@pytest.mark.parametrize(("contact", "asked"), [("", ["facehealth.W001"]), ("editors@example.org", [])])
def test_who_deploys_is_asked_for_an_address(db, settings, contact, asked):
    settings.CONTACT = contact
    found = checks.run_checks(include_deployment_checks=True)
    assert [one.id for one in found if one.id.startswith("facehealth")] == asked
