"""Texts that break parsers, pages and calendars, all within what a case may hold."""

import re

XML_UNREADABLE = re.compile("[\ufffe\uffff]")

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'&",
    "</style></p><h1>Owned</h1> &lt;b&gt; &amp; &#x41; ]]> <!-- -->",
    "[click](javascript:alert(1)) ![x](y) `code` *bold* _it_ ~~no~~ | a | b |",
    "# not a heading",
    "- not a list",
    "1. not a number",
    "12) nor this",
    "+ nor that",
    "=== not a line under a heading",
    "> not a quotation",
    "{{ 7 * 7 }} {% raw %} ${HOME} $goal {quote} %s %(x)s",
    r"C:\new\Notes \N \n \, \; trailing \\",
    "one; two, three: \"four\" BEGIN:VEVENT",
    "text\r\nEND:VEVENT\r\nBEGIN:VALARM",
    "next\u2028line\u2029and\x85more",
    "\u202eright to left\u202c \u200f\u0634\u0643\u0631\u0627 \u05ea\u05d5\u05d3\u05d4",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1fa\U0001f1f3 " + "\U0001f600" * 60,
    "Z\u0351\u036ba\u0334l\u0335g\u0327o\u0300 " + "\u00e9" * 120,
    "odd \ufffe and \uffff characters",
    "\u793e\u4f1a\u79d1\u5b66 \uc0ac\ud68c\uacfc\ud559\uc6d0",
)
