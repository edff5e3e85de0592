"""The commands of `kpss`. Heavy modules are imported when a command runs, so that the help comes at once."""

from typing import Annotated

import typer

from kpsslib.cli.words import Command, Group, here, needed, no_more_than_register, whole

EXAMPLE_RUN = "parameters/runs/example.yaml"
EXAMPLE = "data/example"
METHODOLOGY = "parameters/methodology"

kpss = typer.Typer(
    cls=Group,
    add_completion=False,
    rich_markup_mode=None,
    epilog="With any command: --lang cs or --lang en, the language of messages and reports.",
)


def _option(metavar: str, words: str, *names: str) -> typer.models.OptionInfo:
    return typer.Option(*names, metavar=metavar, help=words, show_default=False)


Workers = Annotated[str, _option("N", "how many pages run side by side (2)")]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN_FILE", help="the run file, such as parameters/runs/example.yaml")
]
RunFile = Annotated[str, _option("RUN_FILE", "the run (parameters/runs/example.yaml)")]


@kpss.callback()
def _benchmark() -> None:
    """Benchmarking of social services: from the providers' returns to reports."""


@kpss.command("batch", cls=Command)
def _batch(  # noqa: PLR0913 - every option of the command
    context: typer.Context,
    *,
    run_file: RunArgument,
    group: Annotated[list[str], _option("CODE", "only this group (may be given more than once)")] = (),
    workers: Workers = "2",
    resume: Annotated[bool, typer.Option("--resume", help="go on with the last batch, which was interrupted")] = False,
    dask: Annotated[str, _option("ADDRESS", "a cluster's scheduler, such as tcp://10.0.0.5:8786, runs the pages")] = "",
    store: Annotated[str, _option("URL", "the cluster's store of files, which all its computers reach")] = "",
) -> int:
    """Make the pages of a run that have to be made, and publish the reports."""
    from rich.console import Console

    from kpsslib.batch.reaching import Place
    from kpsslib.batch.runner import run_batch
    from kpsslib.cli.telling import tell_result

    needed({"--dask": dask or not store})
    console, n_workers = Console(), whole("--workers", workers)
    result = run_batch(run_file, console, language=context.obj, groups=group, resume=resume,
                       workers=Place(dask, store) if dask else n_workers)
    tell_result(result, console)
    return result.exit_code


@kpss.command("why", cls=Command)
def _why(
    context: typer.Context,
    page: Annotated[str, typer.Argument(metavar="PAGE", help="the page, such as 03_comparison")],
    run_file: RunFile = EXAMPLE_RUN,
) -> None:
    """Say why the next batch would make a page again, or would not."""
    from rich.console import Console

    from kpsslib.batch.why import why
    from kpsslib.cli.telling_why import tell_why

    tell_why(page, why(run_file, page, context.obj), Console())


@kpss.command("demo", cls=Command)
def _demo(context: typer.Context, workers: Workers = "2") -> int:
    """Make the model region, run its batch and show what came out."""
    from rich.console import Console

    from kpsslib.batch.runner import run_batch
    from kpsslib.cli.telling import tell_demo

    n_workers = whole("--workers", workers)
    _write_example(EXAMPLE, 1)
    console = Console()
    result = run_batch(EXAMPLE_RUN, console, language=context.obj, workers=n_workers)
    tell_demo(result, console)
    return 1 if result.failed else 0


@kpss.command("example", cls=Command)
def _example(
    scale: Annotated[str, _option("N", "how many times bigger than one region (1)")] = "1",
    folder: Annotated[str, _option("FOLDER", "where to write (data/example)")] = EXAMPLE,
) -> None:
    """Write the returns of the model region."""
    _write_example(folder, whole("--scale", scale))


@kpss.command("methodology", cls=Command)
def _methodology(
    folder: Annotated[str, _option("FOLDER", "where to write (outputs/methodology)")] = "outputs/methodology",
    source: Annotated[
        str, _option("FOLDER", "the methodology to read (parameters/methodology)", "--from")
    ] = METHODOLOGY,
) -> None:
    """Write the methodology book (HTML) and its workbook (XLSX)."""
    from kpsslib.batch.books import write_books
    from kpsslib.cli.telling import tell_books
    from kpsslib.methodology import load
    from kpsslib.workspace import project_root

    tell_books(*write_books(load(project_root() / source), project_root() / folder))


