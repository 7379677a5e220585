"""Reads reports as HTML strictly: valid, without an active element, in their language, with all images and
all sentences of the report as JSON beside it."""

import json
import re
import sys

import html5lib

ACTIVE = {"script", "iframe", "object", "embed", "form", "link", "base", "audio", "video", "svg"}


def squeezed(text):
    return re.sub(r"\s+", "", text)


def check(path):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    with open(path.removesuffix(".html") + ".json", encoding="utf-8") as file:
        report = json.load(file)
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    ids = {element.get("id") for element in page.iter() if element.get("id")}
    for element in page.iter():
        assert element.tag not in ACTIVE, f"<{element.tag}>"
        for name, value in element.attrib.items():
            assert not name.startswith("on"), f"<{element.tag} {name}>"
            assert name != "href" or (value[0] == "#" and value[1:] in ids), value
            assert name != "src" or value.startswith("data:image/png;base64,"), f"{value:.40}"
    english = report["language"].startswith("en")
    assert page.get("lang") == ("en" if english else "zh-CN")
    assert page.find("head/title").text == ("Radiology report" if english else "影像报告")
    assert ("research" in page.find("body/footer").text) == english
    images = list(page.iter("img"))
    assert len(images) == len(report["study"]["images"]) and all(image.get("alt") for image in images)
    read, at = squeezed("".join(page.find("body").itertext())), 0
    for sentence in report["sentences"]:
        at = read.find(squeezed(sentence["text"]), at)
        assert at >= 0, f"not read: {sentence['text']!r:.200}"


failed = 0
for path in sys.argv[1:]:
    try:
        check(path)
    except (AssertionError, html5lib.html5parser.ParseError) as error:
        failed += 1
        print(f"{path}: {error}", file=sys.stderr)
print(f"HTML: {len(sys.argv) - 1 - failed} of {len(sys.argv) - 1} reports are valid and whole")
sys.exit(failed > 0)
