"""`rediss://`: a node and the commands over TLS, and what they say where it is not as it should be."""

import json
import re
import shutil

import pytest

from certificates import Authority
from clients import Jobs
from harness import API_KEY, SECRET, fantail, free_port, wait_until
from redis_tls import Quitter, Slicer, Stunnel, TLSRedis, TLSServer, old_context, server_context
from tokens import jwt


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture(scope="module")
def identity(authority):
    return authority.issue("redis")


@pytest.fixture(scope="module")
def redis(tmp_path_factory, authority, identity):
    server = TLSRedis(tmp_path_factory.mktemp("redis"), identity, authority)
    yield server
    server.kill()


@pytest.fixture
def servers():
    """Servers that end with the test."""
    started = []
    yield lambda server: started.append(server) or server
    for server in started:
        server.kill()


@pytest.fixture
def secure(launch, authority):
    """Starts a node that believes the authority."""
    return lambda *flags, **options: launch("--redis-ca", authority.path, *flags, **options)


def command(name, server, *arguments, ca=None, **options):
    return fantail(name, *arguments, "--redis", server.url, *(["--redis-ca", ca] if ca else []), **options)


def check(server, *flags, ca=None, **options):
    return command("check", server, "--port", str(free_port()), "--jwt-secret", SECRET, *flags, ca=ca, **options)


def test_a_node_lives_on_a_redis_with_tls(redis, secure, viewers, task):
    nodes = [secure("--loops", "2"), secure()]
    clients = [viewers(Jobs(node)) for node in nodes]
    for client in clients:
        client.join(task)
    redis.wait_for_viewers(task, 2)
    worker = redis.by_tls()
    for number in range(1, 4):
        assert worker.fcall("fantail_publish", 1, f"task:{task}", json.dumps({"progress": number}))[1] == number
    assert nodes[0].post(task, {"type": "completed"}).json["sequence"] == 4
    for client in clients:
        assert [event["sequence"] for event in client.events(4)] == [1, 2, 3, 4]
    named = [line for line in redis.client.client_list() if line["name"].startswith("fantail-")]
    assert len(named) >= 6 and all(line["laddr"].endswith(f":{redis.tls_port}") for line in named), named


def test_the_commands_reach_it(redis, secure, authority, viewers, task):
    node = secure()
    done = command("publish", redis, task, '{"progress":1}', ca=authority.path)
    assert done.returncode == 0 and "sequence=1" in done.stdout, done
    viewer = viewers(Jobs(node))
    viewer.join(task)
    done = command("online", redis, ca=authority.path)
    assert done.returncode == 0 and done.stdout.strip() == "1", done
    done = fantail("run", task, "--redis", redis.url, "--redis-ca", authority.path, "--", "true")
    assert done.returncode == 0 and not done.stderr, done
    assert node.request("GET", f"/api/v1/tasks/{task}", token=jwt()).json["state"]["type"] == "completed"
    done = check(redis, ca=authority.path)
    assert done.returncode == 0 and f"at {redis.url}," in done.stdout, done


def test_environment_variables_do_as_well(redis, authority, task):
    env = {"FANTAIL_REDIS_URL": redis.url, "FANTAIL_REDIS_CA": authority.path}
    assert fantail("publish", task, "{}", env=env).returncode == 0


def test_the_systems_authorities_are_believed_where_none_is_named(redis, launch, authority, task):
    done = command("publish", redis, task, "{}")
    assert done.returncode == 1 and "is not trusted" in done.stderr, done
    # What OpenSSL takes for the system's.
    env = {"SSL_CERT_FILE": authority.path}
    assert command("publish", redis, task, "{}", env=env).returncode == 0
    launch(env=env)


def expect_refusal(node, *words):
    """The node is not ready, and its log says why; it lives. It tries again every 10 s."""
    wait_until(lambda: any(all(word in line for word in ("Redis refuses this node", *words)) for line in node.log.splitlines()),
               f"the log says {words}", 30)
    node.wait_until_unready("redis_refused", 30)
    assert node.health("/health/live").status == 200


BAD = {
    "authority": ("unable to get local issuer certificate", "localhost"),
    "name": ("hostname mismatch", "localhost"), "expired": ("certificate has expired", "localhost"),
}


@pytest.fixture(params=BAD)
def distrusted(request, tmp_path, authority, stranger, redis, servers):
    """A Redis whose certificate is wrong, and what is wrong with it."""
    issued = {
        "authority": lambda: stranger.issue("redis"), "name": lambda: authority.issue("other", hosts="DNS:redis.example"),
        "expired": lambda: authority.issue("old", days=-1),
    }[request.param]()
    return servers(TLSRedis(tmp_path, issued, authority)), BAD[request.param]


