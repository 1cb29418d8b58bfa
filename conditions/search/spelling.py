"""Words that are typed wrongly: the words of names that they are meant for, and names that look alike."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from rapidfuzz.distance import OSA

from conditions import prose
from conditions.search.weights import grams
from conditions.search.words import stem

SHORTEST = 4
"""Letters of the shortest word that is taken for another."""
_LONG = 7
"""Letters from which on two may be wrong, and not only one."""
LOOKS_LIKE = 0.3
"""From how much alike on a name is shown for a query that has an unknown word."""
_MANY_GRAMS = 6

_ALIKE = frozenset(
    prose.fold(
        "acromegaly adenoma aneurysm angina anosmia aphasia aphthous asthma ataxia atrophy botulism brucellosis "
        "bursitis celiac cellulitis cholera chorea colitis diphtheria dysarthria dyskinesia dysphasia dysplasia "
        "encephalitis endometriosis epiglottitis erysipelas fibromyalgia gastritis glaucoma gliosis gout "
        "hemophilia hepatitis herniated hives hydrocephalus hypothyroidism impetigo keratitis laryngitis leukemia "
        "lupus lymphoma mastitis mastoiditis measles meigs melanoma meningioma meningitis migraines mitosis mumps "
        "myalgia myasthenia myelitis myelopathy myoclonus myopathy myopia myositis nephritis neuritis neuroma "
        "neuropathy nystagmus otitis palsies pancreatitis parkinson parotitis pharyngitis phlebitis pleurisy polio "
        "psoriasis ptosis rabies rosacea sarcoidosis sarcoma sciatica scleroderma sclerosis sepsis sinusitis "
        "spondylosis stenosis stomatitis strabismus tendinitis tetany thyroiditis tinnitus tonsillitis torticollis "
        "trachoma trismus tuberculosis uveitis vasculitis vertigo"
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

    One letter may be wrong, left out, too much or swapped with the next; in a word of seven letters or more two may.
    The first letter is right. Of equally near ones the one that more names have.
    """
    times: dict[str, int] = {}
    for name in names:
        for one in set(name.split()):
            if len(one) >= SHORTEST and one[0] == word[0] and one.isalpha():
                times[one] = times.get(one, 0) + 1
    most = 1 if len(word) < _LONG else 2
    far = {one: OSA.distance(word, one, score_cutoff=most) for one in times}
    near = [one for one in times if far[one] <= most]
    return min(near, key=lambda one: (far[one], -times[one], one), default="")


def likeness(query: set[str], names: Iterable[str]) -> float:
    """How much the name of some that is most alike looks like a query, 0 to 1, by the three letters that both have."""
    return max((_likeness(query, grams(name)) for name in names), default=0.0)


def _likeness(query: set[str], name: set[str]) -> float:
    both = len(query & name)
    within = 0.8 * both / len(name) if len(name) >= _MANY_GRAMS else 0.0
    return max(both / (len(query | name) or 1), within)


def unknown(words: Iterable[str], said: Mapping[str, object]) -> list[str]:
    """Those of some folded words that no page says and that may be typed wrongly."""
    return [word for word in words if stem(word) not in said and may_be_wrong(word)]
