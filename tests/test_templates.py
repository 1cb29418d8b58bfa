"""Every template of ours can be read by the engine: no tag is misspelt or left open."""

import pytest
from django.conf import settings
from django.template import engines

ROOT = settings.BASE_DIR / "templates"
NAMES = sorted(
    str(path.relative_to(ROOT))
    for path in ROOT.rglob("*")
    if path.is_file() and path.suffix in (".html", ".txt", ".xml")
)


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles(name):
    assert engines["django"].get_template(name)
