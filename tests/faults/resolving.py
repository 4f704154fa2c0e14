"""A command of the project with a name server of the test's own: `python -m tests.faults.resolving NAMES COMMAND ...`.

NAMES is JSON: name -> a list of answers, each a list of addresses. Each question takes the next answer; the last one
stays. All other names are asked of the system. It stands behind the net guard, where the system's resolver stands.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from scrapy.utils.reactor import install_reactor
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from zope.interface import implementer

from crawler.settings import TWISTED_REACTOR


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """It is over at once."""


@implementer(IHostnameResolver)
class Names:
    """Answers from a table, in turn."""

    def __init__(self, answers: dict[str, list[list[str]]], inner: Any) -> None:
        self._answers = answers
        self._inner = inner

    def resolveHostName(
        self, resolutionReceiver: Any, hostName: str, portNumber: int = 0, *arguments: Any, **more: Any
    ) -> Any:
        """See twisted.internet.interfaces.IHostnameResolver."""
        answers = self._answers.get(hostName)
        if not answers:
            return self._inner.resolveHostName(resolutionReceiver, hostName, portNumber, *arguments, **more)
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        for address in addresses:
            resolutionReceiver.addressResolved(IPv4Address("TCP", address, portNumber))
        resolutionReceiver.resolutionComplete()
        return resolution


def main() -> None:
    """Put the table in place and go on with the command."""
    answers, command, *arguments = sys.argv[1:]
    install_reactor(TWISTED_REACTOR)
    reactor: Any
    from twisted.internet import reactor

    reactor.installNameResolver(Names(json.loads(answers), reactor.nameResolver))
    sys.argv = [command, *arguments]
    if command == "scheduler.py":
        import scheduler

        scheduler.main()
    else:
        from scrapy.cmdline import execute

        execute()


if __name__ == "__main__":
    main()
