"""Where requests may go: URLs, addresses in every spelling, and what names resolve to at the moment of connecting."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from archive.rows import Outcome
from crawler.errors import ForbiddenAddress, ForbiddenPort
from crawler.fetch.netguard import REFUSALS_KEPT, NetGuard, literal_address, parse_networks
from tests import warm
from tests.unit.crawler.servers import ROOT, Answer, Server, crawl_environment, source_file

PRIVATE = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.0.0.1. 0 0.0.0.0
10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 0xa9fea9fe 2852039166 100.64.0.1 198.18.0.1 224.0.0.1 239.1.1.1
240.0.0.1 255.255.255.255 192.0.2.1 192.0.0.1 [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:169.254.169.254]
[::127.0.0.1] [fe80::1] [fe80::1%25eth0] [fec0::1] [fc00::1] [fd00:ec2::254] [ff02::1] [2002:7f00:1::] [2002:a9fe:a9fe::1]
[64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [2001:db8::1] [2001::1] [100::1] [4000::1]
%31%32%37.0.0.1 １２７.０.０.１ 127。0。0。1 ①②⑦.0.0.1 localhost LOCALHOST. www.localhost
""".split()
PUBLIC = """
93.184.216.34 8.8.8.8 1.1.1.1 [2606:2800:220:1:248:1893:25c8:1946] [2a00:1450:4001:800::200e] [2002:808:808::1]
[64:ff9b::808:808] [::ffff:8.8.8.8] 134744072 example.org www.xn--bcher-kva.example 127.0.0.1.example.org deadbeef.example
abc.de 7f000001.example fff
""".split()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_private_addresses_are_refused_in_every_spelling(scheme: str, host: str) -> None:
    with pytest.raises(ForbiddenAddress, match="NET_ALLOW"):
        NetGuard().check_url(f"{scheme}://{host}/")


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_and_names_pass(host: str) -> None:
    NetGuard().check_url(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/hostname", "ftp://example.org/", "data:text/html,x", "javascript:alert(1)", "gopher://example.org/",
        "//example.org/", "example.org", "", "http://", "http:///path", "http://[::1", "http://[zz]/", "ws://example.org/",
        "http://user@example.org/", "http://user:word@example.org/", "http://:word@example.org/", "http://@example.org/",
        "http://example.org:22/", "http://example.org:6379/", "http://example.org:0/", "http://example.org:99999/",
        "http://example.org:x/", "https://example.org:8080/",
    ],
)  # fmt: skip
def test_other_schemes_ports_and_users_are_refused(url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        NetGuard().check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org:80/", "http://example.org:443/", "HTTPS://EXAMPLE.ORG/", "http://example.org:8021/x",
        "http://news.example.org:8021/", "http://other.example:8022/", "https://elsewhere.example/",
        "http://8.8.8.8:8023/", "http://0x08080808:8023/", "http://[2a00:1450::1]:8024/",
    ],
)  # fmt: skip
def test_usual_ports_and_those_of_the_catalogue_pass(url: str) -> None:
    NetGuard(endpoints=ENDPOINTS).check_url(url)


ENDPOINTS = (
    "https://www.example.org:8021/feed", "other.example:8022", "http://8.8.8.8:8023/", "http://[2a00:1450::1]:8024/",
    "2a00:1450::2", "https://plain.example/",
)  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example:8021/", "http://example.org:8022/", "http://8.8.8.9:8023/", "http://8.8.8.8:8021/",
        "http://plain.example:8021/", "http://[::ffff:8.8.8.8]:8023/", "http://[2a00:1450::2]:8024/",
    ],
)  # fmt: skip
def test_a_port_of_one_site_is_not_open_on_another(url: str) -> None:
    with pytest.raises(ForbiddenPort):
        NetGuard(endpoints=ENDPOINTS).check_url(url)


