"""The supervisor starts dead processes again within five seconds, and takes all of them along when it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys, os
from coordination.management.supervisor import Supervisor
child = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"
deaf = "import os, time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('pid', os.getpid(), flush=True); time.sleep(600)"
import coordination.management.supervisor as module
module.PATIENCE = 1.0
commands = {"web": [sys.executable, "-c", child], "deaf": [sys.executable, "-c", deaf]}
Supervisor(commands, write=lambda line: print(line, flush=True)).run(once_up=lambda: True)
print("ended", flush=True)
"""


@pytest.fixture
def supervisor():
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()
    process.stdout.close()


def pids(process, names):
    """The processes that said their number, by name; reads until all of `names` have."""
    found = {}
    while set(names) - set(found):
        line = process.stdout.readline()
        name, _, said = line.partition(" | ")
        if said.startswith("pid "):
            found[name.strip()] = int(said.split()[1])
    return found


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def gone(pid, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not is_alive(pid):
            return True
        time.sleep(0.05)
    return False


def test_a_killed_process_is_back_within_five_seconds_again_and_again(supervisor):
    web = pids(supervisor, ["web", "deaf"])["web"]
    for _ in range(3):
        os.kill(web, signal.SIGKILL)
        began = time.monotonic()
        again = pids(supervisor, ["web"])["web"]
        assert again != web
        assert time.monotonic() - began < 5
        web = again


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_all_processes_even_deaf_ones(supervisor, number):
    found = pids(supervisor, ["web", "deaf"])
    supervisor.send_signal(number)
    assert supervisor.wait(10) == 0
    assert not any(is_alive(pid) for pid in found.values())
    assert "ended" in supervisor.stdout.read()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows what a process holds back")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_ends_when_the_signal_reaches_make_alone(tmp_path, number):
    program = PROGRAM.replace("once_up=lambda: True", "once_up=lambda: True, is_over=module.signals_of_parent")
    (tmp_path / "program.py").write_text(program)
    (tmp_path / "Makefile").write_text(f"up:\n\t@cd {ROOT} && exec {sys.executable} {tmp_path}/program.py\n")
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    make = subprocess.Popen(
        ["make", "-C", tmp_path],
        stdout=subprocess.PIPE,
        text=True,
        env=given,
        start_new_session=True,
        # whoever runs tests in the background has these signals ignored, and make would inherit that
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    try:
        found = pids(make, ["web", "deaf"])
        make.send_signal(number)
        said, _ = make.communicate(timeout=30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(make.pid, signal.SIGKILL)
    assert "ended" in said
    assert not any(is_alive(pid) for pid in found.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
def test_its_processes_go_with_it_when_it_is_killed(supervisor):
    web = pids(supervisor, ["web", "deaf"])["web"]
    supervisor.kill()
    supervisor.wait()
    assert gone(web, 3)
