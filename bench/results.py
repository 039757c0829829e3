"""The figures of one run, and the ratios between them: the only thing that a run says.

Seconds and bytes are kept because ratios are made of them; they belong to the machine and the minute.
"""

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

#: work, then contender, then one figure a round
Samples = dict[str, dict[str, list[float]]]


@dataclass
class Results:
    """All that a run measured.

    Attributes:
        when: the time of the run, ISO 8601 UTC.
        machine: processor, cores and system, to tell runs apart.
        rounds: how often everything was measured.
        loads: processes that wanted to run at the start and after each part (the system's one-minute average).
        versions: of every contender's distributions.
        cpu: CPU seconds of reads and writes against the canned server.
        memory: bytes at the peak above what the process held before, with the whole result in hand.
        cold: CPU seconds of a fresh process until it has read once.
        engine: what the writes below were sent to, None where there was none.
        engine_wall: wall seconds of writes on that engine.
        engine_cpu: CPU seconds of the client for the same.
        requests: of one piece of work against the canned server.
    """

    when: str
    machine: dict[str, Any]
    rounds: int
    loads: list[float] = field(default_factory=list)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    cpu: Samples = field(default_factory=dict)
    memory: Samples = field(default_factory=dict)
    cold: Samples = field(default_factory=dict)
    engine: str | None = None
    engine_wall: Samples = field(default_factory=dict)
    engine_cpu: Samples = field(default_factory=dict)
    requests: dict[str, dict[str, int]] = field(default_factory=dict)

    def write(self, path: Path, **more: Any) -> None:
        """Write everything as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self) | more, indent=1, ensure_ascii=False) + "\n")


@dataclass(frozen=True)
class Ratio:
    """How many times as much one contender needed as another.

    Attributes:
        median: over the rounds.
        lowest: of any round.
        highest: of any round.
        best: of the best figures of both, which a busy machine disturbs least.
    """

    median: float
    lowest: float
    highest: float
    best: float


def add(samples: Samples, work: str, contender: str, figure: float) -> None:
    """Keep one figure."""
    samples.setdefault(work, {}).setdefault(contender, []).append(figure)


def ratio(samples: Samples, work: str, contender: str, base: str) -> Ratio | None:
    """Compare two contenders round by round, so that what slowed a round down slowed both.

    Returns:
        None where one of them was not measured.
    """
    figures = samples.get(work, {})
    if contender not in figures or base not in figures:
        return None
    # A round that was interrupted has figures of some only.
    ratios = [one / other for one, other in zip(figures[contender], figures[base], strict=False)]
    best = min(figures[contender]) / min(figures[base])
    return Ratio(statistics.median(ratios), min(ratios), max(ratios), best)
