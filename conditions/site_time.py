"""The site's time zone (TIME_ZONE): what a moment is called there, and which moment a day and an hour mean."""

from __future__ import annotations

from datetime import date, datetime, time

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

DAY, HOUR = "D j M Y", "H:i"
"""How a day and an hour are written where somebody decides on them: with the day of the week."""


class NoSuchTime(ValueError):
    """An hour that the clocks of the site's zone skip or show twice on that day."""


def place() -> str:
    """What people call the site's zone: London for Europe/London, UTC for UTC."""
    name: str = settings.TIME_ZONE
    return name.rpartition("/")[2].replace("_", " ")


def zone_words() -> str:
    """The site's zone and its time now: "London time (Europe/London), now 14:05"."""
    zone = f"{place()} time ({settings.TIME_ZONE})" if "/" in settings.TIME_ZONE else place()
    return f"{zone}, now {date_format(_there(timezone.now()), HOUR)}"


def words(at: datetime) -> str:
    """A moment in the site's zone: "Thu 10 Dec 2026, 09:00 (London)"."""
    return f"{date_format(_there(at), f'{DAY}, {HOUR}')} ({place()})"


def moment(day: date, hour: time) -> datetime:
    """The moment of that day and hour in the site's zone. NoSuchTime if there is none, or if there are two."""
    typed = datetime.combine(day, hour)
    first, second = (typed.replace(tzinfo=timezone.get_default_timezone(), fold=fold) for fold in (0, 1))
    before, after = first.utcoffset(), second.utcoffset()
    if before == after or before is None or after is None:
        return first
    goes, what = ("forward", "there is no {}") if before < after else ("back", "{} comes twice")
    said = what.format(date_format(typed, HOUR))
    raise NoSuchTime(
        f"The clocks go {goes} in {place()} on {date_format(typed, DAY)}, so {said} that day. Choose another time."
    )


def _there(at: datetime) -> datetime:
    return timezone.localtime(at, timezone.get_default_timezone())
