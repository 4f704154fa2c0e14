"""The files of deploy/ name what there is: commands, options, settings, folders, users; and their two programs do what they say."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import scheduler
from archive import Archive
from archive.cli import cli
from archive.postgres.place import RAW
from crawler.service import STOP_GRACE
from crawler.settings import OPERATOR
from deploy.make_shards import last_months
from deploy.make_shards import main as make_shards
from tests.unit.archive.helpers import add_source, file, filing
from tests.unit.crawler.servers import Answer, Server

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {f"KIOSQUE_{name}" for name in OPERATOR} | {"KIOSQUE_WEB_PASSWORD", RAW}
OF_OTHERS = {"PGPASSWORD", "PGPASSFILE", "TMPDIR", "PYTHONDONTWRITEBYTECODE"}
PROGRAMS: dict[str, click.Command] = {"scheduler.py": scheduler.main, "deploy/make_shards.py": make_shards}
COMPOSE = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in sorted(DEPLOY.glob("compose*.yaml"))}
SERVICES = [(name, service) for name, file in COMPOSE.items() for service in file["services"]]
OURS = [(name, service) for name, service in SERVICES if service != "db"]
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")


def check_command(argv: list[str]) -> None:
    """Raise click's error for a command line that Kiosque does not take; `argv` follows the interpreter."""
    if argv[:2] == ["-m", "archive"]:
        with click.Context(cli) as context:
            command = cli.get_command(context, argv[2])
        assert command is not None, argv
        _parse(command, argv[3:])
    elif argv[0] == "deploy/healthy.py":
        assert len(argv) == 2 and argv[1].startswith("http://127.0.0.1:")
    else:
        _parse(PROGRAMS[argv[0]], argv[1:])


def _parse(command: click.Command, argv: list[str]) -> None:
    """Options and the number of arguments; whether a folder is there is another machine's affair."""
    context = click.Context(command)
    values, rest, _ = command.make_parser(context).parse_args(argv)
    assert rest == []
    for option in command.params:
        if isinstance(option, click.Option) and option.name in values:
            option.type_cast_value(context, values[option.name])


def service_of(name: str, service: str) -> dict[str, Any]:
    found: dict[str, Any] = COMPOSE[name]["services"][service]
    return found


def test_a_wrong_command_would_be_noticed() -> None:
    for wrong in (["scheduler.py", "--workers"], ["-m", "archive", "jobs", "--works"]):
        with pytest.raises(click.UsageError):
            check_command(wrong)


# -- containers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "service"), OURS)
def test_commands_of_services_are_taken(name: str, service: str) -> None:
    found = service_of(name, service)
    check_command(found["command"])
    health = found["healthcheck"]
    if not health.get("disable"):
        assert health["test"][:2] == ["CMD", "python"]
        check_command(health["test"][2:])


