"""Every template of ours can be read by the engine: no tag is misspelled or left open."""

from django.conf import settings
from django.template import TemplateSyntaxError, engines

ROOT = settings.BASE_DIR / "templates"
NAMES = sorted(
    str(path.relative_to(ROOT))
    for path in ROOT.rglob("*")
    if path.is_file() and path.suffix in (".html", ".txt", ".xml")
)


def mistake_in(name):
    """What the engine says of a template; empty if it can be read."""
    try:
        engines["django"].get_template(name)
    except TemplateSyntaxError as error:
        return str(error)
    return ""


def test_every_template_compiles():
    assert len(NAMES) > 50
    assert {name: mistake for name in NAMES if (mistake := mistake_in(name))} == {}
