"""The tables of a run. They show ratios: seconds belong to the machine."""

from rich.console import Console
from rich.table import Table

from bench.contenders import CONTENDERS
from bench.goals import Goal
from bench.measuring import COLD
from bench.results import Results, Samples, ratio
from bench.works import WORKS

#: The run itself makes a load of one to two on any machine: a client and a server.
_BUSY = 1.5


def print_report(results: Results, goals: list[Goal], console: Console) -> None:
    """Print every table of a run."""
    names = {name: entry.label for name, entry in CONTENDERS.items()}
    programs = {name: cold.label for name, cold in COLD.items()}
    console.print(
        f"\nRatios to the contender that shows 1: medians of {results.rounds} rounds, each with its own base.\n"
    )
    console.print(_versions(results))
    for title, samples, labels in (
        ("CPU against the canned server", results.cpu, names),
        ("Peak memory", results.memory, names),
        ("CPU of a fresh process to its first result", results.cold, programs),
        (f"Time on {results.engine}", results.engine_wall, names),
        (f"CPU on {results.engine}", results.engine_cpu, names),
    ):
        if samples:
            console.print(_ratios(title, samples, labels))
    if results.requests:
        console.print(_requests(results))
    console.print(_goals(goals))
    console.print("rounds: lowest and highest ratio of a round; best: ratio of the best figures of any round")
    console.print(f"{results.machine['cores']} cores, load {', '.join(f'{load:.1f}' for load in results.loads)}")
    if any(load > _BUSY * results.machine["cores"] for load in results.loads):
        console.print("[yellow]The machine had other work: repeat the run when it is idle.[/yellow]")


def base_of(samples: Samples, work: str) -> str:
    """Return whom everything is compared with: this layer, or else the first contender that was measured."""
    figures = samples[work]
    return next(name for name in ("ours", "ours_tree", *CONTENDERS, "botocore_query", *COLD) if name in figures)


def label_of(work: str) -> str:
    """Return what the tables call a piece of work."""
    return WORKS[work].label if work in WORKS else work


def _ratios(title: str, samples: Samples, labels: dict[str, str]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("contender")
    for work in samples:
        table.add_column(label_of(work), justify="right")
    for name, label in labels.items():
        if any(name in figures for figures in samples.values()):
            table.add_row(label, *(_cell(samples, work, name) for work in samples))
    return table


def _cell(samples: Samples, work: str, name: str) -> str:
    base = base_of(samples, work)
    found = ratio(samples, work, name, base)
    if found is None:
        return "-"
    return "1" if name == base else f"{found.median:.2f}"


def _versions(results: Results) -> Table:
    table = Table(title="Versions", title_justify="left")
    table.add_column("contender")
    table.add_column("versions")
    for name, versions in results.versions.items():
        table.add_row(CONTENDERS[name].label, ", ".join(f"{key} {value}" for key, value in versions.items()))
    return table


def _requests(results: Results) -> Table:
    table = Table(title="Requests", title_justify="left")
    table.add_column("contender")
    for work in results.requests:
        table.add_column(label_of(work), justify="right")
    for name in results.versions:
        table.add_row(CONTENDERS[name].label, *(str(figures.get(name, "-")) for figures in results.requests.values()))
    return table


def _goals(goals: list[Goal]) -> Table:
    table = Table(title="Goals", title_justify="left")
    for column in ("work", "compared", "goal", "measured", "rounds", "best", ""):
        table.add_column(column)
    for goal in goals:
        wanted = goal.relation if goal.relation == "told" else f"{goal.relation} {goal.limit:.4g}"
        spread = f"{goal.rounds.lowest:.2f}…{goal.rounds.highest:.2f}" if goal.rounds else ""
        best = f"{goal.rounds.best:.2f}" if goal.rounds else ""
        measured = "-" if goal.measured is None else f"{goal.measured:.4g}"
        table.add_row(goal.work, goal.text, wanted, measured, spread, best, _verdict(goal))
    return table


def _verdict(goal: Goal) -> str:
    if goal.reached is None:
        return "[yellow]not measured[/yellow]"
    if goal.relation == "told":
        return ""
    return "[green]reached[/green]" if goal.reached else "[red]not reached[/red]"
