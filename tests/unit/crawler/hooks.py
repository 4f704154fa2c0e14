"""Servers that take notifications: a webhook, which can refuse or be slow, and a mail server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler


@dataclass
class Hook:
    """What a webhook was sent: (subject, body), and how it answers."""

    got: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0
    status: int = 200
    delay: float = 0.0
    port: int = 0
    name: str = "hook"

    @property
    def url(self) -> str:
        """Its address as NOTIFY has it, with a password."""
        return f"json://user:sesame-{self.name}@127.0.0.1:{self.port}/{self.name}"


@contextmanager
def hooking(name: str = "hook") -> Iterator[Hook]:
    """A webhook on a free port."""
    hook = Hook(name=name)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            hook.asked += 1
            time.sleep(hook.delay)
            if hook.status == 200:
                hook.got.append((told["title"], told["message"]))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class Mailbox:
    """Mails that arrived: (subject, text)."""

    got: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its address as NOTIFY has it."""
        return f"mailto://127.0.0.1:{self.port}?from=kiosque@example.org&to=desk@example.org&mode=insecure"


class _Post(Controller):
    """A controller on a port that the system chose, which the library does not expect."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mailing() -> Iterator[Mailbox]:
    """A mail server on a free port."""
    box = Mailbox()

    class Keep(MailHandler):
        def handle_message(self, message: Any) -> None:
            texts = [
                part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "text/plain"
            ]
            box.got.append((str(make_header(decode_header(message["Subject"]))), texts[0].decode()))

    controller = _Post(Keep(), hostname="127.0.0.1", port=0)
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()
