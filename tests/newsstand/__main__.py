"""`python -m tests.newsstand`: open the newsroom, print its base URLs as one JSON line, stop on SIGTERM or SIGINT.

SIGUSR1 brings the second day, and once more a third.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from tests.newsstand.newsroom import Newsstand


def main() -> int:
    """Run until a signal says stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.newsstand", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the first site; the others follow (0: any)")
    parser.add_argument("--bulk", type=int, default=0, metavar="N", help="one more site with N articles")
    parser.add_argument("--catalog", type=Path, metavar="DIR", help="write the source files of the sites there")
    parser.add_argument("--log", type=Path, metavar="FILE", help="append every request as a JSON line")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="wait before each answer")
    options = parser.parse_args()
    stops = {signal.SIGTERM, signal.SIGINT}
    # blocked before the threads start, so that only sigwait below sees them
    signal.pthread_sigmask(signal.SIG_BLOCK, stops | {signal.SIGUSR1})
    with Newsstand(bulk=options.bulk, log=options.log, port=options.port) as stand:
        stand.latency = options.latency
        if options.catalog:
            stand.write_catalog(options.catalog)
        print(json.dumps({slug: site.base_url for slug, site in stand.sites.items()}), flush=True)
        while signal.sigwait(stops | {signal.SIGUSR1}) not in stops:
            try:
                stand.second_day()
            except LookupError as error:
                print(f"no further day: {error}", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
