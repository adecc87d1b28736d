"""`fantail check`: the settings in force, secrets masked, and the tests of Redis."""

import os
import re
import socketserver
import subprocess
import threading

import pytest

from harness import binary, clean_environment, fantail, free_port, wait_until

SECRETS = {
    "FANTAIL_JWT_SECRET": "secret-one-of-32-bytes-or-longer!", "FANTAIL_API_KEY": "secret-two",
    "FANTAIL_WS_AUTH_TOKEN": "secret-three",
}


def check(*arguments, env=None, **how):
    if "--port" not in arguments:
        arguments = ("--port", str(free_port()), *arguments)
    done = fantail("check", *arguments, env=SECRETS | (env or {}), **how)
    assert "secret-" not in (done.stdout + done.stderr).replace("--jwt-secret-file", ""), "a secret is shown"
    assert len(done.stderr.splitlines()) == (0 if done.returncode == 0 else 1), done.stderr
    return done


def shown(done):
    """The table: setting, value, and the value's source."""
    return {name: (value, source) for name, value, source in re.findall(r"^(--\S+) {2,}(.*?) {2,}(\S.*)$", done.stdout, re.M)}


@pytest.fixture(scope="module")
def guarded(redis):
    """A user that may do anything, one that may not publish, both with a password."""
    redis.client.execute_command("ACL", "SETUSER", "full", "on", ">secret-pass", "~*", "&*", "+@all")
    redis.client.execute_command("ACL", "SETUSER", "mute", "on", ">secret-pass", "~*", "&*", "+@all", "-publish")
    return redis


ONE_REDIS = pytest.mark.not_on(
    "cluster", "sentinel", why="what is said of one Redis; test_cluster.py has what is said of masters, test_sentinel.py of Sentinels")


@ONE_REDIS
def test_what_would_start_exits_0(redis):
    done = check("--redis", redis.url, "--port", "8123", env={"FANTAIL_NODE_ID": "checked", "PORT": "7000"})
    assert done.returncode == 0, done
    table = shown(done)
    assert table["--port"] == ("8123", "--port")
    assert table["--node-id"] == ("checked", "FANTAIL_NODE_ID")
    assert table["--history"] == ("64", "default")
    assert table["--jwt-secret"] == ("***", "FANTAIL_JWT_SECRET") and table["--api-key"] == ("***", "FANTAIL_API_KEY")
    assert table["--redis"][0] == redis.url
    assert re.search(r"Redis: 7\.\S+ at rediss?://(127\.0\.0\.1|localhost):\d+, answers in [\d.]+ ms", done.stdout)


def test_every_setting_of_serve_is_shown(redis):
    flags = set(re.findall(r"^ +(--[a-z-]+)", fantail("serve", "--help").stdout, re.M))
    assert len(flags) > 30 and set(shown(check("--redis", redis.url))) == flags


def test_a_setting_given_several_times_is_shown_whole(redis):
    done = check("--redis", redis.url, "--trust-proxy", "fd00::/8", env={"FANTAIL_TRUST_PROXY": "10.0.0.0/8"})
    assert shown(done)["--trust-proxy"] == ("10.0.0.0/8 fd00::/8", "FANTAIL_TRUST_PROXY, --trust-proxy")


def test_the_workers_function_is_looked_for(redis, launch):
    redis.client.execute_command("FUNCTION", "FLUSH")
    assert "not there yet" in check("--redis", redis.url).stdout
    launch()
    wait_until(lambda: "is there" in check("--redis", redis.url).stdout, "the node has loaded it")


def test_passwords_of_redis_are_masked(guarded):
    url = f"redis://full:secret-pass@127.0.0.1:{guarded.port}/0"
    for done in (check("--redis", url), check(env={"REDIS_URL": url})):
        assert done.returncode == 0 and shown(done)["--redis"][0] == f"redis://full:***@127.0.0.1:{guarded.port}"


FILES = {
    "--redis-file": "FANTAIL_REDIS_URL_FILE", "--jwt-secret-file": "FANTAIL_JWT_SECRET_FILE",
    "--api-key-file": "FANTAIL_API_KEY_FILE", "--ws-auth-token-file": "FANTAIL_WS_AUTH_TOKEN_FILE",
}


def held(folder, redis):
    """A file with each secret, as an editor leaves it, by its flag."""
    texts = ["redis://full:secret-pass@127.0.0.1:%d" % redis.port, SECRETS["FANTAIL_JWT_SECRET"], "secret-two", "secret-three"]
    paths = {flag: folder / f"held{number}" for number, flag in enumerate(FILES)}
    for path, text in zip(paths.values(), texts, strict=True):
        path.write_text(text + "\n")
    return {flag: str(path) for flag, path in paths.items()}


