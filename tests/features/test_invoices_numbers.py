"""Numbers without a gap while two processes issue at once, give up in the middle and are killed. The benchmark does it a thousand times."""

from benchmarks.invoice_numbers import storm


def test_no_number_is_missing_or_given_twice_after_aborts_and_a_kill(database_url: str) -> None:
    found = storm(database_url, orders=60, processes=2, kills=1)
    assert (found["issued"], found["highest"]) == (60, 60)
