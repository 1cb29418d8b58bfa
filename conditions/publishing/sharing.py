"""Links by which people without an account see an entry for some days: making one, ending it, opening it.

A link is a decision SHARE: `due` is when it ends, and `note` what it shows. UNSHARE ends it before that; the `note` of
that is the id of the link. The address carries the id, signed.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from django.core import signing
from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Decision, Page, Version
from conditions.publishing.access import By, Refused, require, write_lock
from conditions.publishing.versions import add_decision, fresh_entry, lock_page_of, newest
from conditions.schema import Kind

LIFETIME = timedelta(days=7)
SALT = "conditions.publishing.sharing"


class Shows(StrEnum):
    """What a link shows whenever it is opened: the newest version on the desk, or the one that readers see."""

    NEWEST = "newest"
    LIVE = "live"


def share(*, entry: VersionedEntry, shows: Shows, by: By) -> Decision:
    """Make a link to an entry, which works for seven days.

    Errors: NotAllowed; InvalidRecord where the entry is gone; Refused where there is no such version.
    """
    require(by, f"change_{entry.kind.value}", f"change a {entry.kind.label}")
    with write_lock():
        page = lock_page_of(entry)
        entry = fresh_entry(entry)
        version = _shown(page, shows) if page else None
        if version is None:
            why = "readers do not see it" if shows is Shows.LIVE else "it has no version yet; save the draft first"
            raise Refused([f"{entry.name}: {why}."])
        at = timezone.now()
        pk = add_decision(version, Decision.Verb.SHARE, by=by, at=at, due=at + LIFETIME, note=shows.value)
        return Decision.objects.get(pk=pk)


def unshare(*, link: Decision, by: By) -> None:
    """End a link. Nothing happens where it has ended already. Errors: NotAllowed."""
    kind = Kind(link.version.page.kind)
    require(by, f"change_{kind.value}", f"change a {kind.label}")
    with write_lock():
        if _working().filter(pk=link.pk).exists():
            add_decision(link.version, Decision.Verb.UNSHARE, by=by, at=timezone.now(), note=str(link.pk))


def links_of(page: Page) -> list[Decision]:
    """The links to a page that have not ended, the newest first, with who made each."""
    return list(_working().filter(version__page=page).select_related("by", "version__page").order_by("-at", "-pk"))


def token_of(link: Decision) -> str:
    """What the address of a link carries."""
    return _signer().sign(str(link.pk))


def link_of(token: str) -> Decision | None:
    """The link whose address carries a token; None where nobody signed that, or the link has ended."""
    try:
        pk = _signer().unsign(token)
    except signing.BadSignature:
        return None
    return _working().filter(pk=pk).select_related("version__page__live").first()


def shared_version(link: Decision) -> Version | None:
    """The version that a link shows now; None where there is none any more, or the entry was deleted."""
    page = link.version.page
    is_there = desk.entries(Kind(page.kind)).filter(page=page).exists()
    return _shown(page, Shows(link.note)) if is_there else None


def _shown(page: Page, shows: Shows) -> Version | None:
    return page.live if shows is Shows.LIVE else newest(page)


def _working() -> QuerySet[Decision]:
    """The links that have not ended."""
    ends = Decision.objects.filter(verb=Decision.Verb.UNSHARE, version=OuterRef("version"))
    ended = ends.filter(note=Cast(OuterRef("pk"), TextField()))
    return Decision.objects.filter(~Exists(ended), verb=Decision.Verb.SHARE, due__gt=timezone.now())


def _signer() -> signing.Signer:
    # The usual colon may end a link where a mail program looks for one.
    return signing.Signer(salt=SALT, sep=".")
