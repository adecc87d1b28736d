"""A node, and the command, with their secrets in files, as orchestrators provide them."""

import json

from clients import Client
from harness import API_KEY, fantail
from tokens import jwt

SECRET = "a-secret-from-a-file-of-32-bytes-or-more"


def test_a_node_takes_what_is_signed_and_sent_without_the_line_ends(launch, redis, viewers, tmp_path):
    for name, text in {"jwt": SECRET + "\n", "fixed": "fixed-from-a-file\r\n", "redis": redis.url + "\n"}.items():
        (tmp_path / name).write_bytes(text.encode())
    node = launch(dev=False, secret=False, env={
        "FANTAIL_JWT_SECRET_FILE": str(tmp_path / "jwt")})
    assert node.request("GET", "/api/v1/online", token=jwt("a", secret=SECRET)).status == 200
    assert node.request("GET", "/api/v1/online", token=jwt("a")).status == 401
    assert SECRET not in node.log
    # The command reads the same variables.
    env = {"FANTAIL_JWT_SECRET_FILE": str(tmp_path / "jwt"), "FANTAIL_REDIS_URL_FILE": str(tmp_path / "redis")}
    made = fantail("token", "--user", "bob", env=env)
    viewers(Client(node, f"/ws?token={made.stdout.strip()}")).receive_type("connection_established")
    done = fantail("publish", "from-a-file", '{"progress":1}', env=env)
    assert done.returncode == 0 and "sequence=1" in done.stdout, done


def test_a_variable_may_end_with_the_line_end_of_the_file_it_was_made_of(launch):
    node = launch(dev=False, secret=False, env={"FANTAIL_JWT_SECRET": SECRET + "\n"})
    assert node.request("GET", "/api/v1/online", token=jwt("a", secret=SECRET)).status == 200


def test_a_viewer_reads_its_token_or_key_from_a_file(node, redis, task, tmp_path):
    redis.fcall(task, {"type": "completed"})
    (tmp_path / "token").write_text(jwt("a") + "\n")
    (tmp_path / "key").write_text(API_KEY + "\n")
    for flag, name in (("--token-file", "token"), ("--api-key-file", "key")):
        done = fantail("watch", task, "--json", "--url", f"http://127.0.0.1:{node.port}", flag, str(tmp_path / name))
        assert done.returncode == 0 and json.loads(done.stdout)["event"]["type"] == "completed", done
