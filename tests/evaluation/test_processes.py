"""What processes use, read from /proc."""

import os
import subprocess
import sys

from evaluation import processes


def test_family_holds_the_children():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert {os.getpid(), child.pid} <= set(processes.family(os.getpid()))
        assert processes.resident_megabytes(os.getpid()) > processes.resident_megabytes(child.pid)
    finally:
        child.communicate(b"\n")


def test_processor_time_grows_with_work():
    before, own = processes.cpu_seconds(os.getpid()), os.times().user
    while os.times().user - own < 0.1:
        sum(range(10_000))
    assert processes.cpu_seconds(os.getpid()) - before >= 0.05


def test_process_that_has_ended_uses_nothing():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert processes.cpu_seconds(ended.pid) == processes.resident_megabytes(ended.pid) == 0
