"""What the tests of several replicas share: three of them, and what they stand on."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from bot_api import TOKEN, FakeBotApi
from servers import Nginx, Postgres, Redis, Replica, Server, folder_of_its_own, program

from channels.sender import pseudonym
from editorial.content import Content, load_content

PACKAGES = {"postgres": "postgresql", "redis-server": "redis-server", "nginx": "nginx-light"}
KEY = "a key that only these tests know of"
PUBLIC = "https://guide.example.org"
MESSAGES_PER_MINUTE = 60


@dataclass
class Cluster:
    """Three replicas behind nginx, on one PostgreSQL and one Redis, and before a Bot API."""

    postgres: Postgres
    redis: Redis
    replicas: list[Replica]
    nginx: Nginx
    api: FakeBotApi

    @property
    def webhook(self) -> str:
        return f"{self.nginx.url}/webhooks/rest/webhook"

    def kept(self, sender: str) -> list[tuple[str, str | None]]:
        """Kind and message id of what was said in a conversation, in the order of the database."""
        return self.postgres.query(
            "SELECT type_name, data::json ->> 'message_id' FROM events "
            "WHERE sender_id = %s AND type_name IN ('user', 'bot') ORDER BY id",
            pseudonym(KEY.encode(), "rest", sender),
        )


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content()


@pytest.fixture(scope="session")
def programs(missing: Callable[[str], None]) -> None:
    for name, package in PACKAGES.items():
        if program(name) is None:
            missing(f"{name} is missing; `apt-get install {package}` brings it")


@pytest.fixture(scope="session")
def postgres(programs: None) -> Iterator[Postgres]:
    with folder_of_its_own(Postgres.user()) as folder, started(Postgres(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def redis(programs: None) -> Iterator[Redis]:
    with folder_of_its_own() as folder, started(Redis(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def cluster(programs: None) -> Iterator[Cluster]:
    with ExitStack() as stack:
        enter = stack.enter_context
        api = enter(FakeBotApi().running())
        postgres = enter(started(Postgres(enter(folder_of_its_own(Postgres.user())))))
        redis = enter(started(Redis(enter(folder_of_its_own()))))
        environment = {
            **postgres.environment,
            "REDIS_URL": redis.url,
            "SENDER_KEY": KEY,
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_WEBHOOK_URL": PUBLIC,
        }

        def credentials(text: str) -> str:
            telegram = "channels.telegram.channel.TelegramInput:\n"
            for old, new in (
                ("proxies: 0", "proxies: 1"),
                (": 20 per minute", f": {MESSAGES_PER_MINUTE} per minute"),
                (": 120 per minute", ": 100000 per minute"),
                (telegram, f"{telegram}  api_url: {api.url}\n"),
            ):
                assert old in text
                text = text.replace(old, new)
            return text

        replicas = [
            Replica(enter(folder_of_its_own()), environment=environment, credentials=credentials)
            for _ in range(3)
        ]
        for replica in replicas:  # all at once: they make the tables together
            replica.make()
            stack.callback(replica.stop)
            replica.start()
        for replica in replicas:
            replica.wait()
        nginx = enter(started(Nginx(enter(folder_of_its_own()), replicas=replicas)))
        api.hosts[PUBLIC] = nginx.url
        yield Cluster(postgres, redis, replicas, nginx, api)


@contextmanager
def started[Kind: Server](server: Kind) -> Iterator[Kind]:
    """`server` until the block ends."""
    server.make()
    try:
        server.start()
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture
def sender() -> str:
    return str(uuid.uuid4())
