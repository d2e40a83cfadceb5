"""The running server opens its listening port and nothing else."""

from pathlib import Path

import pytest

TABLES = ("tcp", "tcp6", "udp", "udp6")


def sockets_of(process):
    """(table, local port, remote port) of each internet socket the process holds."""
    held = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            held.add(str(descriptor.readlink()))
        except FileNotFoundError:  # closed in the meantime
            continue
    found = []
    for table in TABLES:
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in held:
                local, remote = (int(field.rpartition(":")[2], 16) for field in fields[1:3])
                found.append((table, local, remote))
    return found


def test_server_holds_no_socket_but_its_ports(guide, visitor, missing):
    if not Path("/proc/net/tcp").exists():
        missing("there is no /proc here to read sockets from")
    for message in (
        "hello",
        "what are short chain fatty acids",
        "I can't breathe",
        "/delete_my_data",
    ):
        visitor.say(message)
    sockets = sockets_of(guide.process.pid)
    assert ("tcp", guide.port, 0) in sockets
    assert {(table, local) for table, local, _ in sockets} == {("tcp", guide.port)}


@pytest.mark.parametrize("word", ["telemetry", "sentry", "segment"])
def test_servers_log_speaks_of_no_service_outside(guide, word):
    assert word not in guide.log.lower()
