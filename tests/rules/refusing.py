"""How a test says that the database refuses: by the rule's exact name and SQLSTATE."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

CHECK = "23514"
UNIQUE = "23505"
EXCLUSION = "23P01"
FOREIGN_KEY = "23503"
NOT_NULL = "23502"


@contextmanager
def refused(rule: str, sqlstate: str = CHECK) -> Iterator[pytest.ExceptionInfo[psycopg.Error]]:
    with pytest.raises(psycopg.Error) as caught:
        yield caught
    assert (caught.value.diag.constraint_name, caught.value.sqlstate) == (rule, sqlstate), str(caught.value)
