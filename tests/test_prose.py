"""Editors' text: canonical form, safe HTML, citations, plain words, keys and reading measures."""

import re

import pytest
from django.utils.safestring import SafeString

from conditions import prose
from tests.safe_html import NERVE, Reader, assert_safe, cite

NOTE = f'<a class="note" href="#n1" aria-label="{NERVE[2]}" rel="noopener">[1]</a>'


# Canonical form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\t\r\n\u00a0", ""),
        ("a", "a\n"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("a \t\nb\u00a0\nc", "a\nb\u00a0\nc\n"),
        ("\n \na\n\n\nb\n\n", "a\n\n\nb\n"),
        ("a\n\u00a0\nb", "a\n\nb\n"),
        ("    code\n", "    code\n"),
        ("a\x0bb\x0cc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf\n"),
        ("Blepharo\u00adspasmus, the eye\u200blids", "Blepharospasmus, the eyelids\n"),
        ("Cafe\u0301", "Caf\u00e9\n"),
    ],
)
def test_canonical_gives_text_one_form(text, expected):
    assert prose.canonical(text) == expected


BREAKS = [
    ("Call 112  \nCall 999   \nText 555\\\nend", "Call 112\\\nCall 999\\\nText 555\\\nend"),
    ("- a  \n  b\n> c  \n> d", "- a\\\n  b\n> c\\\n> d"),
    ("the last  \n\nof a paragraph  ", "the last\n\nof a paragraph"),
    ("# A heading  \na  \n===", "# A heading\na\n==="),
    ("| a |  \n|---|  \n| b |  ", "| a |\n|---|\n| b |"),
    ("one blank \nno break\t\nno break", "one blank\nno break\nno break"),
    ("a backslash\\ \nthat is seen", "a backslash\\\\\nthat is seen"),
    ("and a break\\   \nafter it", "and a break\\\\\\\nafter it"),
    ("`code  \nspan`", "`code\nspan`"),
    ("```  \ncode  \n```\n\n    more  \n    code", "```  \ncode  \n```\n\n    more  \n    code"),
    ("A spasm  \n[@nerve]", "A spasm\\\n[@nerve]"),
    # A backslash here would make a star that stands alone begin something.
    ("*  \nnot* begun", "*\nnot* begun"),
    ("a\n_  \n[_", "a\n_  \n[_"),
]


@pytest.mark.parametrize(("text", "expected"), BREAKS)
def test_canonical_markdown_shows_its_line_breaks_and_keeps_code(text, expected):
    assert prose.canonical(text) == f"{expected}\n"


LISTS = [
    ("•\tTwitching\n•\tPain", "- Twitching\n- Pain"),
    ("•Twitching\n•Pain", "- Twitching\n- Pain"),
    ("Signs:\n·       Twitching\n·       Pain", "Signs:\n- Twitching\n- Pain"),
    ("▪ Twitching", "- Twitching"),
    ("–\tTwitching\n–\tPain", "- Twitching\n- Pain"),
    ("\uf0b7\tTwitching\n-\u00a0Pain", "- Twitching\n  - Pain"),
    ("•\tTwitching of\nthe eyelid\n•\tPain", "- Twitching of\nthe eyelid\n- Pain"),
    ("•\tEyes\no\tLeft\no\tRight\n•\tMouth", "- Eyes\n  - Left\n  - Right\n- Mouth"),
    ("•\tEyes\n\no\tLeft\n\n•\tMouth", "- Eyes\n\n  - Left\n\n- Mouth"),
    ("- Eyes\n•\tMouth", "- Eyes\n- Mouth"),
    ("- Eyes\n  •\tLeft", "- Eyes\n  - Left"),
    ("1)\u00a0Call\n2)\u00a0Wait", "1) Call\n2) Wait"),
    ("1)\tCall\n2)\tWait", "1)\tCall\n2)\tWait"),
    ("•\t# one\n•\t2. two\n•\t---\n•\t> three\n•\t+ four", "- \\# one\n- 2\\. two\n- \\---\n- \\> three\n- \\+ four"),
    ("•\tEyes\n    ---\n•\tMouth", "- Eyes\n\\---\n- Mouth"),
    # No lists.
    ("The sign\n• means a bullet", "The sign\n• means a bullet"),
    ("Pain • fever", "Pain • fever"),
    ("– Yes, she said.\n– No.", "– Yes, she said.\n– No."),
    ("·5 of them\no no", "·5 of them\no no"),
    ("§\u00a05 says\n—\u00a0so", "§\u00a05 says\n—\u00a0so"),
    ("•\n•\t", "•\n•"),
    ("\\•\tnone", "\\•\tnone"),
    ("    •\tcode\n\n```\n•\tcode\n```", "    •\tcode\n\n```\n•\tcode\n```"),
    ("`over\n•\tlines`\n•\tb", "`over\n•\tlines`\n•\tb"),
    ("> said\n•\tsaid", "> said\n•\tsaid"),
    ("•\ta | b\n--- | ---", "•\ta | b\n--- | ---"),
    ("•\tEyes\n===", "•\tEyes\n==="),
]


