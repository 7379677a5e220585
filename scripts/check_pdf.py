"""Reads samples of reports as PDF by QPDF and Poppler: check_pdf.py FOLDER

For each NAME.pdf: it has no fault, the images are those of NAME.html, pixel by pixel, and every
sentence of NAME.json can be read from it.
"""

import base64
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata

from PIL import Image


def pixels(file):
    image = Image.open(file).convert("RGB")
    return image.size, image.tobytes()


def stored_images(html):
    found = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", html.read_text("utf-8"))
    return sorted(pixels(io.BytesIO(base64.b64decode(data))) for data in found)


def shown_images(pdf):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["pdfimages", "-png", pdf, f"{folder}/image"], check=True)
        return sorted(pixels(file) for file in pathlib.Path(folder).iterdir())


def squeeze(text):
    """Without blanks and without what has no width (joiners, selectors of a variant)."""
    return re.sub(r"[\s\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]+", "", text)


def text_of(pdf, notice):
    text = subprocess.run(["pdftotext", "-raw", pdf, "-"], check=True, capture_output=True, text=True)
    foot = re.escape(squeeze(notice))  # its two halves come in either order
    text = re.sub(rf"{foot}\d+/\d+|\d+/\d+{foot}", "", squeeze(text.stdout))
    return re.sub(r"\[U\+([0-9A-F]+)\]", lambda number: chr(int(number[1], 16)), text)


def runs_to_the_left(text):
    return any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in text)


def check(pdf):
    subprocess.run(["qpdf", "--check", pdf], check=True, capture_output=True)
    report = json.loads(pdf.with_suffix(".json").read_text("utf-8"))
    stored, shown = stored_images(pdf.with_suffix(".html")), shown_images(pdf)
    if len(shown) != len(report["study"]["images"]) or shown != stored:
        return f"{len(shown)} images, not the {len(stored)} of the report"
    text = text_of(pdf, report["notice"])
    for sentence in report["sentences"]:
        # Poppler gives such text in the order in which it is seen.
        if not runs_to_the_left(sentence["text"]) and squeeze(sentence["text"]) not in text:
            return f"this sentence is not in it: {sentence['text'][:200]!r}"
    return None


def main():
    pdfs = sorted(pathlib.Path(sys.argv[1]).glob("*.pdf"))
    faults = [(pdf.name, fault) for pdf in pdfs if (fault := check(pdf))]
    for name, fault in faults:
        print(f"{name}: {fault}", file=sys.stderr)
    print(f"PDF: {len(pdfs) - len(faults)} of {len(pdfs)} samples are right")
    return 1 if faults or not pdfs else 0


if __name__ == "__main__":
    sys.exit(main())
