"""In a copy of the project to which the recipe added a relation: treatment.side_effects, to symptoms."""

import pytest
from django.core.management import call_command

from conditions import drafts, publishing
from conditions.content_files import formats
from conditions.usage import uses_of
from tests.admin.client import Editor
from tests.world import World

ROW = {"target": "earache", "certainty": "sometimes", "note": "For a day.", "quotes": [], "tags": ["one-side"]}
ROW |= {"evidence": [], "sources": ["health-service"]}


def test_a_new_relation_is_loaded_kept_merged_published_and_found(world: World, client, tmp_path):
    file = tmp_path / "eye-care.yaml"
    file.write_text(formats.text_of(drafts.read(world.eye_care) | {"side_effects": [ROW]}))
    call_command("loaddata", str(file), verbosity=0)
    assert drafts.read(world.eye_care)["side_effects"] == [ROW]
    assert [str(use) for use in uses_of(world.earache)] == ["condition 'Bell’s palsy'", "treatment 'Eye care'"]

    author, publisher = Editor(world.author), Editor(world.publisher)
    stale = publisher.open(world.eye_care)
    form = author.open(world.eye_care)
    form.add_row("side_effects", target="facial-droop", note="Rarely.")
    form.send()
    stale.send(summary="Keeps the eye wet.")
    rows = drafts.read(world.eye_care)["side_effects"]
    assert [row["target"] for row in rows] == ["earache", "facial-droop"], "a row of one editor and a text of another"

    with pytest.raises(publishing.Refused, match="Facial droop"):
        publishing.publish(versions=[world.newest("eye_care")], by=world.publisher)
    form = publisher.open(world.eye_care)
    form["side_effects-1-evidence"] = ["warning-signs"]
    form.send("_publish")
    page = client.get("/treatments/eye-care/").content.decode()
    assert '<h2 id="side_effects">Side effects</h2>' in page
    assert '<a href="#side_effects">Side effects</a>' in page
    assert "Rarely." in page
    assert "Treatments that can cause it" in client.get("/symptoms/earache/").content.decode()
    assert "Side effects: Earache" in client.get("/treatments/eye-care/history/").content.decode()
    assert client.get("/sources/health-service/").status_code == 200
    with pytest.raises(publishing.Refused, match="only evidence"):
        publishing.withdraw(pages=[world.page("service")], by=world.publisher, reason="Gone.")
