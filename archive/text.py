"""Text as the database takes it: valid Unicode without NULs.

A NUL makes SQLite's length() lie and cuts text short in its own tools; a lone surrogate, as a careless `\\ud83d` in JSON
gives it, cannot be encoded at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def clean(text: str) -> str:
    """Drop NULs; put U+FFFD where a surrogate stands alone and join those that are a pair."""
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean_value(value: Any) -> Any:
    """The same for every text in a JSON-able value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): clean_value(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [clean_value(item) for item in value]
    return value


def json_text(value: Any) -> str:
    """A JSON-able value as clean JSON text, letters of all scripts as they are."""
    return json.dumps(clean_value(value), ensure_ascii=False)
