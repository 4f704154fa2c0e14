"""Whom the crawler lets itself be sent to: addresses, names, schemes, ports and certificates, in one crawl of them all."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from crawler.urls import offer_key
from tests.crawl.conftest import Desk
from tests.faults.conftest import Run, Stage
from tests.faults.servers import Answer, FaultySite, article, rss

ALLOW = "127.0.0.1/32, 127.0.0.2/32"  # what is private, and may be crawled; 127.0.0.3 and all else may not
INSIDE = "127.0.0.3"
ODD = (
    "127.3", "127.0.3", "2130706435", "0x7f000003", "0x7f.3", "0177.0.0.3", "017700000003", "127.0.0.3.",
    "[::ffff:127.0.0.3]", "[::ffff:7f00:3]", "%31%32%37.0.0.3", "１２７.０.０.３", "127。0。0。3", "[::1]", "[64:ff9b::7f00:3]",
    "[2002:7f00:3::]", "0.0.0.0", "0",
)  # fmt: skip
ELSEWHERE = ("169.254.169.254", "10.0.0.1", "100.64.0.1", "224.0.0.1", "[fe80::1]")
SCHEMES = (
    "file://localhost/etc/hostname",
    "ftp://127.0.0.3/a",
    "data:text/html,a",
    "gopher://127.0.0.3/1",
    "javascript:alert(1)",
)


@dataclass
class Network:
    """The crawl that the tests of this module look at. `urls`: what was offered, by the name of its test."""

    stage: Stage
    run: Run
    inside: FaultySite  # on an address that must not be connected to
    other: FaultySite  # on one that may, and which no source calls its own
    sites: dict[str, FaultySite]
    urls: dict[str, str]
    outcomes: dict[str, str]

    def of(self, name: str) -> str:
        """The outcome of what was offered; addresses are known by their canonical form."""
        return self.outcomes[offer_key(self.urls[name])]

    def detail(self, name: str) -> str:
        """What the archive says of a page."""
        found = self.stage.rows("SELECT detail FROM pages WHERE url = ?", offer_key(self.urls[name]))
        return str(found[0]["detail"])


def redirect(target: str, status: int = 302) -> Answer:
    # http.server writes headers as Latin-1; servers send UTF-8
    return Answer(b"", status, {"Location": target.encode().decode("latin-1"), "Connection": "close"})


def closing(answer: Answer) -> Answer:
    """The same, after which the name has to be resolved again."""
    return Answer(answer.body, answer.status, {**answer.headers, "Connection": "close"})


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def certificates(folder: Path) -> dict[str, ssl.SSLContext]:
    """Contexts by what is wrong with them; the authority that is trusted is written into the folder."""
    authority, nobody, now = trustme.CA(), trustme.CA(), datetime.now(UTC)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    expired = {"not_before": now - timedelta(days=90), "not_after": now - timedelta(days=2)}
    return {
        "sound": server_context(authority.issue_cert("127.0.0.1")),
        "nobody": server_context(nobody.issue_cert("127.0.0.1")),
        "expired": server_context(authority.issue_cert("127.0.0.1", **expired)),
        "other host": server_context(authority.issue_cert("127.0.0.2")),
    }


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("network")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        stage = Stage(folder, stack)
        stage.settings["NET_ALLOW"] = ALLOW
        contexts = certificates(folder)
        patch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
        secret = Answer(article(1))
        inside = stage.site({"/feed.xml": rss()}, secret, slug="inside", host=INSIDE)
        other = stack.enter_context(FaultySite({}, secret, host="127.0.0.2"))
        sites: dict[str, FaultySite] = {}
        urls: dict[str, str] = {}

        # links of a feed
        hosts = {host: f"http://{host}:{inside.port}/a" for host in (INSIDE, *ODD)}
        hosts |= {host: f"http://{host}/a" for host in ELSEWHERE}
        offered = {f"link to {host}": url for host, url in hosts.items()}
        offered |= {f"link {scheme}": scheme for scheme in SCHEMES}
        offered["link with a user"] = f"http://editor:word@127.0.0.1:{inside.port}/a"
        offered["link to another port"] = f"http://127.0.0.1:{other.port}/a"
        # redirects of a page
        led = {f"redirect to {host}": url for host, url in hosts.items()}
        led |= {f"redirect to {scheme}": scheme for scheme in SCHEMES}
        led["redirect with a user"] = f"http://editor:word@127.0.0.1:{inside.port}/a"
        led["redirect offsite"] = f"{other.url}/a"
        led["redirect to a name offsite"] = "https://elsewhere.example/a"
        led["redirect to a name and port offsite"] = "http://elsewhere.example:8099/a"
        site = sites["links"] = stage.site(slug="links")
        for number, (name, target) in enumerate(led.items()):
            site.routes[f"/r{number}"] = redirect(target)
            offered[name] = f"{site.url}/r{number}"
        site.routes["/two"] = redirect("/hop")
        site.routes["/hop"] = redirect(f"{inside.url}/a")
        offered["second hop"] = f"{site.url}/two"
        more = '<item><title>E</title><enclosure url="file:///etc/hostname" type="audio/mpeg" length="1"/></item>'
        site.routes["/feed.xml"] = rss(*offered.values(), more=more)
        urls |= offered

        # listings and robots.txt that lead inside
        for name, target in {
            "inside": f"{inside.url}/feed.xml", "file": "file:///etc/hostname", "metadata": "http://169.254.169.254/latest",
        }.items():  # fmt: skip
            sites[f"feed to {name}"] = stage.site({"/feed.xml": redirect(target, 301)}, slug=f"feed-to-{name}")
        robots = sites["robots"] = stage.site(
            {"/robots.txt": redirect(f"{inside.url}/robots.txt")}, slug="robots-inside"
        )
        robots.routes["/feed.xml"] = rss(f"{robots.url}/a")
        index = f"<sitemapindex><sitemap><loc>{inside.url}/map.xml</loc></sitemap></sitemapindex>"
        maps = sites["maps"] = FaultySite({"/map.xml": Answer(index.encode(), headers={"Content-Type": "text/xml"})})
        stack.enter_context(maps)
        stage.write_source("maps", maps.source(feeds=(), more=f'[[sitemaps]]\nurl = "{maps.url}/map.xml"\n'))

        # names; all of them on one port, of the server that may be asked and of the one that may not
        public = sites["public"] = stack.enter_context(FaultySite(host="127.0.0.2"))
        sites["twin"] = stack.enter_context(FaultySite({}, secret, host=INSIDE, port=public.port))
        names: dict[str, list[list[str]]] = {
            "turn.example": [["127.0.0.2"], ["127.0.0.2"], [INSIDE]],
            "both.example": [[INSIDE, "127.0.0.2"]],
            "within.example": [[INSIDE]],
            "parts.example": [["127.0.0.2"]],
        }
        public.routes["/robots.txt"] = closing(Answer(b"", 404))
        for name in names:
            home = f"http://{name}:{public.port}"
            urls[name] = f"{home}/{name}"
            public.routes[f"/{name}.xml"] = closing(rss(urls[name]))
            public.routes[f"/{name}"] = Answer(article(len(urls)))
            toml = public.source(feeds=(f"/{name}.xml",)).replace(public.url, home)
            stage.write_source(name.partition(".")[0], toml)
        pager = '<ul><li><a href="/parts.example">1</a></li><li><a href="/parts.example/2">2</a></li></ul>'
        public.routes["/parts.example"] = Answer(article(5, body=pager))
        public.routes["/parts.example/2"] = redirect(f"{inside.url}/a")

        # certificates
        for name, context in contexts.items():
            secure = sites[name] = stage.site(slug=f"tls-{name.replace(' ', '-')}", tls=context)
            urls[f"page of {name}"] = f"{secure.url}/a"
            secure.routes |= {"/feed.xml": rss(f"{secure.url}/a"), "/a": Answer(article(len(urls)))}
            plain = sites[f"plain before {name}"] = stack.enter_context(FaultySite())
            urls[f"link to {name}"] = f"{secure.url}/b"
            secure.routes["/b"] = Answer(article(len(urls)))
            plain.routes["/feed.xml"] = rss(f"{secure.url}/b")
            own = f'domains = ["127.0.0.1:{secure.port}"]\n'
            stage.write_source(f"plain-{name.replace(' ', '-')}", own + plain.source())
        trusting = sites["trusting"] = stack.enter_context(FaultySite(tls=contexts["nobody"]))
        urls["opted out"] = f"{trusting.url}/a"
        trusting.routes |= {"/feed.xml": rss(f"{trusting.url}/a"), "/a": Answer(article(len(urls)))}
        stage.write_source("trusting", "verify_tls = false\n" + trusting.source())
        stage.write_source("file", 'name = "F"\nhome = "file:///etc/"\n[[feeds]]\nurl = "file:///etc/hostname"\n')

        run = stage.crawl(command=("-m", "tests.faults.resolving", json.dumps(names), "scheduler.py", "--once"))
        sources = [str(row["slug"]) for row in stage.rows("SELECT slug FROM sources")]
        outcomes = {url: outcome for slug in sources for url, outcome in stage.outcomes(slug).items()}
        yield Network(stage, run, inside, other, sites, urls, outcomes)
        stage.end()


def test_the_healthy_site_is_whole_and_the_failed_sources_are_told(network: Network) -> None:
    network.stage.check(network.run, 1)
    assert "file.toml" in network.run.output
    assert "file:///etc/" in network.run.output


def test_nothing_inside_was_ever_asked(network: Network) -> None:
    assert network.inside.paths() == []
    assert network.sites["twin"].paths() == []


def test_nothing_that_is_nobodys_was_asked(network: Network) -> None:
    assert network.other.paths() == []


BLOCKED = [
    *(f"{how} to {host}" for how in ("link", "redirect") for host in (INSIDE, *ODD, *ELSEWHERE)),
    *(f"{how} {scheme}" for how in ("link", "redirect to") for scheme in SCHEMES),
    "link with a user", "redirect with a user", "second hop", "turn.example",
]  # fmt: skip


@pytest.mark.parametrize("name", BLOCKED)
def test_what_leads_inside_is_blocked_and_said(network: Network, name: str) -> None:
    assert network.of(name) == "blocked_network"
    assert network.detail(name)


@pytest.mark.parametrize(
    "name",
    ["link to another port", "redirect offsite", "redirect to a name offsite", "redirect to a name and port offsite"],
)
def test_what_leads_to_others_is_offsite(network: Network, name: str) -> None:
    assert network.of(name) == "offsite"


@pytest.mark.parametrize(
    ("slug", "says"),
    [
        ("inside", "not a public address"),
        ("feed-to-inside", INSIDE),
        ("feed-to-file", "no usable URL"),
        ("feed-to-metadata", "169.254.169.254"),
        ("robots-inside", "not a public address"),
        ("within", f"resolves to {INSIDE}"),
        ("tls-nobody", "cannot be trusted"),
        ("tls-expired", "cannot be trusted"),
        ("tls-other-host", "that of another host"),
    ],
)
def test_a_listing_that_is_out_of_reach_says_why(network: Network, slug: str, says: str) -> None:
    (feed,) = network.stage.rows(
        "SELECT f.status, f.detail FROM feeds f JOIN sources s ON s.id = f.source_id WHERE s.slug = ?", slug
    )
    assert feed["status"] == "failing"
    assert says in str(feed["detail"])


def test_a_sitemap_of_an_index_is_not_looked_for_inside(network: Network) -> None:
    children = network.stage.rows("SELECT status FROM feeds WHERE parent_id NOT NULL")
    assert {child["status"] for child in children} <= {"failing"}
    assert network.inside.paths() == []


def test_a_name_that_turns_inside_is_not_followed(network: Network) -> None:
    assert f"resolves to {INSIDE}" in network.detail("turn.example")


def test_of_several_addresses_the_public_one_is_asked(network: Network) -> None:
    assert network.of("both.example") == "stored"


def test_a_further_page_inside_is_missing(network: Network) -> None:
    assert network.of("parts.example") == "stored"
    assert f"page 2 is missing: {network.inside.url}/a: {INSIDE} is not a public address" in network.detail(
        "parts.example"
    )


def test_a_sound_certificate_is_taken(network: Network) -> None:
    assert network.of("page of sound") == network.of("link to sound") == "stored"


@pytest.mark.parametrize("name", ["nobody", "expired", "other host"])
def test_a_bad_certificate_ends_the_handshake(network: Network, name: str) -> None:
    assert network.sites[name].paths() == []
    assert network.of(f"link to {name}").startswith("pending: unreachable: ")
    assert "certificate of 127.0.0.1" in network.of(f"link to {name}")


def test_a_source_that_opted_out_is_crawled_and_named(network: Network) -> None:
    assert network.of("opted out") == "stored"
    assert "certificates are not verified (verify_tls = false) for: trusting" in network.run.output
    assert network.stage.rows("SELECT slug FROM sources WHERE NOT verify_tls") == [{"slug": "trusting"}]
    plan = network.stage.crawl("--plan", command=("scheduler.py",)).output
    assert [" trusting " in line for line in plan.splitlines() if line.endswith("TLS not verified")] == [True]
    assert "(verify_tls = false): trusting" in network.stage.run("-m", "archive", "stats").stdout


def test_by_hand_names_are_checked_as_well(network: Network) -> None:
    """`scrapy crawl` installs the resolver by another way than the scheduler."""
    port = network.sites["public"].port
    names = {"turn.example": [["127.0.0.2"], [INSIDE]]}  # for the feed, and for the page; robots.txt is known
    network.sites["public"].routes["/turn.example.xml"] = closing(rss(f"http://turn.example:{port}/new"))
    run = network.stage.crawl(command=("-m", "tests.faults.resolving", json.dumps(names), "scrapy", "crawl", "turn"))
    assert network.stage.outcomes("turn")[f"http://turn.example:{port}/new"] == "blocked_network"
    assert run.status == 0
    assert network.sites["twin"].paths() == []


def test_a_proxy_is_trusted_and_nothing_else(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy resolves names; what it is not to be asked for is refused all the same."""
    with FaultySite({}, Answer(article(1)), host=INSIDE) as proxy, FaultySite(host="127.0.0.4") as inside:
        stage.settings["NET_ALLOW"] = "127.0.0.1/32"
        home = "http://news.example"
        links = [f"{home}/a", f"{home}/turn", f"{inside.url}/a", "http://169.254.169.254/latest"]
        proxy.routes |= {
            f"{home}/robots.txt": Answer(b"", 404),
            f"{home}/feed.xml": rss(*links),
            f"{home}/turn": redirect(f"{inside.url}/a"),
        }
        stage.write_source("proxied", proxy.source().replace(proxy.url, home))
        monkeypatch.setattr(
            type(stage), "environment",
            property(lambda self: Desk.environment.fget(self) | {"http_proxy": proxy.url, "no_proxy": "127.0.0.1"}),
        )  # fmt: skip
        stage.check(stage.crawl())
        assert list(stage.outcomes("proxied").values()) == ["stored", *["blocked_network"] * 3]
        assert inside.paths() == []
        assert set(proxy.paths()) == {f"{home}/{path}" for path in ("robots.txt", "feed.xml", "a", "turn")}
