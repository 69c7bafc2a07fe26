"""What the constraints of the waiting list, order sources, saved views, calendars and waivers say to a person, by field."""

_UNKNOWN = "There is no such {}."

OF_THE_OFFICE: dict[str, tuple[str, str]] = {
    "waiting_entries_reference_key": ("", "That reference is taken."),
    "waiting_entries_course_id_fkey": ("", _UNKNOWN.format("course")),
    "waiting_entries_user_id_fkey": ("", _UNKNOWN.format("user")),
    "waiting_entries_added_by_fkey": ("", _UNKNOWN.format("user")),
    "waiting_entries_order_id_fkey": ("", _UNKNOWN.format("order")),
    "waiting_entries_order_once": ("", "An order is offered to one entry of the waiting list."),
    "waiting_entries_once_a_course": ("email", "This person waits for the course already."),
    "waiting_entries_places_reasonable": ("places", "People wait for 1 to 12 places."),
    "waiting_entries_offer_dated": ("", "An offer has its order and its time."),
    "waiting_entries_left_or_offered": ("", "Who has an offer has not left the waiting list."),
    "waiting_dates_pkey": ("", "This entry waits for the date already."),
    "waiting_dates_entry_id_fkey": ("", _UNKNOWN.format("entry")),
    "waiting_dates_course_schedule_id_fkey": ("", _UNKNOWN.format("date")),
    "order_sources_pkey": ("", "It is known where this order came from."),
    "order_sources_order_id_fkey": ("", _UNKNOWN.format("order")),
    "order_sources_taken_by_fkey": ("", _UNKNOWN.format("user")),
    "order_sources_source_known": ("", "An order comes by telephone or from the waiting list."),
    "saved_views_user_id_fkey": ("", _UNKNOWN.format("user")),
    "saved_views_name_reasonable": ("name", "Give the view a name of at most 60 characters."),
    "saved_views_query_short": ("name", "These are too many filters to keep."),
    "saved_views_name_once": ("name", "You have a view of this name already."),
    "schedule_waivers_pkey": ("", "A reason is on record already."),
    "schedule_waivers_course_schedule_id_fkey": ("", _UNKNOWN.format("date")),
    "schedule_waivers_waived_by_fkey": ("", _UNKNOWN.format("user")),
    "schedule_waivers_reason_given": ("reason", "Give the reason."),
    "calendar_feeds_pkey": ("", "This person has a calendar address already."),
    "calendar_feeds_token_once": ("", "This calendar address is taken."),
    "calendar_feeds_user_id_fkey": ("", _UNKNOWN.format("user")),
}
