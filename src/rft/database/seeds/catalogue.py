"""The price list and the venues a new company begins with. Figures of the trade: docs/schema.md says where they come from."""

import psycopg
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

# name, family, contact hours, price, description
COURSES = [
    (
        "First Aid at Work",
        "FAW",
        18,
        200,
        "The full three-day qualification for workplaces with higher risks or more people.",
    ),
    (
        "Emergency First Aid at Work",
        "EFAW",
        6,
        100,
        "One day: what to do until help arrives, for lower-risk workplaces.",
    ),
    (
        "Paediatric First Aid",
        "Paediatric",
        12,
        120,
        "Two days for nurseries, childminders and schools; meets the early-years requirements.",
    ),
    (
        "Emergency Paediatric First Aid",
        "Paediatric",
        6,
        100,
        "One day for assistants and volunteers who look after children.",
    ),
    (
        "First Aid at Work: requalification",
        "FAW",
        12,
        150,
        "Two days, before a First Aid at Work certificate runs out.",
    ),
    ("Emergency First Aid at Work: requalification", "EFAW", 6, 70, "One day to renew an emergency certificate."),
    ("Paediatric First Aid: requalification", "Paediatric", 12, 90, "Two days to renew a paediatric certificate."),
    (
        "Emergency Paediatric First Aid: requalification",
        "Paediatric",
        6,
        70,
        "One day to renew an emergency paediatric certificate.",
    ),
    ("Activity First Aid", "EFAW", 12, 120, "Two days for coaches, guides and everyone who works outdoors."),
    ("CPR and AED", "EFAW", 4, 60, "Half a day: resuscitation and the defibrillator, for anyone."),
    ("Annual Skills Refresher", "EFAW", 4, 60, "Half a day a year keeps skills fresh between qualifications."),
    ("Oxygen Therapy", "EFAW", 4, 60, "Half a day on giving oxygen safely in an emergency."),
]

# name, first line, city, postcode, capacity, parking, facilities
VENUES = [
    ("The Training Rooms", "12 Wharf Street", "Leeds", "LS2 7EQ", 12, "Pay and display in Wharf Street; two spaces at the door.",
     {"step_free": True, "refreshments": True, "wifi": True}),
    ("Kelham Hall Centre", "4 Green Lane", "Sheffield", "S3 8SE", 12, "Free car park behind the building.",
     {"step_free": True, "refreshments": True, "wifi": True}),
    ("Minster Meeting House", "27 Friargate", "York", "YO1 9RL", 10, "No parking; the Marygate car park is five minutes away.",
     {"step_free": False, "refreshments": True, "wifi": True}),
    ("Humber Dock Rooms", "8 Railway Street", "Hull", "HU1 2AA", 16, "Free parking on the dock.",
     {"step_free": True, "refreshments": False, "wifi": True}),
]  # fmt: skip


def seed_catalogue(db: psycopg.Connection[DictRow]) -> bool:
    """Adds the price list and the venues where there is no course yet; answers whether it did."""
    if db.execute("select 1 from courses limit 1").fetchone():
        return False
    with db.transaction(), db.cursor() as cursor:
        cursor.executemany(
            "insert into courses (name, course_type, duration_hours, price, description) values (%s, %s, %s, %s, %s)",
            COURSES,
        )
        cursor.execute(
            """
            insert into course_variants (course_id, qualification)
            select course.id, rule.qualification
              from courses as course
              join qualification_rules as rule on rule.name = course.name
            """
        )
        cursor.executemany(
            """
            insert into venues (name, address_line1, city, postcode, capacity, parking_info, facilities)
            values (%s, %s, %s, %s, %s, %s, %s)
            """,
            [(*venue, Jsonb(facilities)) for *venue, facilities in VENUES],
        )
    return True