@pytest.mark.parametrize(
    ("url", "owned", "outcome"),
    [
        ("http://example.org/a", True, None),
        ("http://example.org/a", False, Outcome.OFFSITE),
        ("http://example.org:8021/a", True, None),
        ("http://example.org:99/a", True, Outcome.BLOCKED_NETWORK),
        ("http://elsewhere.example:99/a", False, Outcome.OFFSITE),
        ("http://127.0.0.1/a", True, Outcome.BLOCKED_NETWORK),
        ("http://127.0.0.1:99/a", False, Outcome.BLOCKED_NETWORK),
        ("http://localhost:99/a", False, Outcome.BLOCKED_NETWORK),
        ("file:///etc/hostname", False, Outcome.BLOCKED_NETWORK),
        ("http://user@elsewhere.example/", False, Outcome.BLOCKED_NETWORK),
    ],
)
def test_danger_is_named_before_ownership_and_ownership_before_the_port(
    url: str, owned: bool, outcome: Outcome | None
) -> None:
    refusal = NetGuard(endpoints=ENDPOINTS).refusal(url, owned)
    assert (refusal and refusal[0]) == outcome


@pytest.mark.parametrize(("allow", "passes"), [("127.0.0.0/8", True), ("::1", True), ("127.0.0.2", False)])
def test_localhost_is_loopback_whatever_a_resolver_says(allow: str, passes: bool) -> None:
    assert (NetGuard(parse_networks(allow)).refusal("http://localhost/", owned=True) is None) is passes


@pytest.mark.parametrize(
    ("allow", "opened", "closed"),
    [
        ("127.0.0.0/8", ["127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1"], ["::1", "10.0.0.1", "169.254.169.254"]),
        ("127.0.0.1", ["127.0.0.1"], ["127.0.0.2", "::1"]),
        ("::1/128", ["::1"], ["127.0.0.1", "fe80::1"]),
        ("10.1.0.0/16, fd00::/8", ["10.1.2.3", "fd12::1"], ["10.2.0.1", "fc00::1", "127.0.0.1"]),
        ("10.1.2.3/16", ["10.1.9.9"], ["10.2.0.1"]),
        ("", [], ["127.0.0.1", "::1"]),
    ],
)
def test_net_allow_opens_exactly_its_networks(allow: str, opened: list[str], closed: list[str]) -> None:
    guard = NetGuard(parse_networks(allow))
    assert {host for host in [*opened, *closed] if guard.allows(ip_address(host))} == set(opened)
    assert guard.allows(ip_address("8.8.8.8"))


@pytest.mark.parametrize("text", ["localhost", "127.0.0.0/99", "1.2.3", "::/0/0"])
def test_a_wrong_net_allow_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_networks(text)


@pytest.mark.parametrize("host", ["example.org", "a.b", "fff", "0x", "", "...", "1.2.3.4.5", "f00.ba4"])
def test_names_are_no_addresses(host: str) -> None:
    assert literal_address(host) is None


@pytest.mark.parametrize("host", ["not an address", "", "300.1.1.1", "fe80::1%eth0", "127.0.0.1"])
def test_what_a_resolver_gives_must_be_a_public_address(host: str) -> None:
    assert not NetGuard().allows_host(host)


