"""The day before the month in words, and 24 hours, as everywhere on the site."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
