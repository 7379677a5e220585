"""Holds FHIR documents against fhir.resources (R4B), and against what it does not look at: narratives
are XHTML, and contained resources and references to them belong together."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree

from fhir.resources.R4B.diagnosticreport import DiagnosticReport

# R4's regular expression of a string; its \S is that of XML Schema and Java.
STRING = re.compile(r"[ \r\n\t\S]+", re.ASCII)
XHTML = "{http://www.w3.org/1999/xhtml}"


def strings(value):
    if isinstance(value, str):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(child)


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for child in value.values():
            yield from references(child)
    if isinstance(value, list):
        for child in value:
            yield from references(child)


def check(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    DiagnosticReport.model_validate_json(text)
    report = json.loads(text)
    for string in strings(report):
        assert STRING.fullmatch(string), f"no string: {string!r:.80}"
        assert string.strip(), "a blank string"
    div = ElementTree.fromstring(report["text"]["div"])
    assert div.tag == XHTML + "div", div.tag
    assert div.get("{http://www.w3.org/XML/1998/namespace}lang") == div.get("lang") == report["language"]
    assert all(element.tag.startswith(XHTML) for element in div.iter())
    contained = ["#" + resource["id"] for resource in report.get("contained", [])]
    assert len(set(contained)) == len(contained), "an id twice"
    assert set(contained) == set(references(report)), "contained and references differ"


failed = 0
for path in sys.argv[1:]:
    try:
        check(path)
    except Exception as error:  # of whatever kind: the file is wrong
        failed += 1
        print(f"{path}: {error}", file=sys.stderr)
print(f"FHIR: {len(sys.argv) - 1 - failed} of {len(sys.argv) - 1} reports are valid")
sys.exit(failed > 0)
