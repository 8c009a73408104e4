"""The rows of the fault matrix."""

from tests.faults.row import Row
from tests.faults.rows import answers, connection, login, machine, ways, writes

ROWS: list[Row] = [*connection.ROWS, *answers.ROWS, *writes.ROWS, *machine.ROWS, *ways.ROWS, *login.ROWS]
