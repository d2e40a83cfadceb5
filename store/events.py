"""The table of events: what is asked of a conversation, and how an event stands in a row.

Statements are made once, and search by index, so that their cost does not grow with the table.
"""

import json
from typing import Any

import orjson
import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event, SessionStarted
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

# Three turns of 16 events, of which policies and actions look at two, and below them the last
# answer's slots, which it writes all anew (actions/conversation.py). The older events stay in the
# database.
EVENTS_READ = 48
SLOT_EVENTS_READ = 20  # all slots once over, however long ago they were written
MESSAGES_READ = 20  # among these a message that was sent again is looked for

TABLE: sa.Table = SQLTrackerStore.SQLEvent.__table__
# What is asked of a conversation is asked from its end; Rasa's own index knows no order.
sa.Index("ix_events_of_conversation", TABLE.c.sender_id, TABLE.c.id)
sa.Index("ix_events_of_kind", TABLE.c.sender_id, TABLE.c.type_name, TABLE.c.id)


class _InConversation(FunctionElement):
    """Whether an event's sender (first argument) is this one (second argument)."""

    type = sa.Integer()  # of a Boolean, SQLite would be asked whether it equals 1, without an index
    inherit_cache = True


@compiles(_InConversation)
def _plainly(element: _InConversation, compiler: Any, **kwargs: Any) -> str:
    sender, wanted = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{sender} = {wanted}"


@compiles(_InConversation, "postgresql")
def _as_a_range(element: _InConversation, compiler: Any, **kwargs: Any) -> str:
    """With `=`, PostgreSQL takes the primary key where it guesses that to be as good as an index,
    and walks through what everybody else has written since.
    """
    sender, wanted = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"{sender} BETWEEN {wanted} AND {wanted}"


class _Joined(FunctionElement):
    """The rows' texts (first argument) with commas between, in the order of the second."""

    type = sa.Text()
    inherit_cache = True


@compiles(_Joined)
def _as_they_come(element: _Joined, compiler: Any, **kwargs: Any) -> str:
    """SQLite takes them in the order of the subquery they come from."""
    text, _ = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"group_concat({text}, ',')"


@compiles(_Joined, "postgresql")
def _put_in_order(element: _Joined, compiler: Any, **kwargs: Any) -> str:
    text, order = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"string_agg({text}, ',' ORDER BY {order})"


def _in_one_row(events: Any) -> Any:
    """The id of the last of `events`, and all of them; no id where there is none.

    Python lets other threads in before and after each row that SQLite finds.
    """
    found = events.order_by(None).order_by("id").subquery()
    return sa.select([sa.func.max(found.c.id), _Joined(found.c.data, found.c.id)])


def _last_events() -> Any:
    begin = _backwards(TABLE.c.id, of_kind=SessionStarted.type_name).limit(1)
    session = TABLE.c.id >= sa.func.coalesce(begin.scalar_subquery(), 0)
    columns = (TABLE.c.id, TABLE.c.data)
    events = _backwards(*columns).where(session).limit(EVENTS_READ)
    slots = _backwards(*columns, of_kind="slot").where(session).limit(SLOT_EVENTS_READ)
    both = sa.union(*(sa.select([part.subquery()]) for part in (events, slots))).subquery()
    return _in_one_row(sa.select([both]))


def _backwards(*columns: Any, of_kind: str | None = None) -> Any:
    """A conversation's events from its end, by the indexes above whatever the statistics say."""
    statement = sa.select(columns).where(
        _InConversation(TABLE.c.sender_id, sa.bindparam("conversation", type_=sa.String))
    )
    if of_kind is not None:
        statement = statement.where(TABLE.c.type_name == of_kind)
    return statement.order_by(TABLE.c.sender_id.desc(), TABLE.c.id.desc())


# The statements of a message, made once; each takes the sender as `conversation`.
# The session's last events, oldest first. A session begins at the last event that says so; Rasa
# goes by the time, but replicas' clocks differ.
LAST_EVENTS = _last_events()
ALL_EVENTS = _in_one_row(_backwards(TABLE.c.id, TABLE.c.data))
# What the person said last, newest first.
LAST_MESSAGES = _backwards(TABLE.c.id, TABLE.c.timestamp, TABLE.c.data, of_kind="user").limit(
    MESSAGES_READ
)
# What the guide said between two events, in order.
ANSWERS = (
    _backwards(TABLE.c.data, of_kind="bot")
    .where(TABLE.c.id > sa.bindparam("after", type_=sa.BigInteger))
    .where(TABLE.c.id < sa.bindparam("before", type_=sa.BigInteger))
    .order_by(None)
    .order_by(TABLE.c.id)
)
ENDLESS = 2**63 - 1  # no event has so high an id
# The id of the conversation's last event; no row where it has none.
LAST_ID = _backwards(TABLE.c.id).limit(1)


def row_of(sender_id: str, event: Event) -> dict[str, Any]:
    """An event as Rasa's table has it."""
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": _as_json(data),
    }


def _as_json(data: dict[str, Any]) -> str:
    try:
        return orjson.dumps(data).decode()
    except TypeError:  # half a character, which people's keyboards do send
        return json.dumps(data)


def from_json(text: str) -> Any:
    """What stands in a row, or in several with commas between and brackets around."""
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)
