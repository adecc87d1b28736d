"""ops/redis as an operator installs it: the configuration with other folders, the users with passwords."""

import subprocess

from harness import ROOT, clean_environment

VARIABLES = {
    "fantail-node": "FANTAIL_REDIS_NODE_PASSWORD", "fantail-worker": "FANTAIL_REDIS_WORKER_PASSWORD",
    "operator": "FANTAIL_REDIS_OPERATOR_PASSWORD"}


def make_users(passwords):
    """Returns the file, and the messages about it."""
    given = {VARIABLES[user]: password for user, password in passwords.items()}
    done = subprocess.run(
        [ROOT / "ops/redis/make-users"], capture_output=True, text=True, check=True, timeout=20, env=clean_environment(given))
    return done.stdout, done.stderr


def write_users(folder, passwords):
    """The path of the file."""
    path = folder / "users.acl"
    path.write_text(make_users(passwords)[0])
    return path


def write_settings(folder, passwords):
    """The path of the configuration with these folders, otherwise unchanged."""
    text = (ROOT / "ops/redis/redis.conf").read_text()
    changes = {"dir /var/lib/redis": f"dir {folder}", "aclfile /etc/redis/users.acl": f"aclfile {write_users(folder, passwords)}"}
    for old, new in changes.items():
        assert f"\n{old}\n" in text, f"redis.conf has no {old}"
        text = text.replace(old, new)
    path = folder / "redis.conf"
    path.write_text(text)
    return path
