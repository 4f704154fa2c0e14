"""Servers that misbehave, crawled by the real command in a process of its own; see docs/threat-model.md."""
