"""The job that asks those who attended."""

from rft import jobs
from rft.feedback.service import ask_all
from rft.kit.clock import utc_now


@jobs.task("feedback.ask", every="45 9 * * *")
async def ask(context: jobs.Context) -> None:
    """In the morning after the course."""
    await ask_all(context.database, context.settings, now=utc_now())
