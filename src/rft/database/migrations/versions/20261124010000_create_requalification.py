"""Creates what renewing certificates stands on: which course renews which, reminders sent, who wants none, and the ledger of expiry."""

from alembic import op

revision = "20261124010000"
down_revision = "20261124005400"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE requalification_routes (
    -- What the certificate was for.
    qualification TEXT PRIMARY KEY REFERENCES qualification_rules(qualification),
    -- What renews it while it is valid, and so many days longer; afterwards the whole course is taken again.
    renewed_by TEXT NOT NULL REFERENCES qualification_rules(qualification),
    grace_days INTEGER NOT NULL DEFAULT 0,
    begins_with TEXT NOT NULL REFERENCES qualification_rules(qualification),
    -- A wider qualification, whose holder need not renew this one.
    covered_by TEXT REFERENCES qualification_rules(qualification),

    CONSTRAINT requalification_routes_grace_reasonable CHECK (grace_days BETWEEN 0 AND 90)
);
INSERT INTO requalification_routes (qualification, renewed_by, begins_with, covered_by) VALUES
    ('faw', 'faw_requalification', 'faw', NULL),
    ('faw_requalification', 'faw_requalification', 'faw', NULL),
    ('efaw', 'efaw_requalification', 'efaw', 'faw'),
    ('efaw_requalification', 'efaw_requalification', 'efaw', 'faw'),
    ('paediatric', 'paediatric_requalification', 'paediatric', NULL),
    ('paediatric_requalification', 'paediatric_requalification', 'paediatric', NULL),
    ('emergency_paediatric', 'emergency_paediatric_requalification', 'emergency_paediatric', 'paediatric'),
    ('emergency_paediatric_requalification', 'emergency_paediatric_requalification', 'emergency_paediatric', 'paediatric');

-- So many days before a certificate expires its holder is reminded.
CREATE TABLE requalification_steps (
    days_before INTEGER PRIMARY KEY,

    CONSTRAINT requalification_steps_reasonable CHECK (days_before BETWEEN 1 AND 366)
);
INSERT INTO requalification_steps (days_before) VALUES (90), (60), (30);

CREATE TABLE requalification_reminders (
    certificate_id BIGINT NOT NULL REFERENCES certificates(id),
    days_before INTEGER NOT NULL REFERENCES requalification_steps(days_before),
    written_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT requalification_reminders_once PRIMARY KEY (certificate_id, days_before)
);

-- Whoever asked to be left alone: of the address only its hash, so that it stays known when the person is forgotten.
CREATE TABLE requalification_opt_outs (
    email_hash BYTEA PRIMARY KEY,
    opted_out_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT requalification_opt_outs_length CHECK (octet_length(email_hash) = 32)
);

CREATE INDEX attendees_by_whole_name ON attendees (lower(first_name || ' ' || last_name));

-- Each certificate that stands, whom its reminders go to, and the place by which its holder has renewed it: one on a later date of a course
-- that renews it, of somebody of the same name and the same account or address.
CREATE VIEW certificate_ledger AS
SELECT certificate.id, certificate.number, certificate.booking_id, certificate.holder, certificate.course_name, certificate.course_type,
       certificate.completed_on, certificate.expires_on, schedule.course_id, schedule.venue_id, venue.city AS town, variant.qualification,
       route.renewed_by, route.begins_with, coalesce(route.grace_days, 0) AS grace_days,
       coalesce(attendee.email, placed.booker_email, customer.email) AS email,
       renewal.reference AS renewal_reference, renewal.starts_at AS renewal_starts_at
  FROM certificates AS certificate
  JOIN bookings AS booking ON booking.id = certificate.booking_id
  JOIN users AS customer ON customer.id = booking.user_id
  JOIN course_schedules AS schedule ON schedule.id = booking.course_schedule_id
  JOIN venues AS venue ON venue.id = schedule.venue_id
  LEFT JOIN course_variants AS variant ON variant.course_id = schedule.course_id
  LEFT JOIN requalification_routes AS route ON route.qualification = variant.qualification
  LEFT JOIN order_bookings AS seat ON seat.booking_id = booking.id
  LEFT JOIN orders AS placed ON placed.id = seat.order_id
  LEFT JOIN attendees AS attendee ON attendee.booking_id = booking.id
  LEFT JOIN LATERAL (
       SELECT later.booking_reference AS reference, date.start_datetime AS starts_at
         FROM (SELECT named.booking_id
                 FROM attendees AS named
                WHERE lower(named.first_name || ' ' || named.last_name) = lower(certificate.holder)
                UNION ALL
               SELECT own.id
                 FROM bookings AS own
                WHERE own.user_id = booking.user_id
                  AND lower(concat_ws(' ', customer.first_name, customer.last_name)) = lower(certificate.holder)
                  AND NOT EXISTS (SELECT FROM order_bookings AS placed_seat WHERE placed_seat.booking_id = own.id)) AS candidate
         JOIN bookings AS later ON later.id = candidate.booking_id AND later.status IN ('pending', 'confirmed', 'completed')
         JOIN users AS later_customer ON later_customer.id = later.user_id
         JOIN course_schedules AS date ON date.id = later.course_schedule_id AND date.start_datetime >= schedule.end_datetime
         LEFT JOIN course_variants AS later_variant ON later_variant.course_id = date.course_id
         LEFT JOIN order_bookings AS later_seat ON later_seat.booking_id = later.id
         LEFT JOIN orders AS later_order ON later_order.id = later_seat.order_id
         LEFT JOIN attendees AS later_attendee ON later_attendee.booking_id = later.id
        WHERE (later.user_id = booking.user_id
               OR lower(coalesce(later_attendee.email, later_order.booker_email, later_customer.email))
                  = lower(coalesce(attendee.email, placed.booker_email, customer.email)))
          AND (date.course_id = schedule.course_id
               OR later_variant.qualification IN (route.qualification, route.renewed_by, route.begins_with, route.covered_by))
        ORDER BY date.start_datetime
        LIMIT 1) AS renewal ON true
 WHERE NOT EXISTS (SELECT FROM certificates AS correction WHERE correction.replaces = certificate.id)
   AND NOT EXISTS (SELECT FROM certificate_revocations AS gone WHERE gone.certificate_id = certificate.id);
"""

DOWN = """
DROP VIEW certificate_ledger; DROP INDEX attendees_by_whole_name;
DROP TABLE requalification_opt_outs; DROP TABLE requalification_reminders; DROP TABLE requalification_steps;
DROP TABLE requalification_routes;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
