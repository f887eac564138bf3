"""`manage.py up` says in one line why it cannot start."""

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def up(folder, **given):
    environment = {**os.environ, "DATABASE_URL": "", "REDIS_URL": "", "BAOGONG_VAR": str(folder), **given}
    command = [sys.executable, "manage.py", "up"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_says_that_the_port_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = up(tmp_path, PORT=str(taken.getsockname()[1]))
    assert ended.returncode != 0
    assert "已被占用" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_says_that_this_folder_is_served_already(tmp_path):
    with (tmp_path / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = up(tmp_path)
    assert ended.returncode != 0
    assert "已有一套服务在运行" in ended.stderr


@pytest.mark.slow
def test_says_that_the_database_is_away(tmp_path):
    ended = up(tmp_path, DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing", PORT="18761")
    assert ended.returncode != 0
    assert "连不上数据库" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_says_that_the_address_is_not_of_this_machine(tmp_path):
    ended = up(tmp_path, HOST="198.51.100.7", PORT="18762", MODE="local")
    assert ended.returncode != 0
    assert "HOST=198.51.100.7" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
def test_refuses_an_unsafe_production_before_it_touches_the_database(tmp_path):
    ended = up(tmp_path, MODE="production", SECRET_KEY="", PORT="18763")
    assert ended.returncode != 0
    assert "E002 SECRET_KEY" in ended.stderr
    assert "更新数据库" not in ended.stdout
