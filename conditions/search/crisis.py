"""Queries that speak of suicide or of hurting oneself: in doubt, one does."""

from __future__ import annotations

import re

from rapidfuzz.distance import OSA

from conditions.search.spelling import may_be_wrong
from conditions.search.words import heard

_SELF = r"(?:my|your|him|her|our|them|one)sel(?:f|ves)"
_WHOSE = r"(?:my|his|her|their|your|our)(?: own)?"
_FEW = r"(?: (?!(?:a|as|by|for|how|i|if|in|my|of|on|own|the|when|while|with)\b)\w+){0,3} ?"
"""Up to three words between a verb and its object."""
_SOME = r"(?:\w+ ){0,2}"
_NOT = r"(?:not|no longer|never|dont|doesnt|didnt|cannot|wont)"
_LIFE = r"(?:life|living|alive|existing)"
_ON = r"(?:go|going|carry|carrying|keep) (?:on|going)"
_ANY_MORE = r"(?: any ?(?:more|longer)| no (?:more|longer)| again| like this| tomorrow|$)"

_PHRASES = (
    r"\w*suicid\w*",
    r"self ?(?:harm|injur|mutilat)\w*",
    r"(?:unaliv\w*|kms|kys|overdos\w*)",
    rf"(?:kil+|harm|hurt|cut|hang|hung|shoot|shot|stab|drown|poison|injur|unaliv)\w*{_FEW}{_SELF}",
    rf"burning {_SELF}",
    r"(?:please|somebody|someone|god|just) kill me",
    rf"(?:slit|slash|cut)\w* {_WHOSE} wrists?",
    r"jump\w* (?:off|from|in front)(?: \w+){0,3} (?:bridge|building|roof|train|cliff|balcony|window|car|bus)",
    rf"(?:took|tak\w+|swallow\w*) {_SOME}(?:all|too many|bottle)(?: \w+){{0,3}} (?:pill|tablet|med|painkill)\w*",
    rf"(?:end|tak|took)\w* (?:{_WHOSE}|this) (?:life|lives)(?! back)",
    r"end\w* it (?:all|tonight|now|today)",
    r"(?:want|ready|plan\w*|going|th(?:ink|ought)\w*|just|could|wish|try) (?:\w+ ){0,3}end(?:ing)? (?:it|everything)$",
    r"(?:want|wish) (?:it all|everything|my life) (?:to )?(?:be |was )?(?:over|end|stop)",
    r"(?:want\w*|wish\w*|ready|rather|prefer|need|tr(?:y|ies|ying|ied)|decided|deserve\w*|let me|hope to)"
    r"(?: (?!not|dont)\w+){0,3} (?:die|dead)",
    r"better (?:off )?(?:dead|without me)",
    rf"(?:ways? {_SOME}|how (?:to|do i|can i|could i) )die",
    r"painless (?:death|way)",
    r"if i (?:was|were) (?:dead|gone)",
    r"wish(?:ed)? i (?:had )?(?:never (?:been|was)|wasn ?t|were ?n[o ]?t|was not|didn ?t) (?:born|alive|here|exist)",
    r"will to live",
    rf"th(?:ink|ought)\w* {_SOME}(?:dying|death|being dead)",
    rf"(?:reason|point|purpose|sense) {_SOME}(?:live|living|{_ON})",
    rf"(?:point (?:of|in)|done with|sick of|tired of|fed up with|hate|hate my)(?: being)? {_LIFE}",
    rf"nothing {_SOME}live for",
    r"(?:not|aint) worth living",
    rf"{_NOT} {_SOME}(?:want|wish|deserve|care)(?: to)? (?:live|be alive|exist)",
    rf"{_NOT} {_SOME}(?:want|wish|care)(?: to)? (?:wake up|{_ON}|be here|be around){_ANY_MORE}",
    rf"cannot {_ON}(?: living|{_ANY_MORE})",
    rf"cannot live{_ANY_MORE}",
    r"cannot (?:do|take|bear|stand|face) (?:this|it|life) (?:any ?(?:more|longer)|no (?:more|longer))",
    r"(?:wants?|wish i could)(?: to)?(?: just)? (?:disappear|vanish|stop existing|stop living|not exist|not wake up)",
    r"never wake up(?: again|$)",
    r"good ?bye (?:note|letter)",
)
"""What people say who think of taking their life or of hurting themselves, or fear it of somebody."""
_CRISIS = re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b")

_SHORT = {
    "wanna": "want to",
    "wana": "want to",
    "gonna": "going to",
    "2": "to",
    "isnt": "not",
    "cant": "cannot",
    "couldnt": "cannot",
}
_NAMED = ("suicide", "suicidal")


def is_one(query: str) -> bool:
    """Whether a query speaks of suicide or of hurting oneself, however it is spelled."""
    words = heard(query)
    if any(_names_it(word) for word in words):
        return True
    return bool(_CRISIS.search(" ".join(_SHORT.get(word, word) for word in words)))


def _names_it(word: str) -> bool:
    """Whether a word is one of those that name it with one letter wrong, or with two after its beginning: "sucide"."""
    far = 2 if word.startswith("suic") else 1
    near = any(OSA.distance(word, one, score_cutoff=far) <= far for one in _NAMED)
    return near and may_be_wrong(word)
