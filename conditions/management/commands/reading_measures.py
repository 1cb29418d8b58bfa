"""How hard our own words are to read, entry by entry, the hardest first."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conditions import prose
from conditions.models import desk
from conditions.schema import SCHEMAS

HARDEST = 8


def measure(text: str) -> tuple[float, int, int]:
    """The school grade of Markdown, the words of its longest sentence, and all its words."""
    lengths = [len(sentence.split()) for sentence in prose.sentences(text)]
    return prose.grade(text), max(lengths, default=0), sum(lengths)


class Command(BaseCommand):
    help = "Print the school grade, the longest sentence and the words of every draft, hardest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--most", type=int, default=20, metavar="N", help="Print at most N entries.")
        parser.add_argument("--strict", action="store_true", help=f"Exit with status 1 if any is above {HARDEST}.")

    def handle(self, *args: object, most: int, strict: bool, **options: object) -> None:
        found = []
        for kind, schema in SCHEMAS.items():
            names = [field.name for field in schema.fields if field.is_prose]
            for slug, *texts in desk.entries(kind).values_list("slug", *names) if names else ():
                found.append((*measure("\n\n".join(texts)), f"{kind.plural}/{slug}"))
        found.sort(key=lambda row: (-row[0], row[3]))
        self.stdout.write("grade  longest  words  entry")
        for grade, longest, words, entry in found[: max(most, 0)]:
            self.stdout.write(f"{grade:5.1f}  {longest:7}  {words:5}  {entry}")
        hard = [row[3] for row in found if row[0] > HARDEST]
        if strict and hard:
            raise CommandError(f"Above grade {HARDEST}, write these more plainly: {', '.join(hard)}")