@pytest.mark.parametrize(("text", "expected"), LISTS)
def test_canonical_markdown_makes_lists_of_bullet_signs(text, expected):
    assert prose.canonical(text) == f"{expected}\n"
    assert prose.canonical(expected) == f"{expected}\n"


def test_canonical_line_collapses_white_space():
    assert prose.canonical_line(" Bell’s\u00a0 palsy\r\n\there\x0bnow\u2028 ") == "Bell’s palsy here now"
    assert prose.canonical_line("\n\u200b\ufeff \u3164") == ""
    assert prose.canonical_line("•\tone") == "• one"


SEEN = [
    ("می\u200cخواهم", "Persian is written with joiners"),
    ("क्\u200dष ന്\u200d", "and so are Hindi and Malayalam"),
    ("👩\u200d⚕\ufe0f ❤\ufe0f\u200d🔥 👩🏽\u200d🤝\u200d👩🏻", "emoji are joined"),
    ("☎\ufe0f ☎\ufe0e 1\ufe0f\u20e3", "symbols are text or emoji"),
    ("é ’ … \u00a0 ½ Ａ 😀 \ufffd", "these can be seen"),
    ("\u0600\u0661", "a sign over Arabic numbers"),
]
UNSEEN = [
    *["a\u00adb", "a\u200bb", "a\u200cb", "a\u200db", "\u202ea\u202cb\u2066\u2069", "\ufeffab", "a\u2060b", "a\u180eb"],
    *[
        "a\u3164b",
        "a\u115fb",
        "a\uffa0b",
        "a\ufe0fb",
        "a\ufe00b",
        "a\U000e0061b",
        "a\U000e0101b",
        "a\u034fb",
        "ab\u200d",
    ],
    "a\u200d\u200c\ufe0f\u200bb",
]


@pytest.mark.parametrize("text", [text for text, _ in SEEN], ids=[why for _, why in SEEN])
def test_canonical_keeps_what_means_something(text):
    assert prose.canonical_line(text) == " ".join(text.split())


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_canonical_and_keys_leave_out_what_nobody_sees(text):
    assert prose.canonical_line(text) == "ab"
    assert prose.canonical(text) == "ab\n"
    assert prose.fold(text) == prose.slug_of(text) == prose.sort_key(text) == "ab"


def test_distinct_names_are_not_one_in_other_letters():
    names = [
        "Alias test",
        "alias test",
        "Café spasm",
        "Cafe\u0301 spasm",
        "CAFE SPASM",
        "Age < 5",
        "Age > 5",
        "…",
        "—",
        "—",
    ]
    assert prose.distinct_names(names) == ["Alias test", "Café spasm", "Age < 5", "Age > 5", "…", "—"]
    assert min(["CAFE SPASM", "Cafe spasm", "Café spasm", "CAFÉ SPASM"], key=prose.best_written) == "Café spasm"


