"""Words that are typed wrongly: the words of names that they are meant for, and names that look alike."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from string import ascii_lowercase

from rapidfuzz.distance import OSA

from conditions import prose
from conditions.search.weights import SHORTEST, grams
from conditions.search.words import stem

_LONG = 7
"""Letters from which on two may be wrong, and not only one."""
_MOST_WRONG = 5
"""Words of a query that are taken for others."""
LOOKS_LIKE = 0.3
"""From how much alike on a name is shown for a query that has an unknown word."""
_MANY_GRAMS = 6

_ALIKE = frozenset(
    prose.fold(
        "acatalasia acromegaly adenoma ageusia agnosia akathisia akinesia alexia aneurysm angina anosmia aphasia "
        "aphonia aphthous appendicitis apraxia arteritis asthma ataxia athetosis atrophy ballism behr "
        "blepharitis blepharoptosis botulinus botulism brody bronchitis bronchospasm brucellosis burping "
        "bursitis celiac cellulitis cholera chorea colitis conjunctivitis copd coxa dermatitis dietz dilantin "
        "diphtheria dropsy dysarthria dysesthesia dyskinesia dyspepsia dysphasia dysphasic dysphemia dysphonia "
        "dysplasia dyspraxia dysthymia dystocia dystopic ebstein encephalitis encephalopathy endometriosis "
        "epiglottitis erysipelas esophagitis fecal feil fibromyalgia floaters gastritis genu gingivitis glans "
        "glaucoma gliosis glossitis gout hemangioma hematoma hemiparesis hemiplegia hemophilia hepatitis "
        "herniated hives hydrocephalus hyperesthesia hyperglycemia hyperkalemia hypernatremia "
        "hyperparathyroidism hypertension hyperthyroidism hypertonia hypocalcemia hypoesthesia hypoglycemia "
        "hyponatremia hypoparathyroidism hypotension hypothyroidism hypotonia impetigo iritis keratitis "
        "laryngitis laryngospasm leukemia lipedema lupus lymphadenitis lymphangioma lymphangitis lymphoma "
        "macular mastitis mastoiditis measles meigs melanoma meningioma meningitis migraines mitosis mumps "
        "myalgia myasthenia myelitis myelopathy myoclonus myokymia myopathy myopia myositis myotonia myringitis "
        "nephritis neuritis neuroma neuropathy nocardiosis nystagmus otitis palsies pancreatitis paresis "
        "parkinson parotitis pharyngitis phlebitis phytotherapy pleurisy polio polyneuropathy psoriasis ptosis "
        "quartan rabies radiculopathy retinitis rosacea sarcoidosis sarcoma sars sciatica scid scleritis "
        "scleroderma sclerosis sepsis siderosis sids sinusitis snellen soiling spheroids spondylosis sprain "
        "sprained stammering stenosis stenting stomatitis strabismus sulfide tendinitis tensilon tetany "
        "thyroiditis tinnitus tonsillitis torticollis trachoma tremens trismus tuberculosis uveitis vacuolar "
        "valvular varus vasculitis vertigo vitreal yaws"
    ).split()
)
"""Illnesses and signs that look like words of ours: whoever types one means it, not what it looks like."""


@cache
def _known() -> frozenset[str]:
    """The 40,000 commonest English words, after the frequency list of SymSpell (MIT license, beside the file)."""
    packed = files("conditions.search").joinpath("known_words.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())


def may_be_wrong(word: str) -> bool:
    """Whether a folded word that no page says may be meant for another: no common word, illness or number is."""
    return len(word) >= SHORTEST and word.isalpha() and word not in _ALIKE and word not in _known()


def meant(word: str, names: Iterable[str]) -> str:
    """The word of some folded names that a wrong one is meant for; empty if none is near enough.

    One letter may be wrong, left out, too much or in another place; in a word of seven letters or more two may, unless
    a common word is nearer. The first letter is right. Of equally near ones the one that more names have.
    """
    times: dict[str, int] = {}
    for name in names:
        for one in set(name.split()):
            if len(one) >= SHORTEST and one[0] == word[0] and one.isalpha():
                times[one] = times.get(one, 0) + 1
    most = 1 if len(word) < _LONG else 2
    far = {one: _distance(word, one, most) for one in times}
    near = [one for one in times if far[one] <= most and not _is_another(word, one)]
    best = min(near, key=lambda one: (far[one], -times[one], one), default="")
    return best if best and (far[best] < 2 or _known().isdisjoint(_one_off(word))) else ""  # two letters


def _distance(word: str, other: str, most: int) -> int:
    """How many letters of two words differ. One letter that stands elsewhere is one, as in "tounge"."""
    far = OSA.distance(word, other, score_cutoff=max(2, most))
    return 1 if far == 2 and sorted(word) == sorted(other) else far


def _is_another(word: str, other: str) -> bool:
    """Whether two medical words that look alike are two things, by how they begin or end."""
    pairs = ((part.search(word), part.search(other)) for part in _PARTS)
    return any(one and two and one[0] != two[0] for one, two in pairs)


_PARTS = (
    re.compile("^(?:hypo|hyper)"),
    re.compile(
        "(?:algia|cele|crania|ectomy|edema|emia|esthesia|genesis|itis|kinesia|lalia|lepsy|lexia|lysis|malacia|megaly|oma|"
        "opia|osis|ostomy|otomy|paresis|pathy|penia|phagia|phasia|philia|phobia|phonia|phoria|plasia|plasty|plegia|pnea|"
        "poiesis|praxia|ptosis|rrhea|spasm|stasis|taxia|tocia|tonia|trophy|uria)$"
    ),
)
"""How medical words begin and end that mean another thing if it is another."""


def _one_off(word: str) -> Iterator[str]:
    """All that a word may be with one letter wrong, left out, too much or swapped with the next."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + after[1:]


def likeness(query: set[str], names: Iterable[str]) -> float:
    """How much the name of some that is most alike looks like a query, 0 to 1, by the three letters that both have."""
    return max((_likeness(query, grams(name)) for name in names), default=0.0)


def _likeness(query: set[str], name: set[str]) -> float:
    both = len(query & name)
    within = 0.8 * both / len(name) if len(name) >= _MANY_GRAMS else 0.0
    return max(both / (len(query | name) or 1), within)


def unknown(words: Iterable[str], said: Mapping[str, object]) -> list[str]:
    """The first of some folded words that no page says and that may be typed wrongly."""
    return [word for word in words if stem(word) not in said and may_be_wrong(word)][:_MOST_WRONG]
