"""PostgreSQL, Redis, nginx and replicas of the guide as real processes in folders of their own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg2

from runtime.model_hash import hash_file

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 180.0
PASSWORD = "only for these tests"

# The launcher as `make run` starts it, but for the folder that holds settings and models.
LAUNCH = """
import sys, pathlib, runtime.launcher as launcher
launcher.PROJECT = pathlib.Path(sys.argv[1])
launcher.main()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str | None:
    """Where `name` is; Debian keeps PostgreSQL's programs out of the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return (
        shutil.which(name)
        or shutil.which(f"/usr/sbin/{name}")
        or (str(debian[-1]) if debian else None)
    )


@contextmanager
def folder_of_its_own(user: str | None = None) -> Iterator[Path]:
    """A folder others may pass through, as servers that change their user must."""
    folder = Path(tempfile.mkdtemp(prefix="guide-replicas-"))
    folder.chmod(0o755)
    if user:
        shutil.chown(folder, user, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Server:
    """A process that can be killed and started again on the same port."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    name = "server"

    def make(self) -> None:
        """What has to be there before it starts."""

    def command(self) -> list[str]:
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """More arguments for the process."""
        return {}

    def is_ready(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Start without waiting."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, **self.settings()
            )

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Until it is ready."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if self.process is not None and self.process.poll() is not None:
                self.start()  # what the one before held is not free yet
            assert time.monotonic() < deadline, f"{self.name} did not start:\n{self.log}"
            time.sleep(0.2)

    def kill(self) -> None:
        """As the kernel does when memory is short: nothing is finished."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)

    def freeze(self, stop: bool) -> None:
        """Stop it and its children where they are, or let them go on: it hangs."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in (self.process.pid, *map(int, children.read_text().split())):
            os.kill(pid, signal.SIGSTOP if stop else signal.SIGCONT)

    def stop(self) -> None:
        """For good."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")


class Postgres(Server):
    """A cluster with one database; PostgreSQL will not run as root."""

    name = "postgresql"

    @staticmethod
    def user() -> str | None:
        return "postgres" if os.geteuid() == 0 else None

    @property
    def environment(self) -> dict[str, str]:
        """What deploy/endpoints.postgres.yml asks for."""
        return {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(self.port),
            "DB_NAME": "postgres",
            "DB_USER": "guide",
            "DB_PASSWORD": PASSWORD,
        }

    def make(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        made = [f"{program('initdb')}", "-D", str(self.folder / "data"), "-U", "guide"]
        made += ["-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--no-locale"]
        subprocess.run(made, check=True, capture_output=True, **self.settings())

    def command(self) -> list[str]:
        command = [f"{program('postgres')}", "-D", str(self.folder / "data")]
        command += ["-p", str(self.port), "-k", str(self.folder), "-h", "127.0.0.1"]
        return command

    def settings(self) -> dict[str, Any]:
        if (user := self.user()) is None:
            return {}
        return {"user": user, "group": user, "extra_groups": [], "cwd": self.folder}

    def is_ready(self) -> bool:
        try:
            return self.query("SELECT 1") == [(1,)]
        except psycopg2.OperationalError:
            return False

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            dbname="postgres",
            user="guide",
            password=PASSWORD,
            connect_timeout=2,
        )
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


class Redis(Server):
    """Keeps nothing on disk."""

    name = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        command = [f"{program('redis-server')}", "--port", str(self.port), "--bind", "127.0.0.1"]
        return [*command, "--save", "", "--appendonly", "no", "--dir", str(self.folder)]

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


@dataclass
class Replica(Server):
    """The guide, with the settings that replicas share."""

    environment: dict[str, str] = field(default_factory=dict)
    credentials: Callable[[str], str] = lambda text: text

    name = "replica"

    def make(self) -> None:
        shutil.copy(PROJECT / "deploy/endpoints.postgres.yml", self.folder / "endpoints.yml")
        credentials = (PROJECT / "credentials.yml").read_text(encoding="utf-8")
        (self.folder / "credentials.yml").write_text(self.credentials(credentials), "utf-8")
        models = (PROJECT / "models").glob("*.tar.gz")
        newest = max(models, key=lambda path: path.stat().st_mtime, default=None)
        assert newest, "there is no model to test; run `make train`"
        (self.folder / "models").mkdir()
        for file in (newest, hash_file(newest)):
            (self.folder / "models" / file.name).symlink_to(file)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [sys.executable, "-c", LAUNCH, str(self.folder)]

    def settings(self) -> dict[str, Any]:
        own = {"PORT": str(self.port), "HOST": "127.0.0.1", "PYTHONWARNINGS": "ignore"}
        own["MALLOC_ARENA_MAX"] = "2"
        return {"env": {**os.environ, **own, **self.environment}, "cwd": PROJECT}

    def is_ready(self) -> bool:
        return self.health() == 200

    def listens(self) -> bool:
        return self.health() != 0

    def health(self) -> int:
        """The status of /health; 0 where nobody answers."""
        try:
            return httpx.get(f"{self.url}/health", timeout=4).status_code
        except httpx.TransportError:
            return 0


@dataclass
class Nginx(Server):
    """The configuration of deploy/nginx before `replicas`."""

    replicas: list[Replica] = field(default_factory=list)

    name = "nginx"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def make(self) -> None:
        template = (PROJECT / "deploy/nginx/guide.conf.template").read_text(encoding="utf-8")
        servers = (
            f"server 127.0.0.1:{it.port} max_fails=3 fail_timeout=5s;" for it in self.replicas
        )
        values = {"GUIDE_SERVERS": "\n".join(servers), "GUIDE_LISTEN": f"127.0.0.1:{self.port}"}
        guide = re.sub(r"\$\{([A-Z_]+)\}", lambda match: values[match[1]], template)
        temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"{it}_temp_path {self.folder}/{it};\n" for it in temporary)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 1; pid {self.folder}/pid;\n"
            f"error_log stderr warn; events {{}}\n"
            f"http {{ access_log off; {paths}\n{guide}\n}}\n",
            encoding="utf-8",
        )

    def command(self) -> list[str]:
        return [
            f"{program('nginx')}",
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
        ]

    def is_ready(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