@pytest.mark.parametrize("char", ["\0", "\x08", "\x1f", "\x7f", "\x84", "\x9f", "\ud8ab", "\ufffe"])
def test_has_control_characters_finds_what_cannot_be_kept(char):
    assert prose.has_control_characters(f"a{char}b")


@pytest.mark.parametrize("text", ["", "a\tb\r\nc", "é ’ … \u00a0", "😀", "\ufffd", "\U0010ffff", "a\x0bb\x0cc\x85d"])
def test_has_control_characters_lets_text_pass(text):
    assert not prose.has_control_characters(text)


# Markdown to HTML


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One *two* **three**.", "<p>One <em>two</em> <strong>three</strong>.</p>\n"),
        (
            "# A\n## B\n### C\n#### D\n###### E",
            "<h3>A</h3>\n<h4>B</h4>\n<h5>C</h5>\n<h6>D</h6>\n<h6>E</h6>\n",
        ),
        ("A\n===", "<h3>A</h3>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("[a](/b/)", '<p><a href="/b/" rel="noopener">a</a></p>\n'),
        ('[a](https://b.c "d")', '<p><a href="https://b.c" title="d" rel="noopener">a</a></p>\n'),
        ("<a@b.c>", '<p><a href="mailto:a@b.c" rel="noopener">a@b.c</a></p>\n'),
        ("![the *facial* nerve](https://b.c/d.png)", "<p>the facial nerve</p>\n"),
        ("A <b>c</b> & d", "<p>A &lt;b&gt;c&lt;/b&gt; &amp; d</p>\n"),
        ("![a <b> c](x)", "<p>a &lt;b&gt; c</p>\n"),
        ("`a < b`", "<p><code>a &lt; b</code></p>\n"),
        ("###### A\n# B\n### C\n## D", "<h3>A</h3>\n<h3>B</h3>\n<h4>C</h4>\n<h4>D</h4>\n"),
        ("[999](tel:999)", '<p><a href="tel:999" rel="noopener">999</a></p>\n'),
        ("<SMS:555>", '<p><a href="SMS:555" rel="noopener">SMS:555</a></p>\n'),
        ("[a](//b.c) [d](#e)", '<p><a href="//b.c" rel="noopener">a</a> <a href="#e" rel="noopener">d</a></p>\n'),
        ("[a](ftp://b.c) <geo:1,2>", "<p>[a](ftp://b.c) &lt;geo:1,2&gt;</p>\n"),
        ("[a](JavaScript&colon;b 'c')", "<p>[a](JavaScript:b 'c')</p>\n"),
        ("[a](http://) [a](https://b:c)", "<p>[a](http://) [a](https://b:c)</p>\n"),
    ],
)
def test_render_of_markdown(text, expected):
    html = prose.render(text)
    assert html == expected
    assert isinstance(html, SafeString)


def test_render_puts_headings_below_the_one_that_they_stand_under():
    assert prose.render("# A\n### B\n# C", top=4) == "<h4>A</h4>\n<h5>B</h5>\n<h4>C</h4>\n"


def test_render_of_a_table_makes_no_header_of_an_empty_cell():
    html = prose.render("| | a |\n|---|---|\n| b | c |")
    assert re.findall(r"<(t[hd])>", html) == ["td", "th", "td", "td"]


