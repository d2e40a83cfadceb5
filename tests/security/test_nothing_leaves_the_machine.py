"""The guide starts, answers and stops without asking for any address outside, names included."""

import re
import shutil
import signal
import subprocess
import sys
import uuid

import httpx

# As strace writes it: {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("1.1.1.1")}
INTERNET = re.compile(
    r"(connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_INET6?, .*?"
    r'(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")'
)
OWN = ("127.", "::1", "::ffff:127.", "0.0.0.0")
SAID = (
    "hello",
    "what is leaky gut",
    "I can't breathe",
    "my cat",
    "/ask_privacy",
    "/delete_my_data",
)

# Starts the guide where there is no network but the machine's own, and talks to it there.
ALONE = """
import subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""


def talk(target):
    for message in SAID:
        body = {"sender": str(uuid.uuid4()), "message": message}
        answer = httpx.post(f"{target.url}/webhooks/rest/webhook", json=body, timeout=30)
        assert answer.json()[0]["text"]
    for path in ("", "chat", "faq", "health", "widget/gut-skin-chat.js"):
        assert httpx.get(f"{target.url}/{path}", timeout=30).status_code == 200


def addresses(trace):
    """Every internet address that a traced process has sent something to."""
    found = [INTERNET.search(line) for line in trace.splitlines()]
    return {match[2] or match[3] for match in found if match}


def test_guide_sends_nothing_to_any_address_but_its_own(new_target, missing, monkeypatch):
    if shutil.which("strace") is None:
        missing("strace is missing; `apt-get install strace` brings it")
    trace = new_target.folder / "trace"
    watched = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg"]
    popen = subprocess.Popen

    def under_watch(command, **options):
        return popen([*watched, "-o", str(trace), *command], **options)

    monkeypatch.setattr(subprocess, "Popen", under_watch)
    new_target.start()
    monkeypatch.undo()
    talk(new_target)
    guide = subprocess.run(
        ["pgrep", "-P", str(new_target.process.pid)], capture_output=True, text=True, check=True
    )
    subprocess.run(["kill", f"-{signal.SIGINT.value}", *guide.stdout.split()], check=True)
    new_target.process.wait(30)
    seen = trace.read_text(errors="replace")
    assert "127.0.0.1" in addresses(seen) or "sa_family" in seen, "nothing was watched"
    outside = {one for one in addresses(seen) if not one.startswith(OWN)}
    assert outside == set()


def test_watching_would_see_a_question_for_a_name_and_a_connection(tmp_path, missing):
    """The measure itself."""
    if shutil.which("strace") is None:
        missing("strace is missing; `apt-get install strace` brings it")
    trace = tmp_path / "trace"
    code = (
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.sendto(b'x', ('192.0.2.7', 53))\n"
        "t = socket.socket(); t.settimeout(0.1)\n"
        "t.connect_ex(('192.0.2.8', 443))\n"
    )
    command = ["strace", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(trace)]
    subprocess.run([*command, sys.executable, "-c", code], check=False, capture_output=True)
    assert {"192.0.2.7", "192.0.2.8"} <= addresses(trace.read_text(errors="replace"))


def test_guide_starts_and_answers_without_any_network(new_target, missing):
    unshare = ["unshare", "--net"]
    works = shutil.which("unshare") and shutil.which("nsenter") and shutil.which("ip")
    if not works or subprocess.run([*unshare, "true"], capture_output=True).returncode:
        missing("a process without network needs root, unshare, nsenter and ip")
    launch = [*unshare, sys.executable, "-c", ALONE, sys.executable]
    script = new_target.folder / "talk.py"
    script.write_text(TALK, encoding="utf-8")
    environment = {"PORT": str(new_target.port), "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [*launch, str(script), str(new_target.folder)],
        env={**environment, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    assert "Call" in done.stdout and "000" in done.stdout


TALK = """
import json, os, subprocess, sys, time, urllib.request
folder, port = sys.argv[1], os.environ["PORT"]
code = (
    "import sys, pathlib, runtime.launcher as launcher;"
    "launcher.PROJECT = pathlib.Path(sys.argv[1]); launcher.main()"
)
guide = subprocess.Popen([sys.executable, "-c", code, folder], stdout=subprocess.DEVNULL)
url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
body = json.dumps({"sender": "a", "message": "I can't breathe"}).encode()
try:
    for _ in range(240):
        time.sleep(0.5)
        assert guide.poll() is None, "the guide ended"
        try:
            print(urllib.request.urlopen(url, body, timeout=20).read().decode())
            break
        except OSError:
            continue
finally:
    guide.terminate()
    guide.wait(20)
"""
