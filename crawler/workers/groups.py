"""Which sources are one job: those that are on the same hosts, directly or by way of others, since these never run at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.service import hosts_of
from crawler.source import Source


@dataclass(frozen=True, slots=True)
class Group:
    """Sources that share hosts. `name` is the first of their slugs."""

    slugs: tuple[str, ...]
    hosts: frozenset[str]

    @property
    def name(self) -> str:
        """What it is called in logs and jobs."""
        return self.slugs[0]


def groups_of(sources: Iterable[Source]) -> list[Group]:
    """The connected components of sources and hosts, in the order of their names."""
    groups: list[Group] = []
    for source in sorted(sources, key=lambda source: source.slug):
        slugs, hosts, apart = [source.slug], hosts_of(source), []
        for group in groups:
            if group.hosts & hosts:
                slugs, hosts = [*group.slugs, *slugs], hosts | group.hosts
            else:
                apart.append(group)
        groups = [*apart, Group(tuple(sorted(slugs)), hosts)]
    return sorted(groups, key=lambda group: group.name)


def queue_of(groups: Iterable[Group]) -> str:
    """The queue of workers that know the same sources on the same hosts: no worker takes a job that it cannot do."""
    known = json.dumps([[*group.slugs, "", *sorted(group.hosts)] for group in groups])
    return f"crawl-{hashlib.blake2b(known.encode(), digest_size=5).hexdigest()}"


def locks_of(group: Group) -> list[str]:
    """What a worker must hold to crawl a group. Sources too: with another catalogue they may be on other hosts."""
    return [*(f"source {slug}" for slug in group.slugs), *map(host_lock, sorted(group.hosts))]


def host_lock(host: str) -> str:
    """The name of the lock of a host."""
    return f"host {host}"
