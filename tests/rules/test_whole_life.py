"""The whole life of a booking in plain SQL, by a client that knows only the document's ten tables."""

from tests.builders import Db, a_course, a_venue, move_schedule_to_past, reload
from tests.races.audited import assert_audit_is_silent


def test_from_a_course_to_a_certificate(db: Db, database_url: str) -> None:
    course, venue = a_course(db), a_venue(db)
    db.execute("insert into users (email, password_hash) values ('amina@example.com', '!'), ('ben@example.com', '!')")
    db.execute("update users set role = 'instructor' where email = 'ben@example.com'")
    db.execute(
        "insert into course_schedules (course_id, venue_id, instructor_id, start_datetime, end_datetime)"
        " select %s, %s, id, '2031-03-03 09:00', '2031-03-03 16:00' from users where email = 'ben@example.com'",
        [course["id"], venue["id"]],
    )
    db.execute("update course_schedules set status = 'published'")
    db.execute(
        "insert into discount_codes (code, discount_type, discount_value, valid_from, valid_until)"
        " values ('SPRING', 'fixed', 15, current_date - 1, current_date + 1)"
    )
    db.execute(
        "insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount, discount_applied, discount_code_id)"
        " select users.id, course_schedules.id, 'RFT-1', 60, 15, discount_codes.id from users, course_schedules, discount_codes"
        " where email = 'amina@example.com'"
    )
    db.execute(
        "insert into payment_transactions (booking_id, amount, payment_method, status) select id, 60, 'cash', 'succeeded' from bookings"
    )
    db.execute("update bookings set status = 'confirmed', payment_status = 'paid'")
    db.execute(
        "insert into email_logs (recipient_email, email_type, booking_id)"
        " select 'amina@example.com', 'booking_confirmation', id from bookings"
    )
    db.execute("update bookings set confirmation_sent = true")
    assert_audit_is_silent(database_url)

    schedule = db.execute("select * from course_schedules").fetchone()
    assert schedule is not None
    assert (schedule["status"], schedule["current_capacity"]) == ("published", 1)
    move_schedule_to_past(db, schedule)
    db.execute("update bookings set status = 'completed'")
    db.execute(
        "update bookings set certificate_issued = true, certificate_issued_date = (now() at time zone 'Europe/London')::date"
    )
    assert_audit_is_silent(database_url)


def test_from_a_booking_to_its_money_back(db: Db, database_url: str) -> None:
    course, venue = a_course(db), a_venue(db)
    db.execute("insert into users (email, password_hash) values ('amina@example.com', '!')")
    schedule = db.execute(
        "insert into course_schedules (course_id, venue_id, start_datetime, end_datetime, status)"
        " values (%s, %s, '2031-03-03 09:00', '2031-03-03 16:00', 'published') returning *",
        [course["id"], venue["id"]],
    ).fetchone()
    assert schedule is not None
    db.execute(
        "insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount)"
        " select id, %(id)s, 'RFT-1', 75 from users where email = 'amina@example.com'",
        schedule,
    )
    db.execute(
        "insert into payment_transactions (booking_id, amount, payment_method, status) select id, 75, 'cheque', 'succeeded' from bookings"
    )
    db.execute("update bookings set status = 'confirmed', payment_status = 'paid'")
    db.execute("update bookings set status = 'cancelled'")
    db.execute(
        "insert into payment_transactions (booking_id, amount, payment_method, status) select id, 75, 'cheque', 'refunded' from bookings"
    )
    db.execute("update bookings set payment_status = 'refunded'")
    assert reload(db, "course_schedules", schedule)["current_capacity"] == 0
    assert_audit_is_silent(database_url)