@pytest.mark.parametrize(("name", "service"), OURS)
def test_a_service_may_do_as_little_as_it_can(name: str, service: str) -> None:
    found = service_of(name, service)
    assert (found["read_only"], found["cap_drop"], found["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert "user" not in found and "privileged" not in found
    assert all(port.startswith("127.0.0.1:") for port in found.get("ports", []))
    assert found["mem_limit"] and found["stop_grace_period"]


@pytest.mark.parametrize(("name", "service"), SERVICES)
def test_what_a_service_names_is_there(name: str, service: str) -> None:
    found, whole = service_of(name, service), COMPOSE[name]
    assert set(found.get("depends_on", ())) <= set(whole["services"])
    assert set(found.get("networks", ())) <= set(whole.get("networks") or {})
    folders = re.search(r"install -d .*? (/.*)", CONTAINERFILE)
    assert folders is not None
    for volume in found.get("volumes", ()):
        source, target = re.fullmatch(r"(\$\{.+\}|[^:]+):([^:]+)(?::ro)?", volume).groups()  # type: ignore[union-attr]
        assert re.sub(r"\$\{\w+:-(\w+)\}", r"\1", source) in whole["volumes"]
        # a volume belongs to whom the folder of the image does
        assert service == "db" or volume.endswith(":ro") or target in folders[1].split()
    if service != "db":
        assert set(found["environment"]) <= SETTINGS | OF_OTHERS
        assert (DEPLOY / found["build"]["context"] / found["build"]["dockerfile"]).samefile(ROOT / "Containerfile")


@pytest.mark.parametrize("name", COMPOSE)
def test_secrets_are_given_from_outside_and_explained(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    explained = set(re.findall(r"^#?(KIOSQUE_\w+)=", (DEPLOY / "env.example").read_text("utf-8"), re.MULTILINE))
    assert asked <= explained
    for service in COMPOSE[name]["services"].values():
        for variable, value in service["environment"].items():
            if "PASSWORD" in variable:
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), variable


def test_the_image_has_what_runs_and_its_user_is_not_root() -> None:
    copied = {name for line in re.findall(r"^COPY (.+) \S+$", CONTAINERFILE, re.MULTILINE) for name in line.split()}
    for name in copied:
        assert (ROOT / name).exists(), name
    assert {"archive", "crawler", "scheduler.py", "scrapy.cfg", "requirements.txt"} <= copied
    programs = {part for name, service in OURS for part in _words(service_of(name, service)) if part.endswith(".py")}
    assert programs <= copied
    users = re.findall(r"^USER (.+)$", CONTAINERFILE, re.MULTILINE)
    assert users and users[-1] not in ("root", "0")
    assert not re.search(r"PASSWORD|CONTACT=", re.sub(r"^#.*$", "", CONTAINERFILE, flags=re.MULTILINE))
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*" and copied <= {line[1:] for line in ignored if line.startswith("!")}


def _words(service: dict[str, Any]) -> list[str]:
    return [*service["command"], *service["healthcheck"].get("test", [])]


# -- systemd -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_commands_and_settings_of_units_are_known(unit: Path) -> None:
    text = unit.read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=/srv/kiosque/\.venv/bin/python (.+)$", text, re.MULTILINE)
    check_command(shlex.split(command))
    assert set(re.findall(r"^Environment=(\w+)=", text, re.MULTILINE)) <= SETTINGS | OF_OTHERS
    assert set(re.findall(r"KIOSQUE_\w+", text)) <= SETTINGS
    for line in ("User=kiosque", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
        assert f"\n{line}\n" in text
    if (grace := re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)) is not None:
        assert int(grace[1]) > STOP_GRACE
    else:
        assert "\nType=oneshot\n" in text
    for other in re.findall(r"kiosque[\w-]*@?\.(?:service|timer)", text):
        assert (unit.parent / other).exists(), other


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text("utf-8").replace("/srv/kiosque/.venv/bin/python", sys.executable)
        (tmp_path / unit.name.replace("@.", "@1.")).write_text(text.replace("/usr/bin/systemctl", sys.executable))
    made = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *made], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "kiosque" in line]
    assert (done.returncode, said) == (0, [])


# -- the programs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "healthy"), [(200, 0), (401, 0), (404, 0), (500, 1), (503, 1)])
def test_a_server_that_answers_is_healthy(status: int, healthy: int) -> None:
    with Server({"/": Answer(status)}) as server:
        assert _run("healthy.py", f"{server.url}/") == healthy


def test_a_server_that_is_not_there_is_not() -> None:
    with Server({}) as server:
        url = server.url
    assert _run("healthy.py", f"{url}/") == 1


@pytest.mark.parametrize("argv", [[], ["no-url"]])
def test_a_check_of_nothing_fails_in_words(argv: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "deploy/healthy.py", *argv], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1 and done.stderr and "Traceback" not in done.stderr


def test_shards_of_the_last_months_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSQUE_ARCHIVE_DIR", str(tmp_path / "data"))
    assert _run("make_shards.py", str(tmp_path / "shards"), "--check") == 1
    assert _run("make_shards.py", str(tmp_path / "shards")) == 2, "there is no archive"
    month = next(last_months(date.today(), 1))  # noqa: DTZ011 (a month that no zone moves by more than a day)
    with Archive(tmp_path / "data", write=True) as archive:
        file(archive, filing(add_source(archive), "https://e.example/a", published_at=f"{month}-01T00:00:00Z"))
    assert _run("make_shards.py", str(tmp_path / "shards")) == 0
    assert _run("make_shards.py", str(tmp_path / "shards"), "--check") == 0
    assert [path.name for path in (tmp_path / "shards").iterdir()] == [f"{month}.db"]


def test_months_go_back_over_years() -> None:
    assert list(last_months(date(2026, 3, 31), 4)) == ["2026-03", "2026-02", "2026-01", "2025-12"]


def _run(program: str, *argv: str) -> int:
    return subprocess.run([sys.executable, f"deploy/{program}", *argv], cwd=ROOT, check=False).returncode
