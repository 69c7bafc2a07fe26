"""What is issued in the background. Whoever enqueues gives `lock=f"invoices-{order_id}"`: an order's documents come in their order."""

from decimal import Decimal

from rft import jobs
from rft.invoices import service
from rft.kit.clock import utc_now


@jobs.task("invoices.issue_invoice")
async def issue_invoice(context: jobs.Context, *, order_id: int) -> None:
    """The order was confirmed, or reserved on account, for the first time."""
    await context.database.run(lambda db: service.issue_invoice(db, order_id, now=utc_now()))


@jobs.task("invoices.issue_supplement")
async def issue_supplement(context: jobs.Context, *, move_id: int) -> None:
    """A seat whose invoice is out was moved to a dearer date."""
    await context.database.run(lambda db: service.issue_supplement(db, move_id, now=utc_now()))


@jobs.task("invoices.credit")
async def credit(context: jobs.Context, *, booking_id: int, amount: str, reason: str, source: str) -> None:
    """`amount` of what a seat's invoice asks is taken back, or what is left of that. Each source once."""
    await context.database.run(
        lambda db: service.credit_seat(
            db, booking_id, amount=Decimal(amount), reason=reason, source=source, now=utc_now()
        )
    )


@jobs.task("invoices.credit_cancelled")
async def credit_cancelled(context: jobs.Context, *, order_id: int) -> None:
    """Seats of an order on account were given back before they were paid for."""
    await context.database.run(lambda db: service.credit_cancelled(db, order_id, now=utc_now()))
