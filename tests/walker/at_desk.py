"""What editors do. Each returns what it did in a few words, or None where there was nothing to do it with."""

from __future__ import annotations

from django.urls import reverse

from conditions import publishing
from conditions.content_files import merging
from conditions.models import Edition, Page, Tag, Version, desk
from conditions.publishing import Missing
from conditions.records import Record
from conditions.schema import Kind
from tests.admin.client import Form
from tests.walker.making import changed, new_record
from tests.walker.walk import Opened, Walk, opened, shown, words_in


def add(walk: Walk) -> str:
    kind = walk.random.choice(list(Kind))
    record = new_record(walk, kind, walk.slug(kind))
    publishing.save(record=record, entry=None, by=walk.editor)
    walk.acknowledge(words_in(record), "added")
    return f"added {record['kind']} {record['slug']}"


def edit(walk: Walk) -> str | None:
    if not (entry := walk.entry()):
        return None
    form = opened(entry)
    return _save(walk, form, changed(walk, form.record), rename=0.12)


def open_form(walk: Walk) -> str | None:
    if not (entry := walk.entry()):
        return None
    walk.forms.append(opened(entry))
    return f"opened {shown([entry])}"


def send_form(walk: Walk) -> str | None:
    """Save a form that may have been open for long."""
    if not walk.forms:
        return None
    form = walk.random.choice(walk.forms)
    walk.forms.remove(form)
    return _save(walk, form, changed(walk, form.record, most=4), rename=0.15)


def _save(walk: Walk, form: Opened, record: Record, *, rename: float) -> str | None:
    """Save what was typed, once more if someone else changed the same words: every new word has to be kept."""
    entry = desk.entries(form.kind).filter(pk=form.pk).first()
    if entry is None:
        return None
    if walk.random.random() < rename:
        record["slug"] = walk.slug(form.kind)
    try:
        saved = publishing.save(record=record, entry=entry, by=walk.editor, base_version=form.number)
    except publishing.EditConflict as conflict:
        walk.counts["conflicts"] += 1
        saved = publishing.save(
            record=record,
            entry=entry,
            by=walk.editor,
            base_version=form.number,
            resolved_version=conflict.newest.number,
        )
    typed = words_in(record) - words_in(form.record)
    if lost := typed - words_in(saved.version.record):
        walk.violated(f"a save lost what was typed: {lost}")
    walk.acknowledge(words_in(record), "saved")
    return f"saved {shown([entry])} as {record['slug']}, version {saved.version.number}"


def send_admin_form(walk: Walk) -> str | None:
    """Type into the admin's form, and press one of its buttons."""
    if not (entry := walk.entry()):
        return None
    url = reverse(f"admin:conditions_{entry.kind.value}_change", args=[entry.pk])
    answer = walk.admin.get(url)
    if answer.status_code == 302 and not walk.alone:
        return None  # it has just been deleted
    if answer.status_code != 200:
        walk.violated(f"GET {url} answered {answer.status_code}")
        return None
    form = Form(walk.admin, url, answer)
    name = walk.random.choice([name for name in ("name", "summary", "body", "editor_note") if name in form.fields])
    word = walk.word()
    fields = form.fields | {name: [f"{form[name]} {word}."]}
    button = walk.random.choice(["preview", "_savedraft", "_publish"])
    if button == "preview":
        with walk.writes_nothing("a preview"):
            status = walk.admin.post(url.replace("/change/", "/preview/"), fields).status_code
    else:
        status = walk.admin.post(url, fields | {button: ["1"]}).status_code
        if status == 302:
            walk.acknowledge([word], "sent")
    if status not in (200, 302):
        walk.violated(f"{button} of {url} answered {status}")
    return f"{button} of {shown([entry])}: {status}"


def publish(walk: Walk) -> str:
    entries = walk.random.sample(found := walk.entries(), min(len(found), walk.random.randint(1, 3)))
    newest = publishing.newest_of(entry.page_id for entry in entries if entry.page_id)
    result = publishing.publish(versions=list(newest.values()), by=walk.editor)
    return f"published {shown(entries)} in edition {result.edition.number}"


def publish_all(walk: Walk) -> str:
    """Publish whatever can be, one after the other."""
    entries, done = walk.entries(), 0
    for version in publishing.newest_of(entry.page_id for entry in entries if entry.page_id).values():
        done += publishing.try_to_publish(versions=[version], by=walk.editor).published is not None
    return f"published {done} of {len(entries)}"


def withdraw(walk: Walk) -> str | None:
    if not (pages := list(Page.objects.live().order_by("pk"))):
        return None
    page, word = walk.random.choice(pages), walk.word()
    walk.reasons.add(word)
    publishing.withdraw(pages=[page], by=walk.editor, reason=f"Reason {word}")
    return f"withdrew {page.url}"


def undo(walk: Walk) -> str | None:
    if not (editions := list(Edition.objects.exclude(number=0)[:5])):
        return None
    edition, word = walk.random.choice(editions), walk.word()
    walk.reasons.add(word)
    undone = publishing.undo(edition=edition, by=walk.editor, reason=f"Reason {word}")
    return f"undid edition {edition.number} in edition {undone.edition.number}"


def restore(walk: Walk) -> str | None:
    if not (versions := list(Version.objects.on_desk().order_by("pk"))):
        return None
    version = walk.random.choice(versions)
    publishing.restore(version=version, by=walk.editor, missing=walk.random.choice(list(Missing)))
    return f"restored {version.page.url} version {version.number}"


def delete(walk: Walk) -> str | None:
    if not (entry := walk.entry()):
        return None
    publishing.delete(entry=entry, by=walk.editor)
    return f"deleted {shown([entry])}"


def merge_tags(walk: Walk) -> str | None:
    if len(tags := list(Tag.objects.order_by("pk"))) < 2:
        return None
    tag, into = walk.random.sample(tags, 2)
    publishing.merge_tags(tag=tag, into=into, by=walk.editor)
    return f"merged {tag.slug} into {into.slug}"


def type_tag(walk: Walk) -> str:
    return f"typed tags {publishing.tags_named([walk.random.choice(['Ça va', 'S1', 's 2', 'Zed'])], by=walk.editor)}"


def decide(walk: Walk) -> str | None:
    """Accept or reject what a file proposes."""
    if not (version := Version.objects.proposed().order_by("pk").first()):
        return None
    if walk.random.random() < 0.5:
        merging.accept_proposal(version=version, by=walk.editor)
        return f"accepted {version.page.url} version {version.number}"
    publishing.reject_proposal(version=version, by=walk.editor)
    return f"rejected {version.page.url} version {version.number}"
