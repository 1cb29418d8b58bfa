"""The verbs: keep, save, publish, withdraw, restore, delete. Only this package writes the published tables.

`by` is who does it; None is the house itself (files loaded from the command line). Every verb
checks the permission of `by` itself, so that a forged form is refused before anything is saved.
"""

from conditions.publishing.access import PATIENCE, NotAllowed, NotReady, hold, may, writing
from conditions.publishing.editions import Outcome, Published, publish, try_to_publish, withdraw
from conditions.publishing.restoring import Missing, delete, restore
from conditions.publishing.saving import Clash, Saved, decline, save, tags_named
from conditions.publishing.tag_merge import MergedTags, merge_tags
from conditions.publishing.versions import (
    Draft,
    attach,
    keep,
    keep_many,
    mark_in_files,
    newest,
    newest_at,
    newest_of,
    said_today,
    says_the_same,
)

__all__ = [
    "PATIENCE",
    "Clash",
    "Draft",
    "MergedTags",
    "Missing",
    "NotAllowed",
    "NotReady",
    "Outcome",
    "Published",
    "Saved",
    "attach",
    "decline",
    "delete",
    "hold",
    "keep",
    "keep_many",
    "mark_in_files",
    "may",
    "merge_tags",
    "newest",
    "newest_at",
    "newest_of",
    "publish",
    "restore",
    "said_today",
    "save",
    "says_the_same",
    "tags_named",
    "try_to_publish",
    "withdraw",
    "writing",
]
