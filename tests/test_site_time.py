"""Times that are typed and told in the site's zone, also where clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from conditions import site_time


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "Thu 10 Dec 2026, 09:00 (UTC)"),
        ("Europe/London", "Thu 10 Dec 2026, 09:00 (London)"),
        ("America/Argentina/Buenos_Aires", "Thu 10 Dec 2026, 06:00 (Buenos Aires)"),
        ("Pacific/Kiritimati", "Thu 10 Dec 2026, 23:00 (Kiritimati)"),
    ],
)
def test_a_moment_is_told_in_the_zone_of_the_site(settings, zone: str, words: str):
    settings.TIME_ZONE = zone
    at = datetime(2026, 12, 10, 9, tzinfo=UTC)
    assert site_time.words(at) == words
    there = datetime.strptime(words.partition(" (")[0], "%a %d %b %Y, %H:%M")
    assert site_time.moment(there.date(), there.time()) == at


@pytest.mark.parametrize(
    ("zone", "begins"), [("UTC", "UTC, now "), ("Europe/London", "London time (Europe/London), now ")]
)
def test_the_zone_is_told_in_words(settings, zone: str, begins: str):
    settings.TIME_ZONE = zone
    said = site_time.zone_words()
    assert said.startswith(begins)
    assert len(said) == len(begins) + len("14:05")


@pytest.mark.parametrize(
    ("day", "hour", "why"),
    [
        (date(2027, 3, 28), time(1, 30), "The clocks go forward in London on Sun 28 Mar 2027, so there is no 01:30"),
        (date(2027, 10, 31), time(1, 30), "The clocks go back in London on Sun 31 Oct 2027, so 01:30 comes twice"),
    ],
)
def test_an_hour_that_is_skipped_or_comes_twice_is_refused(settings, day: date, hour: time, why: str):
    settings.TIME_ZONE = "Europe/London"
    with pytest.raises(site_time.NoSuchTime, match=why):
        site_time.moment(day, hour)
    assert site_time.moment(day, time(3)).minute == 0


def test_summer_time_counts(settings):
    settings.TIME_ZONE = "Europe/London"
    assert site_time.moment(date(2027, 7, 1), time(9)) == datetime(2027, 7, 1, 8, tzinfo=UTC)
