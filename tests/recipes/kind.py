"""In a copy of the project to which the recipe added a kind: therapy, with a plural that is not its name and an "s"."""

from django.core.management import call_command

from conditions import drafts
from conditions.content_files import formats
from conditions.models import desk
from tests.admin.client import Editor
from tests.world import World


def test_a_new_kind_is_edited_loaded_published_and_found(world: World, client, tmp_path):
    page = client.get("/therapies/speech-therapy/").content.decode()
    assert "<h1>Speech therapy</h1>" in page
    assert '<a href="/therapies/" aria-current="true">Therapies</a>' in page
    assert "Who treats it, and how." in client.get("/therapies/").content.decode()

    form = Editor(world.author).add("therapy")
    form.send(name="Mime therapy", summary="Zygomatic exercises.", tags=["one-side"])
    entry = desk.entries("therapy").get(slug="mime-therapy")
    assert client.get("/therapies/mime-therapy/").status_code == 404
    Editor(world.publisher).open(entry).send("_publish")
    assert client.get("/therapies/mime-therapy/").status_code == 200
    assert "mime-therapy" in client.get("/search/?q=zygomatic&kind=therapy").content.decode()
    assert "Mime therapy" in client.get("/therapies/?tag=one-side").content.decode()
    assert client.get("/therapies/mime-therapy/history/").status_code == 200

    record = drafts.read(entry) | {"slug": "singing", "name": "Singing"}
    file = tmp_path / "singing.yaml"
    file.write_text(formats.text_of(record))
    call_command("loaddata", str(file), verbosity=0)
    assert client.get("/therapies/singing/").status_code == 200
    assert "/therapies/singing/" in client.get("/sitemap.xml").content.decode()
