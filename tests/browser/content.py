"""The site as these tests read it: the real content, and what editors may have done to it since."""

from __future__ import annotations

from django.core.management import call_command

from conditions import publishing
from conditions.models import Page
from conditions.schema import Kind
from tests.world import make_user

REVISED = (Kind.CONDITION, "hemifacial-spasm")
WITHDRAWN = {
    "kind": "symptom",
    "slug": "a-symptom-withdrawn",
    "name": "A symptom withdrawn",
    "summary": "It is here for the tests alone.",
}

PAGES = {
    "home": "/",
    "list": "/conditions/",
    "list of questions": "/questions/",
    "filtered list": "/symptoms/?tag=one-side",
    "condition": "/conditions/hemifacial-spasm/",
    "symptom": "/symptoms/eyelid-twitching/",
    "symptom of emergency": "/symptoms/facial-drooping/",
    "treatment": "/treatments/botulinum-toxin-injections/",
    "cause": "/causes/stress/",
    "question": "/questions/what-nerve-causes-facial-spasms/",
    "tag": "/tags/one-side/",
    "source": "/sources/nhs-stroke-symptoms/",
    "tags": "/tags/",
    "sources": "/sources/",
    "face": "/face/",
    "place": "/face/mouth/",
    "place without a symptom": "/face/nose/",
    "place off the face": "/face/elsewhere/",
    "A to Z": "/a-z/",
    "one letter": "/a-z/?letter=m",
    "two compared": "/compare/?condition=hemifacial-spasm&condition=eyelid-myokymia",
    "three compared": "/compare/?condition=bells-palsy&condition=stroke&condition=tmj-disorder&condition=zebra",
    "differences": "/compare/?condition=bells-palsy&condition=stroke&only=differences",
    "one to compare": "/compare/?condition=hemifacial-spasm",
    "none to compare": "/compare/",
    "search with results": "/search/?q=eyelid+twitching",
    "search of one kind": "/search/?q=eyelid&kind=question",
    "search for two": "/search/?q=eyelid+v+facial+myokymia",
    "search in a crisis": "/search/?q=i+want+to+kill+myself",
    "search without results": "/search/?q=xylophone",
    "search without words": "/search/",
    "find": "/find/",
    "find by a word": "/find/?q=twitching&symptom=headache",
    "found": "/find/?symptom=eyelid-twitching&symptom=headache&symptom=lip-twitching",
    "found an emergency": "/find/?symptom=facial-drooping&symptom=nothing-such",
    "found each by itself": "/find/?symptom=lip-twitching&symptom=trouble-swallowing",
    "changes": "/changes/",
    "edition": "/changes/1/",
    "history": "/conditions/hemifacial-spasm/history/",
    "old version": "/conditions/hemifacial-spasm/history/1/",
    "about": "/about/",
    "no such page": "/no-such-page/",
    "no such link to a preview": "/preview/no-such-link/",
    "withdrawn page": "/symptoms/a-symptom-withdrawn/",
}
"""One address of every type of page."""

STATUS = {"no such page": 404, "no such link to a preview": 404, "withdrawn page": 410}


def build() -> None:
    """Load fixtures/, then revise one page and withdraw another, so that there is something old to read."""
    call_command("loaddata", verbosity=0)
    editor = make_user("editor", "Author", "Publisher", first_name="Ada", last_name="Editor")
    page = Page.objects.get(kind=REVISED[0], slug=REVISED[1])
    record = publishing.newest(page).record
    changed = record | {"body": f"{record['body']}\n\nChanged for the tests.", "tags": record["tags"][:1]}
    revised = publishing.save(record=changed, entry=page.condition, by=editor).version
    added = publishing.save(record=WITHDRAWN, entry=None, by=editor).version
    publishing.publish(versions=[revised, added], by=editor, note="A change, so that there is a history.")
    instead = Page.objects.get(kind=Kind.SYMPTOM, slug="eyelid-twitching")
    publishing.withdraw(pages=[added.page], by=editor, reason="It was for the tests alone.", instead=instead)


def live_addresses() -> list[str]:
    """The address of every page that readers can see."""
    return [page.url for page in Page.objects.listed().order_by("kind", "slug")]