FLAWS = [
    ("A [link](/b) <a@b.c> [call](tel:999) [a](https://b.c/d?e) [f](#g) [h](//i.j) # 1 < 2", ""),
    ("A [x] (y), ![an eye](eye.png), \\[a](b), `[a](ftp:b)`", ""),
    ("Read [](http://x.example) this", "a link to 'http://x.example' has no words"),
    ("[![](y.png)](/z)", "a link to '/z' has no words"),
    ("[ \u200b ](/z)", "a link to '/z' has no words"),
    ("[→](/z)", "a link to '/z' has no words"),
    ("[![an eye](y.png)](/z)", ""),
    ("[a]()", "the link “a” has no address"),
    ("> - [a](ftp://b.c)", "the link “a” leads to 'ftp://b.c', which readers cannot follow"),
    ("[a](JAVA&#115;CRIPT:b)", "the link “a” leads to 'JAVAsCRIPT:b', which readers cannot follow"),
    ("<geo:1,2>", "the link “geo:1,2” leads to 'geo:1,2'"),
    ("[a](http://)", "the link “a” leads to 'http://'"),
    ("[a](www.b.c)", "the link “a” leads to 'www.b.c'"),
    ("[a](tel:+44 12)", "'](tel:+44 12)' is not read as a link"),
    ("![a](ftp://b.c)", "the picture 'a' cannot be shown"),
    ("a\n\n#", "line 3 is a heading without words"),
    ("## ![](x)", "line 1 is a heading without words"),
]


@pytest.mark.parametrize(("text", "message"), FLAWS)
def test_flaws_names_what_readers_cannot_use(text, message):
    found = prose.flaws(text)
    assert len(found) == bool(message)
    assert all(one.startswith(message) for one in found)


def test_render_of_a_table():
    html = prose.render("| a | b |\n|---|:-:|\n| c | d |")
    assert re.findall(r"<(\w+)>", html) == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A spasm [@nerve].", f"A spasm&nbsp;{NOTE}."),
        ("A spasm. [@nerve] Next.", f"A spasm.&nbsp;{NOTE} Next."),
        ("A spasm[@nerve].", f"A spasm{NOTE}."),
        ("A spasm\n[@nerve].", f"A spasm&nbsp;{NOTE}."),
        ("A spasm\\\n[@nerve].", f"A spasm&nbsp;{NOTE}."),
        ("*A spasm* [@nerve].", f"<em>A spasm</em>&nbsp;{NOTE}."),
        ("A [@nerve] [@nerve]", f"A&nbsp;{NOTE}&nbsp;{NOTE}"),
        ("[@nerve] says", f"{NOTE} says"),
        ("A spasm [@other].", "A spasm."),
        ("A spasm\n[@other].", "A spasm."),
        ("A [@other] [@nerve] b", f"A&nbsp;{NOTE} b"),
        ("A `[@nerve]` b", "A <code>[@nerve]</code> b"),
        (r"A \[@nerve] b", "A [@nerve] b"),
        ("A [@nerve b] [@] [@a b]", "A [@nerve b] [@] [@a b]"),
        ("A [@nerve](http://x)", f"A&nbsp;{NOTE}(http://x)"),
        ("[see [@nerve] it](/x)", f"[see&nbsp;{NOTE} it](/x)"),
        ("![alt [@nerve]](x)", "alt"),
    ],
)
def test_render_of_citations(text, expected):
    assert prose.render(text, cite) == f"<p>{expected}</p>\n"


def test_render_of_citations_in_lists_tables_and_headings():
    for text in ("- a [@nerve]", "| a [@nerve] |\n|---|", "# a [@nerve]", "> a [@nerve]"):
        assert f"a&nbsp;{NOTE}" in prose.render(text, cite)
    for text in ("    a [@nerve]", "```\na [@nerve]\n```"):
        assert "a [@nerve]" in prose.render(text, cite)


def test_render_without_cite_leaves_citations_out():
    assert prose.render("A spasm [@nerve]. Next") == "<p>A spasm. Next</p>\n"


