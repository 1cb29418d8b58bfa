"""Every template of ours can be read by the engine that serves it, and names nothing that an object does not have."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateSyntaxError, engines
from django.template.loader import get_template
from jinja2 import TemplateError, UndefinedError

from conditions.models.published import Page

READERS, ADMIN = settings.TEMPLATES
SUFFIXES = (".atom", ".html", ".txt", ".xml")


def names_in(folders: list[Path]) -> list[str]:
    found = ((path, folder) for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES)
    return sorted(str(path.relative_to(folder)) for path, folder in found)


OF_READERS = names_in(READERS["DIRS"])
OF_ADMIN = [name for name in names_in(ADMIN["DIRS"]) if not name.startswith("public/")]


def mistake_in(name: str, engine: str) -> str:
    """What an engine says of a template; empty if it can be read."""
    try:
        engines[engine].get_template(name)
    except (TemplateSyntaxError, TemplateError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("names", "engine"), [(OF_READERS, "jinja2"), (OF_ADMIN, "django")], ids=["readers", "admin"])
def test_every_template_compiles(names, engine):
    assert len(names) > 35
    assert {name: mistake for name in names if (mistake := mistake_in(name, engine))} == {}


def test_each_template_is_served_by_its_engine():
    served = {name: get_template(name).backend.name for name in (*OF_READERS, *OF_ADMIN)}
    assert served == dict.fromkeys(OF_READERS, "jinja2") | dict.fromkeys(OF_ADMIN, "django")


def rendered(text: str, **context: object) -> str:
    return engines["jinja2"].from_string(text).render(context)


@pytest.mark.parametrize(
    "text", ["{% ife page %}{% endif %}", "{{ page|capfrist }}", "{% if page %}", "{{ url('hom') }}"]
)
def test_a_misspelled_tag_filter_or_address_is_a_mistake(text):
    with pytest.raises(Exception, match=r"ife|capfrist|Unexpected end|hom"):
        rendered(text)


@pytest.mark.parametrize("text", ["{{ page.nam }}", "{{ page.name.first }}", "{% if page.is_urgnt %}{% endif %}"])
def test_an_attribute_that_an_object_has_not_is_a_mistake(text):
    with pytest.raises(UndefinedError):
        rendered(text, page=Page(name="Plain"))


@pytest.mark.parametrize("text", ["{{ alert }}", "{{ nothing.slug }}", "{{ record.author }}", "{{ rows[0] }}"])
def test_what_a_page_can_go_without_is_empty(text):
    assert rendered(text, nothing=None, record={}, rows=[]) == ""


def test_what_is_said_is_escaped():
    assert rendered("{{ said }}", said="<b>'\"&") == "&lt;b&gt;&#39;&#34;&amp;"
    assert rendered("{{ said|join(', ') }}", said=["<b>", "&"]) == "&lt;b&gt;, &amp;"