@pytest.mark.parametrize(
    ("proxy", "trusted"),
    [
        ("http://proxy.local:3128", {("proxy.local", 3128)}),
        ("http://user:word@127.0.0.1:8080/", {("127.0.0.1", 8080)}),
        ("proxy.local:3128", {("proxy.local", 3128)}),
        ("http://Proxy.Local", {("proxy.local", 80)}),
        ("http://proxy:nonsense", set()),
    ],
)
def test_proxies_are_trusted_by_exact_name_and_port(
    monkeypatch: pytest.MonkeyPatch, proxy: str, trusted: set[tuple[str, int]]
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", "http://elsewhere.local:1")
    assert NetGuard().trusted == trusted


def test_the_proxy_itself_is_no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:80")
    NetGuard().check_url("http://proxy.example:443/")
    with pytest.raises(ForbiddenAddress, match="proxy"):
        NetGuard().check_url("http://proxy.example/")


def test_refusals_are_remembered_within_a_bound_and_forgotten_when_a_name_turns_out_well() -> None:
    guard = NetGuard()
    guard.note("a.example", "10.0.0.1")
    assert guard.refused == {"a.example": "10.0.0.1"}
    guard.note("a.example", "")
    assert guard.refused == {}
    for number in range(REFUSALS_KEPT + 50):
        guard.note(f"{number}.example", "10.0.0.1")
    assert len(guard.refused) == REFUSALS_KEPT
    assert f"{REFUSALS_KEPT + 49}.example" in guard.refused
    assert "0.example" not in guard.refused


RESOLVE = """
import asyncio, json, sys
from twisted.internet import asyncioreactor
asyncioreactor.install()
from twisted.internet import reactor
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from crawler.fetch.netguard import GuardedResolver, NetGuard, parse_networks

port, results = int(sys.argv[1]), {}
GuardedResolver(reactor).install_on_reactor()
GuardedResolver(reactor).install_on_reactor()  # twice is no harm

async def attempt(label, host, guard):
    GuardedResolver.guard = guard
    try:
        protocol = await connectProtocol(HostnameEndpoint(reactor, host, port), Protocol())
        protocol.transport.loseConnection()
        results[label] = "connected"
    except Exception as error:
        results[label] = type(error).__name__

async def main():
    for host in sys.argv[2:]:
        await attempt(host, host, NetGuard())
    closed = NetGuard()
    await attempt("allowed", "localhost", NetGuard(parse_networks("127.0.0.0/8")))
    proxied = NetGuard()
    proxied.trusted = frozenset({("localhost", port)})
    await attempt("proxy", "localhost", proxied)
    proxied.trusted = frozenset({("localhost", port + 1), ("other", port)})
    await attempt("other port", "localhost", proxied)
    results["refused"] = dict(proxied.refused)
    print(json.dumps(results))
    reactor.stop()

from twisted.internet.defer import Deferred
reactor.callWhenRunning(lambda: Deferred.fromCoroutine(main()))
reactor.run()
"""


def test_names_and_odd_literals_are_refused_when_connecting(tmp_path: Path) -> None:
    hosts = ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", socket.gethostname()]
    with Server({}) as server:
        done = warm.run(
            [sys.executable, "-c", RESOLVE, str(server.port), *hosts], cwd=ROOT, env=crawl_environment(tmp_path),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout.splitlines()[-1])
    assert {host: results[host] for host in hosts} == dict.fromkeys(hosts, "DNSLookupError")
    assert results["allowed"] == results["proxy"] == "connected"
    assert results["other port"] == "DNSLookupError"
    assert "localhost" in results["refused"]


@pytest.mark.parametrize(
    "command", [["-m", "scrapy", "crawl", "probe"], ["scheduler.py", "--once"]], ids=["scrapy crawl", "scheduler"]
)
@pytest.mark.parametrize(("allow", "reached"), [("", False), ("127.0.0.0/8 ::1", True)])
def test_a_source_whose_name_resolves_to_loopback(
    tmp_path: Path, command: list[str], allow: str, reached: bool
) -> None:
    feed = b'<rss version="2.0"><channel><title>x</title></channel></rss>'
    with Server({"/feed": Answer(200, feed, {"Content-Type": "application/rss+xml"})}) as server:
        folder = tmp_path / "sources"
        folder.mkdir()
        (folder / "probe.toml").write_text(source_file(f"http://localhost:{server.port}/feed"))
        environment = crawl_environment(tmp_path) | {"KIOSQUE_NET_ALLOW": allow}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert server.asked == (["/robots.txt", "/feed"] if reached else []), done.stderr
    assert done.returncode == (0 if reached else 1), done.stdout + done.stderr
