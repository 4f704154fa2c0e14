"""A loopback newsroom: small sites in many languages for tests and for the demo.

Every text was written for it; places, people and events are made up. Real agencies are named because extraction has to
recognise them: none of them ever sent these reports.
"""

from tests.newsstand.model import Article, Request
from tests.newsstand.newsroom import Changes, Newsstand, SpecialUrl, Truth
from tests.newsstand.site import Site

__all__ = ["Article", "Changes", "Newsstand", "Request", "Site", "SpecialUrl", "Truth"]