STATEMENTS = [
    ("A spasm [@nerve].", [("A spasm.", ["nerve"])], "A spasm."),
    ("A [@nerve] [@other] b", [("A b", ["nerve", "other"])], "A b"),
    ("[@nerve][@nerve] says", [("says", ["nerve"])], "says"),
    ("*A* `b` <c> & [d](e)", [("*A* `b` &lt;c&gt; &amp; [d](e)", [])], "*A* `b` <c> & [d](e)"),
    ("A [@] [@a b]", [("A [@] [@a b]", [])], "A [@] [@a b]"),
    ("", [], ""),
    (
        "One. Two [@a]. Three [@b], and [@c] so. Four.",
        [
            ("One.", []),
            ("Two.", ["a"]),
            ("Three, and so.", ["b", "c"]),
            ("Four.", []),
        ],
        "One. Two. Three, and so. Four.",
    ),
    ('A [@a "the words. Of it"]. B', [("A.", ["a"]), ("B", [])], "A. B"),
    ("Drink. [@a] Avoid. [@b] Go.", [("Drink.", ["a"]), ("Avoid.", ["b"]), ("Go.", [])], "Drink. Avoid. Go."),
]


@pytest.mark.parametrize(("text", "pieces", "words"), STATEMENTS)
def test_a_statement_has_citations_and_no_markup(text, pieces, words):
    found = prose.statement_pieces(text)
    assert [(one.html, [quote.slug for quote in one.quotes]) for one in found] == pieces
    assert prose.uncited(text) == words


def test_render_escapes_what_cite_answers():
    html = prose.render("A [@x]", lambda slug: ("<b>", '#"><script>', '"><img src=x onerror=y> & \ud800'))
    assert "&lt;b&gt;" in html
    assert '"&gt;<' not in html
    assert_safe(html)
    (_, attributes), *rest = [item for item in Reader.read(html) if item[0] == "a"]
    assert attributes["aria-label"] == '"><img src=x onerror=y> & \ufffd'
    assert not rest


def test_render_refuses_a_footnote_with_a_dangerous_address():
    assert "javascript" not in prose.render("A [@x]", lambda slug: ("1", "javascript:alert(1)", "x"))


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<div\nonclick=alert(1)>x</div>",
    "<!-- --><style>*{}</style>",
    "![x](https://evil.example/pixel.png)",
    '![x](x"onerror="alert(1))',
    "![x](data:image/png;base64,AAAA)",
    "![x]\n\n[x]: https://evil.example/pixel.png",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/png;base64,AAAA)",
    "[x](file:///etc/passwd)",
    "[x](ftp://a.b)",
    "[x](tel:1)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    '[x](/a "\\" onmouseover=\\"alert(1)")',
    '[x](/a\'"onmouseover="alert(1))',
    '[x][y]\n\n[y]: javascript:alert(1) "z"',
    "`<script>`",
    "```<script>\n<script>\n```",
    '```" onclick="x\nx\n```',
    "[@x](javascript:alert(1))",
    "[[@x]](javascript:alert(1))",
    '[@x"><script>]',
    "[a [@x] b](https://a.b)",
    "| <script> |\n|---|\n| ![x](y) |",
    "&lt;script&gt; &#60;script&#62;",
    "<scr<script>ipt>",
    "<a href='javascript:x'>y</a>",
    "\ud83d<script>\udc00",
    "[x](http://a/\ud83d\udc00)",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_render_is_safe(text):
    hostile = ('"><script>', "JAVASCRIPT:x", "' onclick='x")
    for html in (prose.render(text), prose.render(text, lambda slug: hostile), prose.render(text, cite)):
        assert_safe(html)


@pytest.mark.parametrize("piece", ["![", "[", "](x)", ">", "*", "`", "- ", "<", "[@a]", "[@", "a\n", "|", "&#", "\\"])
def test_render_stands_a_long_text_of_one_piece(piece):
    assert_safe(prose.render(piece * 5000))
    assert_safe(prose.render(piece * 2000 + "](x)" * 2000))


# Citations and plain words