@kpss.command("import", cls=Command)
def _import(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="the files to read")] = (),
    mapping: Annotated[str, _option("FILE", "the mapping that says which column is which item")] = "",
    run: Annotated[str, _option("NAME", "the run that the tables or the register belong to")] = "",
    register: Annotated[str, _option("FILE", "the state's open register of providers (rpss.json)")] = "",
    region: Annotated[str, _option("CODE", "only this region of the register, such as CZ051 (that of the run)")] = "",
) -> None:
    """Read tables designed by others, by a mapping; or the state's register of providers."""
    from rich.console import Console

    if register:
        from kpsslib.cli.telling_register import read_and_tell

        no_more_than_register(sources, mapping)
        read_and_tell(register, run, region, context.obj, Console())
        return
    from kpsslib.batch.importing import import_tables
    from kpsslib.cli.telling import tell_import

    needed({"SOURCE...": sources, "--mapping": mapping, "--run": run})
    tell_import(import_tables(mapping, sources, run, context.obj), Console())


@kpss.command("check", cls=Command)
def _check(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE_OR_FOLDER...", help="the returns to check, or folders of them")
    ],
    run: Annotated[str, _option("RUN_FILE", "a run whose last year and peers to judge beside")] = "",
    out: Annotated[
        str, _option("FOLDER", "where to write, from where you are (outputs/<run>/check or outputs/check)")
    ] = "",
) -> int:
    """Check returns and write back to their providers: marked workbooks and notes."""
    from rich.console import Console

    from kpsslib.cli.checking import check_and_tell

    return check_and_tell(files, run, here(out), context.obj, Console())


@kpss.command("diff", cls=Command)
def _diff(
    context: typer.Context,
    before: Annotated[
        str, typer.Argument(metavar="RUN_A", help="the earlier run: a run file, a run's name or a folder of outputs")
    ],
    after: Annotated[str, typer.Argument(metavar="RUN_B", help="the later run, named in the same way")],
) -> None:
    """Say what changed between two runs: values, places, flags and texts, the biggest first."""
    from rich.console import Console

    from kpsslib.cli.differing import compare_and_tell

    compare_and_tell(before, after, context.obj, Console())


@kpss.command("archive", cls=Command)
def _archive(
    context: typer.Context,
    run_file: RunArgument,
    folder: Annotated[str, _option("FOLDER", "where to write, from where you are (the run's archive)")] = "",
) -> None:
    """Write the newest figures of a finished run as next year's archive."""
    from kpsslib.cleaning import write_archive
    from kpsslib.cli.telling import tell_archive
    from kpsslib.workspace import open_run

    run = open_run(run_file, **({"language": context.obj} if context.obj else {}))
    tell_archive(write_archive(run, here(folder) or None))


@kpss.command("template", cls=Command)
def _template(  # noqa: PLR0913 - every option of the command
    context: typer.Context,
    *,
    year: Annotated[str, _option("YEAR", "the year to be reported")],
    group: Annotated[str, _option("CODE", "the working group, such as PS3")],
    service: Annotated[str, _option("SERVICE", "one service of the group: its identity is filled in")] = "",
    prefill: Annotated[str, _option("last-year", "last year's figures beside the inputs (with --service)")] = "",
    run: RunFile = EXAMPLE_RUN,
    out: Annotated[str, _option("FOLDER", "where to write, from where you are (outputs/templates)")] = "",
) -> None:
    """Write the workbook that providers fill in: for a group, or for one service."""
    from rich.console import Console

    from kpsslib.cleaning.blank_returns import write_blank
    from kpsslib.cli.templates import tell_template
    from kpsslib.workspace import open_run

    n_year = whole("--year", year)
    opened = open_run(run, **({"language": context.obj} if context.obj else {}))
    tell_template(write_blank(opened, group, n_year, service, prefill=prefill, folder=here(out)), n_year, Console())


@kpss.command("trace", cls=Command)
def _trace(
    context: typer.Context,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="the service's identifier, as text")],
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="the indicator's code")],
    year: Annotated[str, typer.Argument(metavar="YEAR", help="the year")],
    run_file: RunFile = EXAMPLE_RUN,
) -> None:
    """Show a value's whole way back to its cells."""
    from rich.console import Console

    from kpsslib.batch.tracing import way_back
    from kpsslib.cli.tracing import tell_way
    from kpsslib.workspace import open_run

    n_year = whole("YEAR", year)
    run = open_run(run_file, **({"language": context.obj} if context.obj else {}))
    tell_way(way_back(run, service, indicator, n_year), run, n_year, Console())


def _write_example(folder: str, scale: int) -> None:
    from rich.console import Console

    from kpsslib.cli.telling import tell_example

    tell_example(folder, scale, Console())
