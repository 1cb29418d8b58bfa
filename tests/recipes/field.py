"""In a copy of the project to which the recipe added a field: condition.living, Markdown."""

from django.core.management import call_command

from conditions import drafts, publishing
from conditions.content_files import formats
from tests.admin.client import Editor
from tests.world import World

TEXT = "Most people recover. Zygomatic nerves heal slowly. It rarely returns.\n"


def test_a_new_field_is_loaded_kept_merged_published_and_found(world: World, client, tmp_path):
    file = tmp_path / "bells-palsy.yaml"
    file.write_text(formats.text_of(drafts.read(world.bell) | {"living": TEXT}))
    call_command("loaddata", str(file), verbosity=0)
    assert drafts.read(world.bell)["living"] == TEXT

    author, publisher = Editor(world.author), Editor(world.publisher)
    author.open(world.bell).send(help_soon="Ask a doctor.")
    assert drafts.read(world.bell)["living"] == TEXT, "a save of another field keeps it"

    stale = publisher.open(world.bell)
    author.open(world.bell).send(living=TEXT.replace("Most people", "Nearly all people"))
    stale.send(living=TEXT.replace("rarely returns", "seldom returns"))
    merged = drafts.read(world.bell)["living"]
    assert "Nearly all people" in merged, "sentences of two editors are merged"
    assert "seldom returns" in merged

    publisher.open(world.bell).send("_publish", living=f"{merged.strip()} [@health-service]")
    page = client.get("/conditions/bells-palsy/").content.decode()
    assert '<h2 id="living">Living with it</h2>' in page
    assert '<a href="#living">Living with it</a>' in page
    assert "Nearly all people recover." in page
    history = client.get("/conditions/bells-palsy/history/").content.decode()
    assert "Living with it" in history
    assert "bells-palsy" in client.get("/search/?q=zygomatic").content.decode()
    publishing.restore(version=world.page("bell").versions.get(number=1), by=world.author)
    assert drafts.read(world.bell)["living"] == "", "a version from before it says nothing in it"
