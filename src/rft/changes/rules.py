"""What giving up or moving a place costs: pure arithmetic on London days, the order's own policy and what is held for the place."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rft.bookings.errors import TransitionRefused
from rft.bookings.rules import Policy, Tier, refund_for
from rft.changes.errors import CourseBegun, MoveRefused, RefundChanged, RefundNotPossible
from rft.kit.clock import london_today
from rft.kit.money import NOTHING, in_words, to_penny

# A place moves freely as long as giving it up would return at least this share.
_FREE_MOVE_SHARE = Decimal(50)
CANCELLABLE = ("pending", "confirmed")
NOTHING_TO_CANCEL = "These places were given up before, or the course is over."


@dataclass(frozen=True, slots=True)
class Terms:
    """What giving up one place returns by its order's policy on one day, or, where we called the date off, all of it.

    `paid` is what is held for it, not what it once cost.
    """

    paid: Decimal
    refund: Decimal
    days_ahead: int
    tier: Tier | None
    called_off: bool = False

    @property
    def kept(self) -> Decimal:
        return self.paid - self.refund

    @property
    def in_words(self) -> str:
        """Why it is this sum."""
        if self.paid == 0:
            return "Nothing has been paid for this place."
        if self.called_off:
            return "All of it: we have called this date off."
        if self.tier is None and self.refund == self.paid:
            return "This place was never paid in full: all that came for it goes back."
        return f"{_share(self.tier)}: the course is {_days(self.days_ahead)}."


def terms_of(
    held: Decimal, price: Decimal, policy: Policy, *, first_session: datetime, now: datetime, called_off: bool = False
) -> Terms:
    """By London days from today to the first session. What is held above the price goes back by itself and is not counted."""
    first_day, today = london_today(first_session), london_today(now)
    paid = max(min(held, price), NOTHING)
    days = (first_day - today).days
    tier = next((tier for tier in policy.tiers if days >= tier.at_least_days), None)
    refund = paid if called_off else refund_for(paid, policy, first_day=first_day, on=today)
    return Terms(paid, refund, days, tier, called_off)


def terms_before_payment(held: Decimal, *, first_session: datetime, now: datetime) -> Terms:
    """Of a place that was never paid in full: it costs nothing to give up, whenever, so that all that came for it goes back.

    payments.releasing, which gives up an order that is not paid, does the same.
    """
    return Terms(held, held, (london_today(first_session) - london_today(now)).days, None)


def is_moved_freely(policy: Policy, *, first_session: datetime, now: datetime) -> bool:
    days = (london_today(first_session) - london_today(now)).days
    notice = free_move_notice(policy)
    return notice is not None and days >= notice


def free_move_notice(policy: Policy) -> int | None:
    """How many London days before the first session a customer may still move a place; None: never."""
    return min((tier.at_least_days for tier in policy.tiers if tier.percent >= _FREE_MOVE_SHARE), default=None)


def last_day_to_move(policy: Policy, first_session: datetime) -> date | None:
    notice = free_move_notice(policy)
    if notice is None:
        return None
    return date.fromordinal(london_today(first_session).toordinal() - notice)


def require_not_begun(first_session: datetime, now: datetime) -> None:
    if first_session <= now:
        raise CourseBegun


def require_cancellable(status: str) -> None:
    if status not in CANCELLABLE:
        raise TransitionRefused(NOTHING_TO_CANCEL)


def require_expected(expected: Decimal | None, refund: Decimal) -> None:
    """The sum that was confirmed is the sum that goes back, or nothing happens."""
    if expected is not None and expected != refund:
        raise RefundChanged(
            f"{in_words(refund)} goes back now, not {in_words(expected)}. Nothing was cancelled; please look at the new sum.",
            facts={"refund": str(refund)},
        )


def require_refund_within(refund: Decimal, held: Decimal, reference: str) -> None:
    if refund > held:
        sentence = f"{in_words(held)} is held for this place: no more than that can go back."
        raise RefundNotPossible(sentence, facts={"held": str(held)}, errors={f"refund_{reference}": sentence})


@dataclass(frozen=True, slots=True)
class MovedPrice:
    """What a moved place costs: `gross` less `discount`, of which `waived` was given by the office for this move."""

    gross: Decimal
    discount: Decimal
    waived: Decimal
    keeps_code: bool

    @property
    def net(self) -> Decimal:
        return self.gross - self.discount


def price_moved(
    *, gross: Decimal, discount: Decimal, waived: Decimal, has_code: bool, same_course: bool, new_gross: Decimal, waive: bool
) -> MovedPrice:  # fmt: skip
    """Within a course the agreed price stays. On another course a reduction keeps its share, without its code and without what was
    waived at an earlier move; what is then dearer is paid or, with `waive`, let go.
    """
    if same_course:
        return MovedPrice(gross, discount, waived, keeps_code=has_code)
    agreed = discount - waived
    # Divided last: a share such as five sixths has no exact percentage, and half a penny must stay half a penny.
    share = to_penny(new_gross * agreed / gross) if gross else NOTHING
    before = gross - discount
    dearer = max(new_gross - share - before, NOTHING)
    let_go = dearer if waive else NOTHING
    return MovedPrice(new_gross, share + let_go, let_go, keeps_code=False)


def require_movable(status: str, *, paid: bool, same_course: bool) -> None:
    if status not in CANCELLABLE:
        raise MoveRefused("Only a place that is still to be used can be moved.")
    if not paid and not same_course:
        raise MoveRefused("This place is not paid for yet: release it, and book the other course.")


def _share(tier: Tier | None) -> str:
    if tier is None:
        return "Nothing is returned"
    share = "All of it" if tier.percent == 100 else f"{tier.percent.normalize():f}% of what you paid"
    return f"{share}, less {in_words(tier.less)}" if tier.less else share


def _days(days: int) -> str:
    if days > 1:
        return f"{days} days away"
    return "tomorrow" if days == 1 else "today" if days == 0 else "not ahead any more"
