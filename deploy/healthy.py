"""Does a server answer? `python deploy/healthy.py URL` ends with 0 if it does; one that asks for a password does."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

TIMEOUT_S = 8.0


def main(url: str) -> int:
    """Ask once, past any proxy; 1 for no answer, or for one that the server itself calls its fault."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=TIMEOUT_S):
            return 0
    except urllib.error.HTTPError as error:
        print(f"{url}: {error}", file=sys.stderr)
        return int(error.code >= 500)
    except (OSError, ValueError) as error:  # of what is no URL
        print(f"{url}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
