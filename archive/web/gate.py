"""The gate before Datasette: who is let in, and what every answer tells the browser. ASGI; nothing is kept on disk."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from typing import Any

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

READING = ("GET", "HEAD", "OPTIONS")
WRITTEN = "/saved"  # the one page that takes a form; Datasette asks for its token against forged ones
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
COOKIE = "kiosque_session"
SESSION_SECONDS = 12 * 3600.0  # a working day; then the browser sends the password once more by itself
MOST_SESSIONS = 1000  # a client that keeps no cookies makes one with each request; the oldest go
MOST_GUESSES = 8  # password attempts that wait for their turn; more are turned away
FIRST_WAIT, LONGEST_WAIT = 0.25, 4.0  # seconds before the attempt that follows a wrong one; doubled with each
FORGIVEN_AFTER = 300.0  # seconds without a wrong attempt

# Of this response: scripts and styles that stand in templates carry it, those that stand in data cannot.
NONCE: ContextVar[str] = ContextVar("nonce", default="")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),  # for browsers that do not know frame-ancestors
    (b"referrer-policy", b"no-referrer"),  # a newsroom need not learn what is read in an archive
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
# A path on this site: a browser takes two slashes, or a backslash, for the beginning of a host name.
_OWN_PATH = re.compile(rb"/(?![/\\])[^\\\x00-\x20\x7f]*")
_INTERNALS = re.compile(r"/-/(?!static(?:-plugins)?/)")  # Datasette's notes on itself: paths, versions, threads


def with_headers(app: Asgi) -> Asgi:
    """Add the headers that Datasette does not send, refuse what is not reading, and let no redirect leave the site."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        NONCE.set(nonce)
        policy = CONTENT_SECURITY_POLICY.format(nonce=nonce).encode()

        async def send_with_headers(event: Event) -> None:
            if event["type"] == "http.response.start":
                given: Headers = list(event.get("headers") or [])
                present = {name.lower() for name, _ in given}
                given = [(name, _own(value) if name.lower() == b"location" else value) for name, value in given]
                added = [(b"content-security-policy", policy), *HEADERS]
                event["headers"] = [*given, *(header for header in added if header[0] not in present)]
            await send(event)

        writing = scope["method"] == "POST" and scope["path"] == WRITTEN
        if scope["method"] not in READING and not writing:
            await _answer(send_with_headers, 405, "Only reading.", [(b"allow", ", ".join(READING).encode())])
        elif writing and not _is_own_form(scope):
            await _answer(send_with_headers, 403, "Only our own form is taken.")
        elif _INTERNALS.match(scope["path"]):
            await _answer(send_with_headers, 404, "Not here.")
        else:
            await app(scope, receive, send_with_headers)

    return guarded


