"""Links in the folder of content files: another name of a file, which is read and written under its own."""

import pytest

from conditions import drafts, publishing
from conditions.models import Symptom
from conditions.publishing import SYSTEM

pytestmark = pytest.mark.django_db

NOTE = "# Ask Ana.\n"


def save(**changed):
    entry = Symptom.objects.get()
    publishing.save(record=drafts.read(entry) | changed, entry=entry, by=SYSTEM)


@pytest.mark.parametrize("link", ["aaa", "zzz"])
def test_a_link_beside_a_file_is_not_moved_over_it(folder, link):
    file = folder.path("symptoms/earache")
    folder.path(f"symptoms/{link}").symlink_to("earache.yaml")
    file.write_text(NOTE + file.read_text())
    folder.load()
    save(summary="Pain.")
    folder.write_back()
    assert not file.is_symlink()
    assert file.read_text().startswith(NOTE)
    assert "summary: Pain." in file.read_text()
    assert folder.path(f"symptoms/{link}").is_symlink()
    assert folder.write_back() == "0 files written.\n"


def test_a_link_from_an_old_slug_to_the_new_one_is_not_moved_over_the_file(folder):
    save(slug="ear-pain")
    folder.write_back()
    file, link = folder.path("symptoms/ear-pain"), folder.path("symptoms/earache")
    file.write_text(NOTE + file.read_text())
    link.symlink_to("ear-pain.yaml")
    save(summary="Pain.")
    folder.write_back()
    assert not file.is_symlink()
    assert file.read_text().startswith(NOTE)
    assert "summary: Pain." in file.read_text()
    assert link.is_symlink()


def test_a_file_is_read_under_its_own_name_wherever_a_link_to_it_is(folder):
    folder.path("conditions/ear").symlink_to("../symptoms/earache.yaml")
    file = folder.path("symptoms/earache")
    file.write_text(NOTE + file.read_text())
    assert "3 files, unchanged" in folder.load()
    assert folder.write_back() == "0 files written.\n"
    assert set(Symptom.objects.get().page.versions.values_list("file", flat=True)) == {"fixtures/symptoms/earache.yaml"}
