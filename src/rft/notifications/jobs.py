"""The jobs that write and deliver mails."""

import logging
import time

from rft import jobs
from rft.kit.clock import utc_now
from rft.notifications import changes, outbox, reminders, service, teaching
from rft.notifications.accounts import write_booker_invitation, write_sign_in_link
from rft.notifications.attendees import write_invitation
from rft.notifications.certificates import write_certificate_mail
from rft.notifications.compose import (
    CONFIRMATION,
    DECLINED,
    PAYMENT_DUE,
    PAYMENT_LINK,
    REMINDER,
    REQUESTED,
    RESERVED,
    Kind,
)
from rft.notifications.passwords import write_new_password_link
from rft.notifications.returned import write_payment_returned
from rft.notifications.smtp import RefusedForNow, ServerAway
from rft.notifications.waiting import write_waiting_joined, write_waiting_offer

_log = logging.getLogger(__name__)
_SWEEP_SECONDS = jobs.LONGEST_RUN / 2
_PAUSE_AFTER_REFUSAL = 60


@jobs.task("notifications.send_order_confirmation")
async def send_order_confirmation(context: jobs.Context, order_id: int) -> None:
    await _write(context, CONFIRMATION, order_id)


@jobs.task("notifications.send_order_reserved")
async def send_order_reserved(context: jobs.Context, order_id: int) -> None:
    await _write(context, RESERVED, order_id)


@jobs.task("notifications.send_booking_cancelled")
async def send_booking_cancelled(context: jobs.Context, booking_ids: list[int]) -> None:
    async with context.database.transaction() as db:
        await changes.write_cancelled(db, booking_ids, base_url=context.settings.base_url)


@jobs.task("notifications.send_booking_moved")
async def send_booking_moved(context: jobs.Context, move_id: int) -> None:
    async with context.database.transaction() as db:
        await changes.write_moved(db, move_id, base_url=context.settings.base_url)


@jobs.task("notifications.send_payment_returned")
async def send_payment_returned(context: jobs.Context, order_id: int, refund_ids: list[int]) -> None:
    async with context.database.transaction() as db:
        await write_payment_returned(db, order_id, refund_ids, base_url=context.settings.base_url)


@jobs.task("notifications.send_schedule_changed")
async def send_schedule_changed(context: jobs.Context, move_id: int) -> None:
    async with context.database.transaction() as db:
        await service.write_to_everybody_booked(db, move_id, base_url=context.settings.base_url)


@jobs.task("notifications.send_payment_link")
async def send_payment_link(context: jobs.Context, order_id: int) -> None:
    await _write(context, PAYMENT_LINK, order_id)


@jobs.task("notifications.send_reminder")
async def send_reminder(context: jobs.Context, order_id: int, turn: str) -> None:
    """Reminds of the course: one mail for each turn."""
    await _write(context, REMINDER, order_id, turn)


@jobs.task("notifications.remind_of_courses", every="23 * * * *")
async def remind_of_courses(context: jobs.Context) -> None:
    await reminders.remind(context.database, now=utc_now(), base_url=context.settings.base_url)


@jobs.task("notifications.send_waiting_joined")
async def send_waiting_joined(context: jobs.Context, entry_id: int) -> None:
    async with context.database.transaction() as db:
        await write_waiting_joined(db, entry_id, base_url=context.settings.base_url)


@jobs.task("notifications.send_waiting_offer")
async def send_waiting_offer(context: jobs.Context, entry_id: int) -> None:
    async with context.database.transaction() as db:
        await write_waiting_offer(db, entry_id, base_url=context.settings.base_url)


@jobs.task("notifications.send_order_requested")
async def send_order_requested(context: jobs.Context, order_id: int) -> None:
    await _write(context, REQUESTED, order_id)


@jobs.task("notifications.send_order_declined")
async def send_order_declined(context: jobs.Context, order_id: int) -> None:
    await _write(context, DECLINED, order_id)


@jobs.task("notifications.send_payment_due")
async def send_payment_due(context: jobs.Context, order_id: int, turn: str) -> None:
    """Reminds of an invoice that is due or overdue: one mail for each turn."""
    await _write(context, PAYMENT_DUE, order_id, turn)


