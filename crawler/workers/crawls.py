"""The task of a crawl worker: one group of sources, crawled by the worker that takes the job."""

from __future__ import annotations

import procrastinate
from procrastinate import JobContext

blueprint = procrastinate.Blueprint()
NAMESPACE = "crawl"
GROUP = f"{NAMESPACE}:group"  # what the task is called in the database


@blueprint.task(name="group", pass_context=True)
async def crawl_group(context: JobContext, name: str) -> None:
    """Crawl what is due of a group, unless another worker is at it. `context` brings the crew that the worker belongs to."""
    await context.additional_context["crew"].crawl(name)
