"""What both peers share: the tokens they read, how a time is taken, how figures are printed."""
import json
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence

ORDINARY_TOKENS = 151643  # Qwen2's vocabulary: ids from here on are special tokens


def random_text_tokens(count: int) -> list[int]:
    return random.Random(0).choices(range(ORDINARY_TOKENS), k=count)


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def medians_after_warm_up(measure: Callable[[], Sequence[float]], runs: int) -> list[float]:
    """Calls measure once unrecorded, then `runs` times; the median of each figure that it returns."""
    measure()
    return [statistics.median(column) for column in zip(*(measure() for _ in range(runs)))]


def peak_memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB


def print_figures(figures: dict[str, object], as_json: bool) -> None:
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}")
