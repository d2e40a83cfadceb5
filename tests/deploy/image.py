"""Carries out a Dockerfile without a container engine.

Each stage is an overlay over this machine's own root, which stands in for the base image: it has
the same Python, and more than the real one besides. The steps are run as they are written, in a
mount namespace of their own. It needs root, and a machine that allows overlays.
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DEPLOY = PROJECT / "deploy"
BUILD_SECONDS = 1200
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Step:
    """One instruction: COPY and its arguments."""

    word: str
    rest: str


@dataclass
class Stage:
    """What one FROM begins."""

    name: str
    steps: list[Step] = field(default_factory=list)

    def last(self, word: str, otherwise: str = "") -> str:
        """The arguments of the last instruction of that kind."""
        return next((s.rest for s in reversed(self.steps) if s.word == word), otherwise)


def stages_of(dockerfile: Path) -> list[Stage]:
    """The stages of a Dockerfile; its comments and line ends are gone."""
    lines = dockerfile.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    stages: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if not line.strip():
            continue
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            stages.append(Stage(rest.partition(" AS ")[2] or str(len(stages))))
        else:
            stages[-1].steps.append(Step(word, rest))
    return stages


def context_files(project: Path = PROJECT) -> list[Path]:
    """What .dockerignore lets into the image, of what is in the project now; relative paths."""
    rules = (project / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    skipped = {".git", ".venv", ".uv", "node_modules"}
    found = []
    for folder, names, files in os.walk(project):
        names[:] = [name for name in names if name not in skipped]
        found += [(Path(folder) / file).relative_to(project) for file in files]
    return sorted(path for path in found if _is_let_in(path, rules))


def _is_let_in(path: Path, rules: list[str]) -> bool:
    let_in = True
    for rule in rules:
        pattern = rule.removeprefix("!").removeprefix("**/")
        tails = path.parts if rule.removeprefix("!").startswith("**/") else ()
        heads = [str(path), *(str(parent) for parent in path.parents if str(parent) != ".")]
        if any(fnmatch.fnmatch(name, pattern) for name in (*heads, *tails)):
            let_in = rule.startswith("!")
    return let_in


class Image:
    """The last stage of a Dockerfile, built in `folder`."""

    def __init__(
        self, dockerfile: Path, folder: Path, added: dict[str, Path], left_out: str
    ) -> None:
        """`added`: files to copy beside what .dockerignore lets in, by their names there;
        `left_out`: RUN lines with this word are not carried out.
        """
        folder.chmod(0o755)
        self.folder = folder
        self.added = added
        self.left_out = left_out
        self.stages = stages_of(dockerfile)
        self.variables: dict[str, str] = {}

    @property
    def root(self) -> Path:
        """Where the last stage's own files lie; what it has changed of the base and no more."""
        return self._upper(self.stages[-1])

    def build(self) -> None:
        """Carry out every stage; raises AssertionError with what a step has printed."""
        context = self.folder / "context"
        for path in context_files():
            (context / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / path, context / path)
        for name, file in self.added.items():
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, context / name)
        for stage in self.stages:
            self._build(stage)

    def run(self, command: list[str], data: Path, **variables: str) -> "subprocess.Popen[bytes]":
        """Start `command` as `docker run --read-only --tmpfs /tmp --cap-drop ALL` would."""
        user, _, group = self.stages[-1].last("USER").partition(":")
        inside = shlex.join(command)
        workdir = self.stages[-1].last("WORKDIR", "/")
        locked = (
            f"setpriv --reuid {user} --regid {group} --clear-groups --no-new-privs "
            f"--bounding-set=-all --inh-caps=-all --ambient-caps=-all"
        )
        script = f"""
            {self._mounts(self.stages[-1])}
            mount --bind {data} $R/data
            mount -o remount,bind,ro $R
            exec chroot $R {locked} bash -c {shlex.quote(f"cd {workdir} && exec {inside}")}
        """
        environment = {"PATH": self._path(), **self.variables, **variables}
        log = (self.folder / "run.log").open("ab")
        return subprocess.Popen(_alone(script), env=environment, stdout=log, stderr=log)

    def command(self, word: str) -> list[str]:
        """CMD or HEALTHCHECK of the last stage, as a list."""
        return list(json.loads(re.sub(r"^.*?\[", "[", self.stages[-1].last(word))))

    def _build(self, stage: Stage) -> None:
        self.variables, workdir = {}, "/"
        for step in stage.steps:
            if step.word == "WORKDIR":
                workdir = step.rest
                self._do(stage, f"mkdir -p $R{workdir}")
            elif step.word == "COPY":
                self._do(stage, self._copying(step.rest, workdir))
            elif step.word == "ENV":
                pairs = (pair.partition("=") for pair in step.rest.split())
                for name, _, value in pairs:
                    self.variables[name] = value.replace("$PATH", self._path())
            elif step.word == "RUN" and self.left_out not in step.rest:
                line = f"cd {workdir} && {step.rest}"
                self._do(stage, f"chroot $R bash -euo pipefail -c {shlex.quote(line)}")

    def _copying(self, arguments: str, workdir: str) -> str:
        *sources, target = arguments.split()
        place = target if target.startswith("/") else f"{workdir}/{target}"
        origin = self.folder / "context"
        if sources[0].startswith("--from="):
            name = sources.pop(0).removeprefix("--from=")
            origin = self._upper(next(stage for stage in self.stages if stage.name == name))
        lines = []
        for source in sources:
            path = origin / source.lstrip("/")
            contents = f"{path}/." if path.is_dir() else f"{path}"
            into = f"$R{place}"
            folder = into if path.is_dir() or place.endswith("/") else str(Path(into).parent)
            lines.append(f"mkdir -p {folder}; cp -a --no-preserve=ownership {contents} {into}")
        return "\n".join(lines)

    def _do(self, stage: Stage, script: str) -> None:
        # Without a compiler and what it made before: the real base image has neither.
        bare = {"CC": "false", "CXX": "false", "UV_NO_CACHE": "1"}
        environment = {**os.environ, **self.variables, **bare}
        environment["PATH"] = self.variables.get("PATH", self._path())
        done = subprocess.run(
            _alone(f"{self._mounts(stage)}\n{script}"),
            env=environment,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"

    def _mounts(self, stage: Stage) -> str:
        """Shell lines that put the stage together at $R, with this project out of sight."""
        upper, work = self._upper(stage), self.folder / f"work-{stage.name}"
        root = self.folder / f"root-{stage.name}"
        for folder in (upper, work, root):
            folder.mkdir(exist_ok=True)
        return f"""
            R={root}
            mount -t overlay overlay -o lowerdir=/,upperdir={upper},workdir={work} $R
            chmod o+x $R/root
            mount -t proc proc $R/proc
            mount --rbind /dev $R/dev
            mkdir -p $R{PROJECT}
            mount -t tmpfs tmpfs $R{PROJECT}
            mount -t tmpfs -o mode=1777 tmpfs $R/tmp
        """

    def _upper(self, stage: Stage) -> Path:
        return self.folder / f"upper-{stage.name}"

    def _path(self) -> str:
        return f"{sys.base_prefix}/bin:{SYSTEM_PATH}"


def _alone(script: str) -> list[str]:
    """`script` in a mount namespace of its own, so that its mounts end with it."""
    return ["unshare", "--mount", "--propagation", "private", "bash", "-euc", script]


def why_not_here(folder: Path) -> str | None:
    """Why an image cannot be built on this machine; None where it can."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return "building an image needs root, unshare and setpriv"
    for name in ("upper", "work", "root"):
        (folder / name).mkdir()
    options = f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work"
    script = f"mount -t overlay overlay -o {options} {folder}/root"
    tried = subprocess.run(_alone(script), capture_output=True, check=False)
    return "this machine allows no overlay mounts" if tried.returncode else None
