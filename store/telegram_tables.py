"""Telegram's tables beside the conversations. Without Telegram's library: old rows are deleted too
where Telegram has been switched off.
"""

import sqlalchemy as sa

metadata = sa.MetaData()
inbox = sa.Table(
    "telegram_inbox",
    metadata,
    sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("chat", sa.String(64), nullable=False, index=True),  # pseudonym
    sa.Column("chat_id", sa.BigInteger, nullable=False),  # where the answer goes
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("sent", sa.Integer, nullable=False, default=0),
    sa.Column("received", sa.Float, nullable=False),
)
seen = sa.Table(
    "telegram_seen",
    metadata,
    sa.Column("mark", sa.String(80), primary_key=True),
    sa.Column("until", sa.Float, nullable=False, index=True),
)
lease = sa.Table(
    "telegram_lease",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("holder", sa.String(36), nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)
