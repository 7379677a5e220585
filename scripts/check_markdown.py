"""Reads reports in Markdown through GitHub's renderer and through one that makes links of what looks like an
address: there is nothing but text in them, and all sentences of the report as JSON beside it."""

import html.parser
import json
import re
import sys

import cmarkgfm
import markdown_it
from cmarkgfm.cmark import Options

PASSIVE = {"h1", "h2", "p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code"}


class Page(html.parser.HTMLParser):
    """The elements of a page with their attributes, its headings, and what is read of it."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.headings, self.text, self.heading = [], [], "", False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, attributes))
        self.heading = re.fullmatch("h[1-6]", tag) is not None
        if self.heading:
            self.headings.append("")

    def handle_endtag(self, tag):
        self.heading = False

    def handle_data(self, data):
        self.text += data
        if self.heading:
            self.headings[-1] += data


def github(text):
    options = Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_UNSAFE
    return cmarkgfm.github_flavored_markdown_to_html(text, options)


def with_links(text):
    return markdown_it.MarkdownIt("gfm-like").render(text)


def squeezed(text):
    return re.sub(r"\s+", "", text)


def check(path):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    with open(path.removesuffix(".md") + ".json", encoding="utf-8") as file:
        report = json.load(file)
    english = report["language"].startswith("en")
    headings = (["Radiology report", "Findings", "Impression", "Asked in this order"] if english
                else ["影像报告", "影像表现", "诊断意见", "提问顺序"])
    for render in (github, with_links):
        page = Page(render(text))
        for tag, attributes in page.elements:
            assert tag in PASSIVE and not attributes, f"{render.__name__} makes <{tag} {attributes}>"
        assert page.headings == headings, page.headings
        read, at = squeezed(page.text), 0
        for sentence in report["sentences"]:
            at = read.find(squeezed(sentence["text"]), at)
            assert at >= 0, f"not read: {sentence['text']!r:.200}"


failed = 0
for path in sys.argv[1:]:
    try:
        check(path)
    except AssertionError as error:
        failed += 1
        print(f"{path}: {error}", file=sys.stderr)
print(f"Markdown: {len(sys.argv) - 1 - failed} of {len(sys.argv) - 1} reports are text and whole")
sys.exit(failed > 0)