@pytest.mark.parametrize("way", ["flags", "variables"])
def test_secrets_may_be_in_files(guarded, tmp_path, way):
    paths = held(tmp_path, guarded)
    arguments = [word for pair in paths.items() for word in pair] if way == "flags" else []
    env = {FILES[flag]: path for flag, path in paths.items()} if way == "variables" else {}
    done = fantail("check", "--port", str(free_port()), *arguments, env=env)
    assert done.returncode == 0 and "secret-" not in done.stdout.replace("--jwt-secret-file", ""), done
    table = shown(done)
    for flag, path in paths.items():
        source = flag if way == "flags" else FILES[flag]
        assert table[flag] == (path, source) and table[flag.removesuffix("-file")][1] == source
    assert table["--jwt-secret"][0] == "***" and table["--redis"][0].startswith("redis://full:***@")


def test_the_documents_own_names_have_files_too(guarded, tmp_path):
    paths = held(tmp_path, guarded)
    done = check(env={"WS_AUTH_TOKEN_FILE": paths["--ws-auth-token-file"], "FANTAIL_WS_AUTH_TOKEN": "",
                      "REDIS_URL_FILE": paths["--redis-file"]})
    assert done.returncode == 0 and shown(done)["--ws-auth-token"] == ("***", "WS_AUTH_TOKEN_FILE"), done


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_secret_and_a_file_of_it_exit_2(redis, tmp_path, command):
    path = tmp_path / "held"
    path.write_text("x" * 32)
    done = fantail(command, "--redis", redis.url, env=SECRETS | {"FANTAIL_JWT_SECRET_FILE": str(path)})
    assert done.returncode == 2 and "FANTAIL_JWT_SECRET and FANTAIL_JWT_SECRET_FILE are both set" in done.stderr, done
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_file_that_cannot_be_read_is_named(redis, command):
    done = fantail(command, "--redis", redis.url, env={"FANTAIL_JWT_SECRET_FILE": "/run/secrets/nothing"})
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done
    assert "FANTAIL_JWT_SECRET_FILE: cannot read /run/secrets/nothing: No such file or directory" in done.stderr


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_short_secret_is_for_development_only(redis, command):
    done = fantail(command, "--redis", redis.url, "--jwt-secret", "x" * 31)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done
    assert "--jwt-secret has 31 bytes" in done.stderr and "32" in done.stderr
    assert check("--redis", redis.url, "--dev", "--jwt-secret", "x").returncode == 0


@pytest.mark.parametrize("command", ["check", "serve"])
@pytest.mark.parametrize("name", ["FANTAIL_PORT", "FANTAIL_INTERNAL_PORT"])
def test_a_service_link_is_called_by_its_name(redis, command, name):
    done = fantail(command, "--redis", redis.url, env=SECRETS | {name: "tcp://10.0.0.1:8000"})
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done
    assert name in done.stderr and "tcp://10.0.0.1:8000" in done.stderr and "enableServiceLinks: false" in done.stderr


def test_a_service_link_is_nothing_where_a_flag_says_the_port(redis):
    done = check("--redis", redis.url, env={"FANTAIL_PORT": "tcp://10.0.0.1:8000"})  # with --port
    assert done.returncode == 0, done


@pytest.mark.parametrize("login", ["full:secret-wrong", "nobody:secret-pass", "mute:secret-pass"])
def test_a_redis_that_does_not_let_it_do_its_work_exits_1(guarded, login):
    done = check("--redis", f"redis://{login}@127.0.0.1:{guarded.port}")
    assert done.returncode == 1 and str(guarded.port) in done.stderr


def test_a_redis_that_does_not_answer_exits_1():
    done = check("--redis", f"redis://127.0.0.1:{(port := free_port())}")
    assert done.returncode == 1 and str(port) in done.stderr


class Old(socketserver.StreamRequestHandler):
    """Answers like a Redis of version 6.2."""

    def handle(self):
        while line := self.rfile.readline():
            words = []
            for _ in range(int(line[1:])):
                words.append(self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2].upper())
            info = b"redis_version:6.2.14\r\nrun_id:" + b"0" * 40 + b"\r\n"
            answers = {b"INFO": b"$%d\r\n%s\r\n" % (len(info), info), b"PING": b"+PONG\r\n", b"SCRIPT": b"$1\r\na\r\n"}
            try:
                self.wfile.write(answers.get(words[0], b"+OK\r\n"))
            except OSError:
                return


@pytest.fixture
def old_redis():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Old) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"redis://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_redis_older_than_7_exits_1(old_redis, command):
    done = fantail(command, "--redis", old_redis, env=SECRETS)
    assert done.returncode == 1 and "6.2.14" in done.stderr and "7" in done.stderr


def test_something_else_than_redis_exits_1(node):
    done = check("--redis", f"redis://127.0.0.1:{node.port}")
    assert done.returncode == 1 and str(node.port) in done.stderr