def test_citations_are_listed_in_order_without_repeats():
    text = "A [@b-2] and [@a].\n\n- [@b-2] `[@no]` \\[@no]\n\n| [@T_1] |\n|---|\n\n# [@end]\n\n    [@no]\n"
    assert prose.citations(text) == ["b-2", "a", "T_1", "end"]
    assert prose.citations("none, [a] @b") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("One\ntwo.\n\nThree  four.", "One two. Three four."),
        ("# A\n\n- b *c* [@x].\n- `d` [e](/f)\n\n> g\\\nh", "A b c. d e g h"),
        ("| a | b |\n|---|---|\n| c | d |", "a b c d"),
        ("```\na  < b\n```\n![an *eye*](x)", "a < b an eye"),
        ("Bell&rsquo;s &amp; <b>", "Bell’s & <b>"),
        ("1 * 2 * 3 \\* 4", "1 * 2 * 3 * 4"),
        ("a\ud800", "a\ufffd"),
    ],
)
def test_plain_leaves_words_only(text, expected):
    assert prose.plain(text) == expected


def test_plain_without_markup_takes_the_short_way_to_the_same_words(monkeypatch):
    text = "Facial nerve (VII): 5 to 10 people\n\nNext paragraph, half-closed eye.\n"
    short = prose.sentences(text)
    monkeypatch.setattr(prose, "_MARKUP", re.compile(""))
    assert (
        prose.sentences(text)
        == short
        == [
            "Facial nerve (VII): 5 to 10 people",
            "Next paragraph, half-closed eye.",
        ]
    )


# Excerpts

LONG = (
    "Bell’s palsy is a rare condition that affects the facial nerve and muscles. It may appear after a cold "
    "sore or other viral illness such as the flu or a cold. You might notice a headache and pain, or "
    "twitching or weakness in one side of your face."
)


def test_excerpt_of_a_short_text_is_the_text():
    assert prose.excerpt("A <b>\n& c", []) == "A &lt;b&gt; &amp; c"


def test_excerpt_marks_words_by_their_fold():
    html = prose.excerpt("Bell's palsy, BELL’S Pálsy; bell", ["Bells", "palsy"])
    assert html == ("<mark>Bell&#x27;s</mark> <mark>palsy</mark>, <mark>BELL’S</mark> <mark>Pálsy</mark>; bell")
    assert isinstance(html, SafeString)


def test_excerpt_without_a_match_is_the_beginning():
    assert prose.excerpt(LONG, ["zzz"], 30) == "Bell’s palsy is a rare…"
    assert prose.excerpt(LONG, [], 30) == "Bell’s palsy is a rare…"


def test_excerpt_stands_around_the_first_match_and_is_cut_at_word_ends():
    assert (
        prose.excerpt(LONG, ["cold"], 60)
        == "…may appear after a <mark>cold</mark> sore or other viral illness such as…"
    )


def test_excerpt_at_the_end_has_its_full_length():
    assert prose.excerpt(LONG, ["face"], 40) == "…or weakness in one side of your <mark>face</mark>."


def test_excerpt_escapes_in_and_around_marks():
    html = prose.excerpt("<i>x</i> <script>y</script> & \ud800", ["script", "i"])
    assert html == (
        "&lt;<mark>i</mark>&gt;x&lt;/<mark>i</mark>&gt; "
        "&lt;<mark>script</mark>&gt;y&lt;/<mark>script</mark>&gt; &amp; \ufffd"
    )


def test_excerpt_holds_the_match_even_where_no_word_ends_after_it():
    assert prose.excerpt(f"aa aa aa bbb-{'c' * 20}", ["bbb"], 12) == "…aa <mark>bbb</mark>-ccccc…"


def test_excerpt_of_a_word_longer_than_itself_is_cut():
    assert prose.excerpt("x" * 500, [], 10) == "x" * 10 + "…"
    assert prose.excerpt(f"a b {'x' * 50} c", ["x" * 50], 10) == f"…b <mark>{'x' * 50}</mark>…"