async def _write(context: jobs.Context, kind: Kind, order_id: int, turn: str = "") -> None:
    async with context.database.transaction() as db:
        await service.write_to_booker(db, kind, order_id, base_url=context.settings.base_url, turn=turn)


@jobs.task("notifications.send_certificate")
async def send_certificate(context: jobs.Context, certificate_id: int) -> None:
    async with context.database.transaction() as db:
        await write_certificate_mail(db, context.settings, certificate_id)


@jobs.task("notifications.send_certificates")
async def send_certificates(context: jobs.Context, certificate_ids: list[int]) -> None:
    """Those of a batch: each mail has its own commit, and is written once however often this is begun again."""
    for certificate_id in certificate_ids:
        await send_certificate(context, certificate_id)


@jobs.task("notifications.send_new_password_link")
async def send_new_password_link(context: jobs.Context, email: str) -> None:
    async with context.database.transaction() as db:
        await write_new_password_link(db, context.settings, email)


@jobs.task("notifications.send_attendee_invitation")
async def send_attendee_invitation(context: jobs.Context, booking_id: int) -> None:
    async with context.database.transaction() as db:
        await write_invitation(db, context.settings, booking_id)


@jobs.task("notifications.send_sign_in_link")
async def send_sign_in_link(context: jobs.Context, email: str) -> None:
    async with context.database.transaction() as db:
        await write_sign_in_link(db, email, base_url=context.settings.base_url)


@jobs.task("notifications.send_booker_invitation")
async def send_booker_invitation(context: jobs.Context, organisation_id: int, email: str) -> None:
    async with context.database.transaction() as db:
        await write_booker_invitation(db, organisation_id, email, base_url=context.settings.base_url)


@jobs.task("notifications.deliver", tries=20)
async def deliver(context: jobs.Context, mail_id: int) -> None:
    """Delivers one mail; behind older ones that wait for the mail server it stands in line (see deliver_waiting)."""
    async with context.database.connection() as db:
        oldest = await outbox.find_next_waiting(db)
    if oldest is not None and oldest < mail_id:
        return
    try:
        await service.deliver(context.database, context.settings, mail_id, give_up=context.is_last_attempt)
    except ServerAway:
        _log.warning("the mail server cannot be reached; mails wait")


@jobs.task("notifications.deliver_waiting", every="* * * * *")
async def deliver_waiting(context: jobs.Context) -> None:
    """Delivers, oldest first, the mails that wait because the server was away; one try shows whether it still is."""
    until = time.monotonic() + _SWEEP_SECONDS
    mail_id: int | None = 0
    while mail_id is not None and time.monotonic() < until:
        async with context.database.connection() as db:
            mail_id = await outbox.find_next_waiting(db, mail_id)
        if mail_id is None:
            return
        try:
            await service.deliver(context.database, context.settings, mail_id)
        except ServerAway:
            return
        except Exception as failure:  # noqa: BLE001 (see the next line; it is tried again, and logged)
            # One mail must not keep the others waiting: its own job tries it again, at longer and longer intervals.
            if not isinstance(failure, RefusedForNow):
                _log.exception("mail %s cannot be delivered", mail_id)
            async with context.database.transaction() as db:
                await outbox.enqueue_delivery(db, mail_id, after_seconds=_PAUSE_AFTER_REFUSAL)


@jobs.task("notifications.send_teaching_request")
async def send_teaching_request(context: jobs.Context, request_id: int) -> None:
    async with context.database.transaction() as db:
        await teaching.write_teaching_request(db, context.settings, request_id)


@jobs.task("notifications.send_teaching_changed")
async def send_teaching_changed(context: jobs.Context, move_id: int, user_id: int, change: str) -> None:
    async with context.database.transaction() as db:
        await teaching.write_teaching_changed(db, context.settings, move_id, user_id, change)


@jobs.task("notifications.remind_of_qualifications", every="30 7 * * *")
async def remind_of_qualifications(context: jobs.Context) -> None:
    async with context.database.transaction() as db:
        await teaching.write_expiry_reminders(db, context.settings, utc_now())