def test_a_certificate_that_is_wrong_is_named(distrusted, launch, authority, task):
    server, words = distrusted
    expect_refusal(launch("--redis-ca", authority.path, redis=server, unready="redis_refused"), *words)
    for name, arguments in (("publish", [task, "{}"]), ("online", [])):
        done = command(name, server, *arguments, ca=authority.path)
        assert done.returncode == 1 and all(word in done.stderr for word in words), done
    done = check(server, ca=authority.path)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and all(word in done.stderr for word in words), done
    done = fantail("run", task, "--redis", server.url, "--redis-ca", authority.path, "--", "true", timeout=60)
    assert done.returncode == 0 and words[0] in done.stderr, done
    assert server.client.client_list(_type="pubsub") == []


def expect_no_tls(server, launch, *words, ca=None, reason="redis_commands"):
    """Not ready, and the reason stands in the log, once for each connection of the loop, and is said by `check`."""
    node = launch(*(["--redis-ca", ca] if ca else []), "--loops", "1", redis=server, unready=reason)
    said = lambda: [line for line in node.log.splitlines() if "WARN" in line.upper() and all(word in line for word in words)]
    wait_until(lambda: len(said()) == 2, f"the log says {words}:\n{node.log}")
    done = check(server, ca=ca)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and all(word in done.stderr for word in words), done
    assert len(said()) == 2


def test_tls_1_1_is_refused(launch, servers, authority, identity):
    expect_no_tls(servers(TLSServer(old_context(identity))), launch, "no TLS with Redis", "version", ca=authority.path)


def test_an_end_in_the_middle_of_the_handshake_is_named(launch, servers, authority, identity):
    expect_no_tls(servers(Quitter(server_context(identity))), launch, "in the middle of the TLS handshake", ca=authority.path)


def test_a_redis_without_tls_behind_rediss_is_named(redis, launch, authority):
    plain = type("Plain", (), {"url": f"rediss://localhost:{redis.port}"})
    expect_no_tls(plain, launch, "a Redis without TLS", "redis://", ca=authority.path)


def test_a_redis_with_tls_behind_redis_is_named(redis, launch, servers, identity):
    expect_no_tls(type("Secure", (), {"url": f"redis://localhost:{redis.tls_port}"}), launch, "TLS", "needs rediss://")
    # Another one answers with an alert before it hangs up.
    other = servers(TLSServer(server_context(identity)))
    expect_no_tls(type("Other", (), {"url": f"redis://localhost:{other.port}"}), launch, "TLS", "needs rediss://")


def test_records_of_one_byte_are_read_and_the_servers_name_is_sent(redis, secure, servers, identity, viewers, task):
    slicer = servers(Slicer(server_context(identity), redis))
    node = secure("--loops", "1", redis=slicer)
    viewer = viewers(Jobs(node))
    viewer.join(task)
    redis.wait_for_viewers(task, 1)
    event = {"progress": 7, "note": "x" * 2_000}
    redis.fcall(task, event)
    assert viewer.receive_type("job_status")["data"]["note"] == event["note"]
    assert set(slicer.names) == {"localhost"}


def test_a_node_lives_behind_stunnel(redis, secure, servers, tmp_path, identity, viewers, task):
    tunnel = servers(Stunnel(tmp_path, redis, identity))
    node = secure(redis=tunnel)
    viewer = viewers(Jobs(node))
    viewer.join(task)
    redis.wait_for_viewers(task, 1)
    assert node.post(task, {"progress": 1}).status == 200
    assert viewer.receive_type("job_status")["data"]["progress"] == 1
    # The tunnel ends, and comes back.
    tunnel.kill()
    node.wait_until_unready("redis_commands")
    redis.fcall(task, {"progress": 2})
    tunnel.start()
    assert viewer.receive_type("job_status")["data"]["progress"] == 2


def test_a_redis_that_dies_and_comes_back_is_reached_again(tmp_path, secure, servers, authority, identity, viewers, task):
    server = servers(TLSRedis(tmp_path, identity, authority))
    node = secure(redis=server)
    viewer = viewers(Jobs(node))
    viewer.join(task)
    server.wait_for_viewers(task, 1)
    server.kill()
    node.wait_until_unready("redis_commands")
    server.start()
    node.wait_until_ready()
    server.fcall(task, {"progress": 1})
    assert viewer.receive_type("job_status")["data"]["progress"] == 1


