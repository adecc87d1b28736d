"""ops/redis on a bare machine: for this machine only, with passwords; it saves and stops whoever starts it, from any folder."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import pytest
import redis as redis_py

from harness import ROOT, free_port, wait_until
from redis_users import make_users, write_settings

PASSWORDS = {"fantail-node": "one-password", "fantail-worker": "another", "operator": "a third"}
NOBODY = 65534


class Settled:
    """A redis-server with ops/redis' configuration, except port and folder; started from `/`, by nobody where the test is root."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        settings = write_settings(folder, PASSWORDS)
        self.log_path = folder / "log"
        user = {}
        if os.getuid() == 0:
            user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            shutil.chown(folder, NOBODY, NOBODY)
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["redis-server", settings, "--port", str(self.port)], cwd="/", stdout=log, stderr=log, **user)
        self.client = redis_py.Redis(port=self.port, username="operator", password=PASSWORDS["operator"], socket_timeout=10)
        wait_until(self.answers, "Redis answers")

    @property
    def log(self):
        return self.log_path.read_text()

    def answers(self):
        assert self.process.poll() is None, self.log
        try:
            return self.client.ping()
        except redis_py.ConnectionError:
            return False

    def value(self, name):
        return self.client.config_get(name)[name]


@pytest.fixture
def settled():
    # Not below pytest's own folder, which only the tests' user may enter.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        server = Settled(pathlib.Path(folder, "redis"))
        yield server
        server.process.kill()
        server.process.wait()


def test_only_this_machine_reaches_it(settled):
    assert settled.value("bind") == "127.0.0.1 -::1" and settled.value("protected-mode") == "yes"
    for login in ({}, {"username": "default", "password": "x"}, {"username": "operator", "password": "#password-of-operator"}):
        with pytest.raises(redis_py.AuthenticationError):
            redis_py.Redis(port=settled.port, **login).ping()


def test_it_is_stopped_and_has_saved(settled):
    settled.client.set("kept", "1")
    settled.process.send_signal(signal.SIGTERM)
    assert settled.process.wait(10) == 0, settled.log
    assert (settled.folder / "dump.rdb").stat().st_size > 50


def test_it_is_stopped_though_it_cannot_save(settled):
    settled.client.set("kept", "1")
    # Like a disk that is full, also for root: there is no folder to write into any more.
    for path in settled.folder.iterdir():
        path.unlink()
    settled.folder.rmdir()
    settled.process.send_signal(signal.SIGTERM)
    assert settled.process.wait(10) == 0


def test_it_does_not_start_where_it_may_not_write(tmp_path):
    """Otherwise Redis would write into the folder from which somebody started it."""
    settings = write_settings(tmp_path, PASSWORDS)
    settings.write_text(settings.read_text().replace(f"dir {tmp_path}", f"dir {tmp_path}/nowhere"))
    done = subprocess.run(["redis-server", settings, "--port", str(free_port())], capture_output=True, text=True, timeout=20, cwd="/")
    assert done.returncode == 1 and f"dir {tmp_path}/nowhere" in done.stderr, done


def test_it_does_not_start_with_users_that_have_no_password(tmp_path):
    settings = write_settings(tmp_path, PASSWORDS)
    shutil.copy(ROOT / "ops/redis/users.acl", tmp_path)
    done = subprocess.run(["redis-server", settings, "--port", str(free_port())], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "password hash" in done.stdout, done


def test_passwords_are_made_where_none_are_given():
    first, said = make_users({"fantail-worker": "given/&\\|"})
    made = dict(line.split() for line in said.splitlines())
    assert set(made) == {"fantail-node", "operator"} and all(len(password) == 32 for password in made.values())
    assert "given" not in first + said and not any(password in first for password in made.values())
    second, again = make_users({})
    assert not set(made.values()) & {line.split()[1] for line in again.splitlines()}
    assert len(first.splitlines()) == len(second.splitlines()) == len((ROOT / "ops/redis/users.acl").read_text().splitlines())
