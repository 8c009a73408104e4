"""Measures regtool beside its peers and prints the tables; a run of all jobs also writes `docs/performance.md`.

python -m benchmarks [--jobs create-2 start-up …] [--rtt 0 20 50 100] [--runs N]
"""

import argparse
import compileall
import sys
from pathlib import Path

from benchmarks.chart import chart
from benchmarks.jobs import JOBS
from benchmarks.measure import Result, measure
from benchmarks.page import circumstances, table, write_page

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "performance.md"
ROUND_TRIPS = (0, 20, 50, 100)


def main() -> int:
    """Reads the words, measures, and leaves with 1 if a tool did not do a job."""
    words = _parser().parse_args()
    jobs = [job for job in JOBS.values() if any(f"{job.name}-".startswith(f"{wanted}-") for wanted in words.jobs)]
    unknown = [wanted for wanted in words.jobs if not any(job.name.startswith(wanted) for job in jobs)]
    if unknown:
        sys.exit(f"there is no job {', '.join(unknown)}; the jobs are {', '.join(JOBS)}")
    compileall.compile_dir(ROOT / "regtool", quiet=2)  # as pip does it with what it installs
    print(circumstances(), flush=True)
    results: list[Result] = []
    for job in jobs:
        results.append(measure(job, words.rtt, words.runs))
        print(f"\n{table(results[-1])}", flush=True)
    if len(jobs) == len(JOBS):
        write_page(PAGE, results)
        pictured = [result for result in results if result.job.name in ("create-2", "create-8")]
        PAGE.with_suffix(".svg").write_text(chart(pictured))
    return any(result.failed for result in results)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--jobs", nargs="*", default=list(JOBS), help=f"which of {', '.join(JOBS)}, or their beginning")
    parser.add_argument("--rtt", nargs="*", type=int, default=ROUND_TRIPS, metavar="MS", help="at which round trips")
    parser.add_argument("--runs", type=int, metavar="N", help="at most so often, where a job says more")
    return parser


if __name__ == "__main__":
    sys.exit(main())
