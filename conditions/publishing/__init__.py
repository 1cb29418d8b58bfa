"""The verbs: save, publish, withdraw, undo, restore, delete, merge tags, reject a file's proposal.

Only this package writes the published tables.

`by` is who does it; SYSTEM where nobody has logged in (files loaded from the command line). Every verb
checks the permission of `by` itself, so that a forged form is refused before anything is saved.
"""

from conditions.publishing.access import (
    LOCK_TIMEOUT,
    SYSTEM,
    By,
    NotAllowed,
    Refused,
    System,
    lock_pages,
    may,
    require,
    write_lock,
)
from conditions.publishing.dry_run import DryRun, Hidden, dry_run
from conditions.publishing.editions import Published, PublishResult, publish, try_to_publish, withdraw
from conditions.publishing.many import Readiness, readiness
from conditions.publishing.quoting import blockers as quote_blockers
from conditions.publishing.quoting import broken_by
from conditions.publishing.restoring import Missing, MissingReferences, delete, discard, restore
from conditions.publishing.saving import (
    NO_LATIN,
    Edit,
    EditConflict,
    Prepared,
    Saved,
    follows_name,
    prepare,
    reject_proposal,
    save,
    slug_for,
    tag_slugs,
    tags_named,
)
from conditions.publishing.tag_merge import MergedTags, merge_tags
from conditions.publishing.undo import Undoing, newest_edition, plan_undo, undo
from conditions.publishing.versions import (
    Draft,
    Proposal,
    ambiguous_citations,
    create_versions,
    current_record,
    current_records,
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
    "NO_LATIN",
    "SYSTEM",
    "By",
    "Draft",
    "DryRun",
    "Edit",
    "EditConflict",
    "Hidden",
    "MergedTags",
    "Missing",
    "MissingReferences",
    "NotAllowed",
    "Prepared",
    "Proposal",
    "PublishResult",
    "Published",
    "Readiness",
    "Refused",
    "Saved",
    "System",
    "Undoing",
    "ambiguous_citations",
    "broken_by",
    "create_versions",
    "current_record",
    "current_records",
    "delete",
    "discard",
    "dry_run",
    "follows_name",
    "link_pages",
    "lock_pages",
    "mark_in_files",
    "may",
    "merge_tags",
    "newest",
    "newest_at",
    "newest_edition",
    "newest_of",
    "plan_undo",
    "prepare",
    "publish",
    "quote_blockers",
    "readiness",
    "reject_proposal",
    "require",
    "restore",
    "same_content",
    "save",
    "save_version",
    "slug_for",
    "tag_slugs",
    "tags_named",
    "try_to_publish",
    "undo",
    "withdraw",
    "write_lock",
]
