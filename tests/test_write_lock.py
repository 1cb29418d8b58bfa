"""One writer at a time: what waits for whom, and what does not."""

from contextlib import nullcontext

import pytest
from django.db import OperationalError, connection, transaction

from conditions.publishing import access, write_lock

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def another_writes():
    """Another thread of this process has its turn to write."""
    access._turn.acquire()
    yield
    access._turn.release()


def test_writers_of_one_process_to_sqlite_wait_for_each_other(another_writes):
    """PostgreSQL has a queue of its own, which holds between processes too."""
    waits = pytest.raises(OperationalError, match="others have been writing")
    with waits if connection.vendor == "sqlite" else nullcontext(), write_lock(timeout=0):
        assert connection.vendor == "postgresql"


def test_who_is_in_a_transaction_waits_for_nobody(another_writes):
    with transaction.atomic(), write_lock(timeout=0):
        assert connection.in_atomic_block


def test_a_writer_that_fails_lets_the_next_one_write():
    with pytest.raises(ZeroDivisionError), write_lock():
        1 / 0  # noqa: B018
    with write_lock(timeout=0):
        assert connection.in_atomic_block
