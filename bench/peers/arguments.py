"""The command line that both peers share."""
import argparse
from pathlib import Path


def peer_parser(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--config", type=Path, required=True,
                        help="folder with Qwen2-VL's config.json and tokenizer files; needs no weights")
    parser.add_argument("--threads", type=positive, required=True)
    parser.add_argument("--image-side", type=image_side, default=448, help="pixels, a multiple of 28")
    parser.add_argument("--prefill", type=positive, default=512, help="text tokens")
    parser.add_argument("--decode", type=positive, default=64, help="tokens, one by one after the prefill")
    parser.add_argument("--runs", type=positive, default=3, help="recorded runs, after one for warming up")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return value


def image_side(text: str) -> int:
    """Sides that no program resizes: Qwen2-VL merges 2x2 patches of 14 pixels into one token."""
    value = positive(text)
    if value % 28:
        raise argparse.ArgumentTypeError(f"{text} is not a multiple of 28")
    return value