@dataclass(slots=True)
class Gate:
    """Lets in who asks for one of our names and, where there is one, knows the password.

    `names` are the host names to which we answer; None: to all. A page elsewhere whose name was pointed to this machine
    (DNS rebinding) comes with its own name.
    """

    app: Asgi
    names: frozenset[str] | None = None
    password: str | None = None
    _sessions: dict[str, float] = field(default_factory=dict)  # digest of the token -> monotonic time of its end
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0
    _wrong: int = 0  # attempts in a row
    _last_wrong: float = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, in ASGI's way."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        answer = with_headers(_refusal(400, "This host name is not known here; name it with --allow-host."))
        if self.names is None or host_of(_values(scope, b"host")) in self.names:
            answer = await self._asked(scope)
        await answer(scope, receive, send)

    async def _asked(self, scope: Scope) -> Asgi:
        if _is_foreign(scope):
            return with_headers(_refusal(403, "Pages of other sites may link to this one, and not use it."))
        if self.password is None or self._knows(_cookie(_values(scope, b"cookie"))):
            return self.app
        attempt = _basic(_values(scope, b"authorization"))
        if attempt is None:
            return with_headers(_UNKNOWN)
        if self._waiting >= MOST_GUESSES:
            return with_headers(_refusal(429, "Too many attempts at the password.", [(b"retry-after", b"5")]))
        self._waiting += 1
        try:
            async with self._turn:
                right = await self._is_right(attempt)
        finally:
            self._waiting -= 1
        return self._with_session(scope) if right else with_headers(_UNKNOWN)

    async def _is_right(self, attempt: str) -> bool:
        """Compare in constant time, one attempt after another, each wrong one making the next wait longer."""
        if monotonic() - self._last_wrong > FORGIVEN_AFTER:
            self._wrong = 0
        if self._wrong:
            await asyncio.sleep(min(FIRST_WAIT * 2.0 ** (self._wrong - 1), LONGEST_WAIT))
        right = hmac.compare_digest(_digest(attempt), _digest(self.password or ""))
        if not right:
            self._wrong, self._last_wrong = min(self._wrong + 1, 16), monotonic()
        return right

    def _knows(self, token: str) -> bool:
        return bool(token) and self._sessions.get(_digest(token), 0.0) > monotonic()

    def _with_session(self, scope: Scope) -> Asgi:
        token = secrets.token_urlsafe(32)
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[_digest(token)] = monotonic() + SESSION_SECONDS
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        cookie = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}".encode()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_with_cookie(event: Event) -> None:
                if event["type"] == "http.response.start":
                    event["headers"] = [*(event.get("headers") or []), (b"set-cookie", cookie)]
                await send(event)

            await self.app(scope, receive, send_with_cookie)

        return app


def host_of(values: list[str]) -> str:
    """The host of a Host header in lower case, without port and brackets; "" unless there is exactly one header."""
    if len(values) != 1:
        return ""
    host = values[0].strip().lower()
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return host.removesuffix(".")


def _is_foreign(scope: Scope) -> bool:
    """Tell whether a page of another site fetches this, rather than that somebody follows a link there."""
    site, mode = _values(scope, b"sec-fetch-site"), _values(scope, b"sec-fetch-mode")
    return site == ["cross-site"] and mode != ["navigate"]


def _is_own_form(scope: Scope) -> bool:
    """Tell whether a form was sent from one of our pages, or by a program, which says neither where from (Fetch Metadata,
    RFC 6454). Datasette's token alone is not asked of somebody without a cookie, as on a machine of one's own."""
    site, origin = _values(scope, b"sec-fetch-site"), _values(scope, b"origin")
    if site:  # no referrer is sent from here, so that the origin is null on our own forms too
        return site == ["same-origin"]
    return not origin or [one.partition("://")[2] for one in origin] == _values(scope, b"host")


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _basic(values: list[str]) -> str | None:
    """The password of HTTP Basic; the user name does not matter. None when there is none."""
    scheme, _, given = (values[0] if values else "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(given.strip(), validate=True).decode("utf-8", "replace").partition(":")[2]
    except (binascii.Error, ValueError):
        return None


def _cookie(values: Iterable[str]) -> str:
    for value in values:
        for part in value.split(";"):
            name, _, content = part.strip().partition("=")
            if name == COOKIE:
                return content
    return ""


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _own(location: bytes) -> bytes:
    return location if _OWN_PATH.fullmatch(location) else b"/"


def _refusal(status: int, text: str, headers: Headers | None = None) -> Asgi:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await _answer(send, status, text, headers)

    return app


_UNKNOWN = _refusal(
    401, "This archive asks for its password.", [(b"www-authenticate", b'Basic realm="Kiosque", charset="UTF-8"')]
)


async def _answer(send: Send, status: int, text: str, headers: Headers | None = None) -> None:
    plain = (b"content-type", b"text/plain; charset=utf-8")
    await send({"type": "http.response.start", "status": status, "headers": [plain, *(headers or [])]})
    await send({"type": "http.response.body", "body": text.encode()})
