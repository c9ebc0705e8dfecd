//! Tests of the whole product in one process, over sockets: see `tests/it`.
