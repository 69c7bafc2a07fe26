"""What tests of organisations and of what they owe stand on: organisations, and orders on their account."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.builders import Db, Row, insert
from tests.features.mailing import an_order, one


def an_organisation(db: Db, *members: Row, **columns: Any) -> Row:
    """Northern Mills, approved for £300, for which the members book."""
    defaults = {
        "reference": f"ORG-{one(db, 'select count(*) from organisations')['count']}",
        "name": "Northern Mills",
        "is_approved_for_invoice": True,
        "credit_limit": Decimal(300),
    }
    organisation = insert(db, "organisations", **{**defaults, **columns})
    for member in members:
        insert_member(db, organisation, member)
    return organisation


def insert_member(db: Db, organisation: Row, member: Row) -> None:
    db.execute(
        "insert into organisation_members (organisation_id, user_id) values (%s, %s)",
        (organisation["id"], member["id"]),
    )


def owing(db: Db, organisation: Row | None = None, *, due_on: date | None = None, **columns: Any) -> Row:
    """An accepted order of one seat, £75, that nobody has paid."""
    defaults = {"payment_method": "invoice", "organisation_name": "Northern Mills", "purchase_order": "PO-7"}
    order = an_order(db, confirmed=False, accepted=False, **{**defaults, **columns})
    if organisation is not None:
        db.execute("insert into order_organisations values (%s, %s)", (order["id"], organisation["id"]))
    accept(db, order, due_on=due_on)
    return order


def accept(db: Db, order: Row, **columns: Any) -> None:
    """As the office does, whatever the limit."""
    values = {"order_id": order["id"], "decided_by": order["user_id"], "due_on": None, **columns}
    db.execute(
        """
        update order_approvals set state = 'accepted', decided_by = %(decided_by)s, due_on = %(due_on)s
         where order_id = %(order_id)s
        """,
        values,
    )


def approval_of(db: Db, reference: str) -> Row:
    return one(
        db,
        """
        select approval.* from order_approvals as approval join orders as placed on placed.id = approval.order_id
         where placed.reference = %(reference)s
        """,
        reference=reference,
    )


def waiting(db: Db, **columns: Any) -> Row:
    """Amina's order on a purchase order of Northern Mills, on which the office has not decided."""
    defaults = {"payment_method": "invoice", "organisation_name": "Northern Mills", "purchase_order": "PO-7"}
    return an_order(db, confirmed=False, accepted=False, **{**defaults, **columns})