@pytest.mark.parametrize("flags", [[], ["--host", "127.0.0.1"], ["--dev"]])
def test_a_port_in_use_exits_1(redis, node, flags):
    done = check("--redis", redis.url, "--port", str(node.port), *flags)
    assert done.returncode == 1 and f"port {node.port} is in use" in done.stderr and "--port" in done.stderr, done
    done = check("--redis", redis.url, "--internal-port", str(node.port), *flags)
    assert done.returncode == 1 and f"port {node.port} is in use" in done.stderr and "--internal-port" in done.stderr, done


@pytest.mark.parametrize("command", ["check", "serve"])
def test_an_address_of_another_machine_exits_1(redis, command):
    done = fantail(command, "--redis", redis.url, "--host", "192.0.2.1", "--port", str(free_port()), env=SECRETS)
    assert done.returncode == 1 and "192.0.2.1" in done.stderr and "--host" in done.stderr, done


def test_what_was_not_given_is_shown_as_it_is_in_force(redis):
    table = shown(check("--redis", redis.url))
    assert table["--loops"] == (str(os.cpu_count()), "default") and table["--host"] == ("::", "default")
    assert table["--log"] == ("json", "default") and table["--connections-per-user"] == ("100", "default")
    assert table["--node-id"][0].endswith("-PID") and len(table["--node-id"][0]) > 4
    table = shown(check("--redis", redis.url, "--dev"))
    assert table["--host"] == ("localhost", "default") and table["--connections-per-user"] == ("any number", "default")


@pytest.mark.parametrize("arguments, named", [
    (["--prot", "1"], "--prot"), (["--port", "x"], "--port"), (["--port"], "--port"), (["extra"], "extra"),
    (["--redis", "rediss://h:x"], "--redis"), (["--redis", "redis://u:secret-pass@h:x"], "--redis"),
    (["--port", "8000", "--internal-port", "8000"], "--internal-port"), (["--presence-lease", "1s"], "--presence-lease"),
    (["--dev", "--host", "0.0.0.0"], "--host"), (["--jwt-public-key", "/nowhere.pem"], "--jwt-public-key"),
    (["--jwt-public-key", "-----BEGIN PUBLIC KEY-----\nnone\n-----END PUBLIC KEY-----"], "public key in PEM"),
    (["--allow-origin", "https://app.example foo"], "'foo'"), (["--drop-for-tests", "1"], "--drop-for-tests"), (["--ws-auth-token", "demo-token"], "demo-token"),
])
def test_bad_usage_exits_2_with_one_line(arguments, named):
    done = check(*arguments)
    assert done.returncode == 2 and named in done.stderr, done


def test_no_key_at_all_exits_2(redis):
    done = fantail("check", "--redis", redis.url)
    assert done.returncode == 2 and "--jwt-secret" in done.stderr


@pytest.mark.parametrize("flags, code", [(["--dev"], 0), ([], 2)])
def test_without_any_redis(flags, code):
    """In a separate network namespace, without any listener."""
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$0" "$@"', binary(), "check", *flags],
        capture_output=True, text=True, timeout=20, env=clean_environment(SECRETS))
    assert done.returncode == code, done
    assert ("would start one" in done.stdout) if code == 0 else ("--redis" in done.stderr)


def test_help():
    done = fantail("check", "--help")
    assert done.returncode == 0 and "usage: fantail check" in done.stdout and "Exit code" in done.stdout


def test_a_redis_that_would_throw_states_away_is_named(redis, launch):
    redis.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        done = check("--redis", redis.url)
        assert done.returncode == 0 and "allkeys-lru" in done.stdout and "noeviction" in done.stdout
        node = launch()
        wait_until(lambda: "maxmemory-policy allkeys-lru" in node.log, "the log names it")
        assert node.log.count("maxmemory-policy allkeys-lru") == 1
    finally:
        redis.client.config_set("maxmemory-policy", "noeviction")
    assert "noeviction" not in check("--redis", redis.url).stdout


@ONE_REDIS
def test_other_databases_of_the_same_redis_hear_the_same_channels(redis):
    for flags, said in (([redis.url + "/1"], True), ([redis.url + "/1", "--channel-prefix", "app:"], False), ([redis.url], False)):
        done = check("--redis", *flags)
        assert done.returncode == 0 and ("--channel-prefix and --key-prefix" in done.stdout) is said, (flags, done.stdout)


@ONE_REDIS
def test_a_replica_exits_1(redis):
    redis.client.replicaof("127.0.0.1", free_port())
    try:
        done = check("--redis", redis.url)
        assert done.returncode == 1 and "replica" in done.stderr
        assert fantail("online", "--redis", redis.url).returncode == 0  # which only reads
    finally:
        redis.client.replicaof("NO", "ONE")
