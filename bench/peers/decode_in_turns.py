#!/usr/bin/env python3
"""Decoding beside llama.cpp, a few tokens each in turn, hundreds of times, so that both meet the same machine.

Decoding is bound by the memory, and on a virtual machine others may take half of its bandwidth from one second to
the next. Rounds are therefore sorted by the bandwidth measured in them, and the ratio is given for each third."""
import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import llama_cpp

from arguments import positive
from llamacpp_speed import TextModel, cached_gguf, print_error
from measurement import random_text_tokens, seconds


TEAM_COMES_TO_REST = 0.05  # seconds; idle threads first wait actively, which would take a core from the other team


class Round(NamedTuple):
    bandwidth: float  # bytes per second
    ours: float  # seconds of one token
    peer: float


class Roentgen:
    def __init__(self, program: str, config: Path, threads: int, prompt: int) -> None:
        self.process = subprocess.Popen([program, f"procedural:{config}", str(threads), str(prompt)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"decode_in_turns.py: {program} did not start")

    def decode(self, tokens: int) -> tuple[float, float]:
        """Seconds of one token, and the bandwidth just before."""
        print(tokens, file=self.process.stdin, flush=True)
        total, bandwidth = map(float, self.process.stdout.readline().split())
        return total / tokens, bandwidth


class LlamaCpp:
    def __init__(self, arguments: argparse.Namespace) -> None:
        gguf = cached_gguf("text", arguments.type, arguments.config, arguments.work)
        self.text = TextModel(gguf, arguments.threads, arguments.prompt, arguments.tokens)
        self.prompt_tokens = arguments.prompt
        ids = random_text_tokens(arguments.prompt + arguments.tokens)
        self.answer = ids[arguments.prompt:]
        self.text.step(ids[:arguments.prompt])

    def decode(self) -> float:
        memory = llama_cpp.llama_get_memory(self.text.context)
        llama_cpp.llama_memory_seq_rm(memory, 0, self.prompt_tokens, -1)
        return seconds(lambda: [self.text.step([token]) for token in self.answer]) / len(self.answer)


def table(rounds: list[Round]) -> str:
    rounds = sorted(rounds)
    third = len(rounds) // 3
    groups = {"slowest third": rounds[:third], "middle third": rounds[third:-third],
              "fastest third": rounds[-third:], "all": rounds}
    lines = ["| memory | GB/s | Roentgen, tokens/s | llama.cpp, tokens/s | ratio |", "|---|---:|---:|---:|---:|"]
    for title, group in groups.items():
        bandwidth, ours, peer = (statistics.median(column) for column in zip(*group))
        ratio = statistics.median(each.peer / each.ours for each in group)
        lines.append(f"| {title} | {bandwidth / 1e9:.1f} | {1 / ours:.2f} | {1 / peer:.2f} | {ratio:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roentgen", help="path of roentgen_decode_in_turns")
    parser.add_argument("--config", type=Path, required=True, help="folder with config.json and tokenizer files")
    parser.add_argument("--threads", type=positive, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps llama.cpp's GGUF files")
    parser.add_argument("--type", default="bf16", help="of llama.cpp's text model; see llamacpp_speed.py --help")
    parser.add_argument("--prompt", type=positive, default=512, help="tokens before those decoded")
    parser.add_argument("--tokens", type=positive, default=4, help="tokens of one turn")
    parser.add_argument("--rounds", type=positive, default=150)
    arguments = parser.parse_args()
    if arguments.rounds < 3:
        parser.error("--rounds: at least 3")

    llama_cpp.llama_log_set(print_error, None)
    peer = LlamaCpp(arguments)
    ours = Roentgen(arguments.roentgen, arguments.config, arguments.threads, arguments.prompt)
    rounds = []
    for number in range(arguments.rounds):
        print(f"\rround {number + 1} of {arguments.rounds}", end="", file=sys.stderr, flush=True)
        time.sleep(TEAM_COMES_TO_REST)
        our_seconds, bandwidth = ours.decode(arguments.tokens)
        time.sleep(TEAM_COMES_TO_REST)
        rounds.append(Round(bandwidth, our_seconds, peer.decode()))
    print(file=sys.stderr)
    print(table(rounds))


if __name__ == "__main__":
    main()