# Keys


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bell’s palsy", "bells palsy"),
        ("Bell's", "bells"),
        ("BELLʼS", "bells"),
        ("Bell´s", "bells"),
        ("Ménière’s", "menieres"),
        ("Me\u0301nie\u0300re", "meniere"),
        ("Straße", "strasse"),
        ("ŉ", "n"),
        ("ﬁne ½ Ａ", "fine 1 2 a"),
        ("  half-closed_eye (left)! ", "half closed eye left"),
        ("ICD-10 G51.3", "icd 10 g51 3"),
        ("лицо", "лицо"),
        ("…", ""),
    ],
)
def test_fold_makes_keys(text, expected):
    assert prose.fold(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("The facial nerve", "facial nerve"),
        ("A cold sore", "cold sore"),
        ("An eye", "eye"),
        ("A", "a"),
        ("Anxiety", "anxiety"),
        ("The a to z", "a to z"),
        ("“The” eye", "eye"),
        ("Theatre", "theatre"),
    ],
)
def test_sort_key_drops_a_leading_article(name, expected):
    assert prose.sort_key(name) == expected


@pytest.mark.parametrize(("key", "expected"), [("bells", "B"), ("Z", "Z"), ("7th", "#"), ("", "#"), ("лицо", "#")])
def test_letter_names_a_heading(key, expected):
    assert prose.letter(key) == expected


# Reading measures


def test_sentences_are_cut_at_their_ends_only():
    text = (
        "# Get help\n\nDr. Smith waits 2.5 hours, e.g. in March. “Is it so?” Yes! It is … maybe. "
        "7 of 10 (see Fig. 2.) Mild vs. Severe\n\n- Call 911\n- Do not wait. Go.\n"
    )
    assert prose.sentences(text) == [
        "Get help",
        "Dr. Smith waits 2.5 hours, e.g. in March.",
        "“Is it so?”",
        "Yes!",
        "It is … maybe.",
        "7 of 10 (see Fig. 2.)",
        "Mild vs. Severe",
        "Call 911",
        "Do not wait.",
        "Go.",
    ]
    assert prose.sentences("a b\r\rc d\n \n    e") == ["a b", "c d", "e"]
    assert prose.sentences("a b\r\rc d") == ["a b", "c d"]
    assert prose.sentences(" \n") == []


def test_grade_follows_the_formula():
    # 6 words, 1 sentence, 6 syllables; then 2 sentences, 6 words, 10 syllables.
    assert prose.grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert prose.grade("Facial nerves twitch. Muscles tire easily.") == pytest.approx(0.39 * 3 + 11.8 * 10 / 6 - 15.59)
    assert prose.grade("") == prose.grade("--- !!! …") == 0


def test_grade_rises_with_harder_words():
    assert prose.grade("Your face may droop. Call for help now.") < 3
    assert prose.grade("Oromandibular dystonia characteristically manifests involuntary contractions.") > 20


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1),
        ("table", 2),
        ("smile", 1),
        ("caused", 1),
        ("faces", 2),
        ("muscles", 2),
        ("treated", 2),
        ("eye", 1),
    ],
)
def test_grade_counts_syllables_by_sound(word, count):
    assert prose.grade(word) == pytest.approx(0.39 + 11.8 * count - 15.59)


def test_a_line_of_white_space_is_read_once():
    line = "\u00a0" * 90_000 + "x"  # minutes, if it were read from each of its places
    assert prose.canonical(line) == line + "\n"
    assert prose.canonical("a\n \u00a0 \nb") == "a\n\nb\n"


@pytest.mark.parametrize("text", ["[@nerve]\n===\n", "> [@nerve]\n> ---\n", "- [@nerve]\n  ---\n", "&nbsp;\n===\n"])
def test_flaws_name_an_underlined_heading_without_words(text):
    assert "is a heading without words" in prose.flaws(text)[0]
    assert prose.flaws(f"a\n\n---\n\nWords {text}") == []


@pytest.mark.parametrize("address", ["mailto:", "tel:", "sms:"])
def test_flaws_name_a_link_to_no_mailbox_or_phone(address):
    assert f"leads to '{address}', which readers cannot follow" in prose.flaws(f"[Call]({address})")[0]
    assert prose.flaws(f"[Call]({address}1)") == []
