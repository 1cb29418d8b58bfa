"""The verbs: save_version, save, publish, withdraw, restore, delete. Only this package writes the published tables.

`by` is who does it; None is the house itself (files loaded from the command line). Every verb
checks the permission of `by` itself, so that a forged form is refused before anything is saved.
"""

from conditions.publishing.access import LOCK_TIMEOUT, NotAllowed, Refused, lock_pages, may, write_lock
from conditions.publishing.editions import Outcome, Published, publish, try_to_publish, withdraw
from conditions.publishing.restoring import Missing, delete, restore
from conditions.publishing.saving import EditConflict, Saved, reject_proposal, save, tags_named
from conditions.publishing.tag_merge import MergedTags, merge_tags
from conditions.publishing.versions import (
    Draft,
    create_versions,
    current_record,
    link_pages,
    mark_in_files,
    newest,
    newest_at,
    newest_of,
    same_content,
    save_version,
)

__all__ = [
    "LOCK_TIMEOUT",
    "Draft",
    "EditConflict",
    "MergedTags",
    "Missing",
    "NotAllowed",
    "Outcome",
    "Published",
    "Refused",
    "Saved",
    "create_versions",
    "current_record",
    "delete",
    "link_pages",
    "lock_pages",
    "mark_in_files",
    "may",
    "merge_tags",
    "newest",
    "newest_at",
    "newest_of",
    "publish",
    "reject_proposal",
    "restore",
    "same_content",
    "save",
    "save_version",
    "tags_named",
    "try_to_publish",
    "withdraw",
    "write_lock",
]