def test_files_are_read_anew_at_each_connect(tmp_path, launch, servers, authority, stranger, identity):
    believed = tmp_path / "believed.pem"
    shutil.copy(stranger.path, believed)
    server = servers(TLSRedis(tmp_path, identity, authority))
    node = launch("--redis-ca", str(believed), redis=server, unready="redis_refused")
    shutil.copy(authority.path, believed)
    node.wait_until_ready(30)
    # A new authority and a new certificate, and then a file that holds none.
    server.kill()
    server.identity, server.authority = stranger.issue("redis"), stranger
    server.start()
    expect_refusal(node, "the certificate that localhost shows is not trusted")
    believed.write_text("nothing\n")
    expect_refusal(node, str(believed), "contains no certificate authority")
    shutil.copy(stranger.path, believed)
    node.wait_until_ready(30)


def test_a_redis_may_want_a_clients_certificate(tmp_path, secure, servers, authority, stranger, identity, task):
    server = servers(TLSRedis(tmp_path, identity, authority, clients="yes"))
    expect_refusal(secure(redis=server, unready="redis_refused"), "--redis-cert")
    wrong = stranger.issue("node")
    flags = ["--redis-cert", wrong.certificate, "--redis-key", wrong.key]
    expect_refusal(secure(*flags, redis=server, unready="redis_refused"), "--redis-cert")
    done = check(server, *flags, ca=authority.path)
    assert done.returncode == 1 and "refuses the client certificate" in done.stderr, done
    right = authority.issue("node")
    flags = ["--redis-cert", right.certificate, "--redis-key", right.key]
    secure(*flags, redis=server)
    assert command("publish", server, task, "{}", *flags, ca=authority.path).returncode == 0


def test_check_names_the_version_of_tls_and_a_certificate_that_soon_expires(tmp_path, servers, authority):
    lasting, brief = (authority.issue(f"for-{days}-days", days=days) for days in (400, 3))
    server = servers(TLSRedis(tmp_path, lasting, authority, "--tls-protocols", "TLSv1.2", clients="optional"))
    done = check(server, ca=authority.path)
    assert done.returncode == 0 and "TLSv1.2, its certificate expires on 20" in done.stdout and "renew it" not in done.stdout, done
    done = check(server, "--redis-cert", brief.certificate, "--redis-key", brief.key, ca=authority.path)
    assert done.returncode == 0 and "Note: the certificate of --redis-cert expires on 20" in done.stdout, done
    (tmp_path / "other").mkdir()
    other = servers(TLSRedis(tmp_path / "other", brief, authority))
    done = check(other, ca=authority.path)
    assert f"Note: the certificate of localhost:{other.tls_port} expires on 20" in done.stdout and re.search("in [23] days; renew it", done.stdout), done


def test_large_batches_and_many_channels_go_through(redis, secure, viewers, task):
    node = secure("--loops", "1")
    clients = [viewers(Jobs(node)) for _ in range(6)]
    names = [f"{task}-{number}" for number in range(540)]
    for number, name in enumerate(names):
        clients[number % 6].join(name)
    for name in names:
        redis.wait_for_subscribers(name, 1)
    redis.wait_for_viewers(names[0], 1)
    batch = [{"type": "note", "n": number, "text": "x" * 3_900} for number in range(256)]
    assert node.request("POST", f"/api/v1/tasks/{names[0]}/events", json.dumps(batch), key=API_KEY).status == 200
    assert [event["n"] for event in clients[0].events(256)] == list(range(256))
    redis.client.client_kill_filter(_type="pubsub")
    for name in names:
        redis.wait_for_subscribers(name, 1)


@pytest.mark.parametrize("flags, said", [
    (["--redis", "redis://h", "--redis-ca", "/x"], "rediss://"), (["--redis-ca", "/x"], "rediss://"),
    (["--redis", "rediss://h", "--redis-cert", "/x"], "--redis-key"), (["--redis", "rediss://h", "--redis-key", "/x"], "--redis-cert"),
    (["--redis", "rediss://h", "--redis-ca", "/nowhere.pem"], "/nowhere.pem"), (["--redis", "rediss://h", "--redis-ca", "/dev/null"], "/dev/null"),
    (["--redis", "rediss://"], "host"), (["--redis", "rediss://user@h"], "password"),
])
@pytest.mark.parametrize("name", ["serve", "check"])
def test_settings_that_do_not_fit_exit_2(name, flags, said):
    done = fantail(name, "--jwt-secret", SECRET, "--port", str(free_port()), *flags)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and said in done.stderr, done


@pytest.mark.parametrize("arguments", [["publish", "t", "{}"], ["online"], ["watch", "t"], ["token"]])
def test_no_command_sends_a_password_in_the_clear_where_tls_was_meant(arguments):
    done = fantail(*arguments, "--redis", f"redis://127.0.0.1:{free_port()}", "--redis-ca", "/x")
    assert done.returncode == 2 and "rediss://" in done.stderr, done
