"""`fantail run`: the command runs as it would alone, and viewers see its progress."""

import fcntl
import hashlib
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

from clients import Jobs
from harness import binary, clean_environment, end_at_last, free_port, wait_until
from tokens import jwt

PYTHON = [sys.executable, "-c"]


def run(redis, task, *command, flags=(), env=None, timeout=60, **options):
    """Runs a command under `fantail run` to its end; its output is bytes."""
    options = {"capture_output": True, "env": clean_environment(env)} | options
    redis = ["--redis", redis.url] if redis else []
    return subprocess.run([binary(), "run", *redis, *flags, task, "--", *command], timeout=timeout, **options)


def start(redis, task, *command, flags=(), **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": clean_environment()} | options
    arguments = [binary(), "run", "--redis", redis.url, *flags, task, "--", *command]
    return end_at_last(subprocess.Popen(arguments, **options))


def state(node, task):
    return node.request("GET", f"/api/v1/tasks/{task}", token=jwt()).json["state"]


def history(node, task):
    """Every event of the task."""
    answer = node.request("GET", f"/api/v1/tasks/{task}/events", token=jwt()).json
    return [entry["event"] for entry in answer["events"]]


def percents(events):
    return [event["progress"] for event in events if event.get("type") == "progress" and "progress" in event]


def test_a_viewer_sees_the_progress_and_the_end(node, redis, viewers, task):
    viewer = viewers(Jobs(node))
    viewer.join(task)
    redis.wait_for_viewers(task, 1)
    script = "import sys\nfor i in range(1, 4):\n print(f'[{i}/4] working', flush=True); sys.stdin.readline()"
    command = start(redis, task, *PYTHON, script, flags=["--every", "50ms"], stdin=subprocess.PIPE)
    first = viewer.receive_type("job_status")["data"]
    assert (first["progress"], first["status"]) == (0, "RUNNING") and first["message"] == os.path.basename(sys.executable)
    for percent in (25, 50, 75):
        data = viewer.receive_type("job_status")["data"]
        assert (data["progress"], data["message"], data["status"]) == (percent, f"[{percent // 25}/4] working", "RUNNING")
        command.stdin.write(b"\n")
        command.stdin.flush()
    end = viewer.receive_type("job_status")["data"]
    assert end["status"] == "COMPLETED" and end["result"]["exitCode"] == 0 and end["result"]["seconds"] > 0
    out, err = command.communicate(timeout=10)
    assert (command.returncode, out, err) == (0, b"[1/4] working\n[2/4] working\n[3/4] working\n", b"")


def test_a_second_run_begins_anew(node, redis, task):
    for _ in range(2):
        assert run(redis, task, "true").returncode == 0
    assert [event["type"] for event in history(node, task)] == ["progress", "completed"] * 2


@pytest.mark.parametrize("code", [1, 3, 255])
def test_exit_code_and_last_line_of_stderr_are_the_failure(node, redis, task, code):
    done = run(redis, task, "sh", "-c", f"echo out; echo first >&2; printf '\\033[31mno disk\\033[0m\\n' >&2; exit {code}")
    assert (done.returncode, done.stdout, done.stderr) == (code, b"out\n", b"first\n\x1b[31mno disk\x1b[0m\n")
    assert state(node, task) == {
        "type": "failed", "exitCode": code,
        "error": {"code": f"EXIT_{code}", "message": "no disk", "details": f"exit code {code}", "retryable": False}}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_killed_by_a_signal(node, redis, task, number):
    done = run(redis, task, "sh", "-c", f"kill -{int(number)} $$")
    assert (done.returncode, done.stderr) == (128 + number, b"")
    error = state(node, task)["error"]
    assert error["code"] == f"SIGNAL_{int(number)}" and f"killed by signal {int(number)}" in error["message"]


@pytest.mark.parametrize("command, code", [(["no-such-command-here"], 127), (["/etc/passwd"], 126), (["/"], 126)])
def test_what_cannot_be_started(node, redis, task, command, code):
    done = run(redis, task, *command)
    assert done.returncode == code and command[0] in done.stderr.decode()
    assert state(node, task)["error"]["code"] == f"EXIT_{code}"


def test_a_system_that_gives_us_too_little(redis, task, tmp_path):
    """The command is not started then."""
    done = subprocess.run(["prlimit", "--nofile=6:6", binary(), "run", "--redis", redis.url, task, "--", "touch", str(tmp_path / "begun")],
                          capture_output=True, text=True, env=clean_environment(), timeout=30)
    assert done.returncode == 126 and "no pipe for the command" in done.stderr, done
    assert not (tmp_path / "begun").exists()


def test_every_byte_passes(redis, task):
    """Both streams, binary, megabytes at once."""
    script = ("import os, sys, threading\n"
              "def fill(fd, seed):\n"
              " import random; r = random.Random(seed)\n"
              " for _ in range(200): os.write(fd, r.randbytes(50_000))\n"
              "t = threading.Thread(target=fill, args=(2, 2)); t.start(); fill(1, 1); t.join()")
    alone = subprocess.run([*PYTHON, script], capture_output=True)
    done = run(redis, task, *PYTHON, script)
    assert done.returncode == 0 and len(done.stdout) > 5_000_000
    for one, other in ((alone.stdout, done.stdout), (alone.stderr, done.stderr)):
        assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest()


def test_standard_input_passes(redis, task):
    data = os.urandom(300_000)
    assert run(redis, task, "cat", input=data).stdout == data


def test_streams_that_are_closed_stay_harmless(redis, task):
    code = subprocess.run(
        ["sh", "-c", '"$0" run --redis "$1" "$2" -- sh -c "echo a; echo b >&2; exit 5" <&- >&- 2>&-', binary(), redis.url, task],
        env=clean_environment()).returncode
    assert code == 5


def test_a_reader_that_leaves_ends_the_command_as_it_would_alone(node, redis, task):
    """`yes | head`: SIGPIPE goes to the command, not to fantail."""
    shell = f"{binary()} run --redis {redis.url} {task} -- yes 2>&1 | head -n 2; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, env=clean_environment(), timeout=30)
    assert done.stdout == "y\ny\n141\n"
    assert state(node, task)["error"]["code"] == "SIGNAL_13"


def test_a_slow_reader_loses_nothing(redis, task):
    command = start(redis, task, "sh", "-c", "seq 1 200000; exit 4")
    time.sleep(1.5)  # longer than a silence of the command may be: nothing reads meanwhile
    out, _ = command.communicate(timeout=20)
    assert out == "".join(f"{n}\n" for n in range(1, 200_001)).encode() and command.returncode == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_are_handed_on_once(redis, node, task, number):
    # os.write: the signal may come while `print` is at work.
    script = ("import os, signal, sys, time\ncount = 0\n"
              "def handle(n, f):\n global count; count += 1; os.write(1, b'got %d %d\\n' % (n, count))\n"
              f"signal.signal({int(number)}, handle)\nprint('ready', flush=True)\n"
              "end = time.time() + 20\nwhile not count and time.time() < end: time.sleep(0.01)\n"
              "time.sleep(0.3); sys.exit(9)")
    command = start(redis, task, *PYTHON, script)
    assert command.stdout.readline() == b"ready\n"
    command.send_signal(number)
    assert command.stdout.readline() == f"got {int(number)} 1\n".encode()
    out, err = command.communicate(timeout=20)
    assert (command.returncode, out, err) == (9, b"", b"")


@pytest.mark.parametrize("prefix, count", [([], 1), (["setsid"], 0)])
def test_control_c_reaches_the_command_as_it_would_alone(redis, task, prefix, count):
    """The terminal signals all its foreground processes; a forwarded signal would be a second one, and reach one that left them."""
    script = ("import os, signal, sys, time\n"
              "def handle(n, f): os.write(1, b'interrupted\\n')\n"
              "signal.signal(2, handle)\nprint('ready', flush=True)\ntime.sleep(1.5); sys.exit(7)")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(binary(), [binary(), "run", "--redis", redis.url, task, "--", *prefix, *PYTHON, script], clean_environment())
    seen = b""
    while b"ready" not in seen:
        seen += os.read(terminal, 4096)
    os.write(terminal, termios.tcgetattr(terminal)[6][termios.VINTR])
    while True:
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            break
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert seen.count(b"interrupted") == count, seen


def test_the_command_has_signals_as_it_would_alone(redis, task):
    script = "grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status"
    alone = subprocess.run(["sh", "-c", script], capture_output=True)
    assert masks(run(redis, task, "sh", "-c", script).stdout) == masks(alone.stdout)


def test_a_caller_that_ignores_its_children_gets_the_exit_code(node, redis, task):
    """Ignored, SIGCHLD is inherited, and the system forgets how a child ended."""
    script = 'trap "" CHLD; exec "$0" run --redis "$1" "$2" -- sh -c "exit 3"'
    done = subprocess.run(["sh", "-c", script, binary(), redis.url, task], capture_output=True, env=clean_environment(), timeout=30)
    assert (done.returncode, done.stderr) == (3, b"") and state(node, task)["exitCode"] == 3


def masks(status):
    """Blocked, ignored, caught; without 32 and 33, which are glibc's own: posix_spawn has them ignored."""
    lines = [line.split(":") for line in status.decode().splitlines()]
    return {name: int(mask, 16) & ~(3 << 31) for name, mask in lines}


def test_a_daemon_that_keeps_the_output_does_not_keep_us(redis, task):
    begin = time.monotonic()
    done = run(redis, task, "sh", "-c", "sleep 30 & echo $!")
    os.kill(int(done.stdout), signal.SIGKILL)
    assert time.monotonic() - begin < 25


def test_redis_away_is_no_business_of_the_command(task):
    url = f"redis://127.0.0.1:{free_port()}"
    begin = time.monotonic()
    done = run(None, task, "sh", "-c", "echo 50%; exit 6", flags=["--redis", url])
    assert (done.returncode, done.stdout) == (6, b"50%\n") and time.monotonic() - begin < 25
    assert done.stderr.decode().splitlines()[-1].startswith(f"fantail: {task}: not published: the end: "), done.stderr
    done = run(None, task, "sh", "-c", "echo oops >&2; exit 6", flags=["--redis", url, "--quiet"])
    assert (done.returncode, done.stderr) == (6, b"oops\n")


def test_redis_that_comes_back_is_told(node, redis, task):
    command = start(redis, task, "sh", "-c", "echo 10%; read x; echo 80%; read x; echo 90%", flags=["--every", "50ms"],
                    stdin=subprocess.PIPE)
    wait_until(lambda: percents(history_or_nothing(node, task)) == [0, 10], "the first progress is there")
    redis.pause()
    command.stdin.write(b"\n")
    command.stdin.flush()
    assert command.stdout.readline() == b"10%\n" and command.stdout.readline() == b"80%\n"  # and is not held up
    redis.resume()
    wait_until(lambda: 80 in percents(history_or_nothing(node, task)), "the newest progress is there", 15)
    command.stdin.write(b"\n")
    command.stdin.close()
    assert command.wait(15) == 0
    assert history(node, task)[-1]["type"] == "completed"


def history_or_nothing(node, task):
    answer = node.request("GET", f"/api/v1/tasks/{task}/events", token=jwt())
    return [entry["event"] for entry in answer.json["events"]] if answer.status == 200 else []


def test_progress_is_published_seldom_and_the_newest(node, redis, task):
    script = "import time\nfor i in range(1001):\n print(f'{i / 10}%', flush=True); time.sleep(0.001)"
    done = run(redis, task, *PYTHON, script, flags=["--every", "200ms"])
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 1001
    seen = percents(history(node, task))
    assert 3 <= len(seen) <= 40 and seen == sorted(seen) and seen[0] == 0


def test_over_http(launch, redis, task):
    node = launch()
    url = f"http://127.0.0.1:{node.port}"
    done = run(None, task, "sh", "-c", "echo 50%; sleep 0.3", flags=["--url", f"http://127.0.0.1:{free_port()}", "--url", url],
               env={"FANTAIL_TOKEN": jwt(scope="publish"), "FANTAIL_REDIS_URL": "redis://127.0.0.1:1"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert [event["type"] for event in history(node, task)][-1] == "completed"
    refused = run(None, task, "true", flags=["--url", url], env={"FANTAIL_TOKEN": jwt()})
    assert refused.returncode == 0 and b"lacks the scope publish" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2
    killed = run(None, task, "false", flags=["--url", f"http://127.0.0.1:{free_port()}"], env={"FANTAIL_TOKEN": "t"})
    assert killed.returncode == 1 and b"Failed to connect" in killed.stderr


@pytest.mark.parametrize("printed, code", [
    ("echo 10%", 3), ("echo 10%", 0), ("printf 10%%", 3), ("printf '5%%\\r10%%'", 0), ("echo 5% >&2; echo 10% >&2", 1)])
def test_the_last_progress_comes_before_the_end(node, redis, task, printed, code):
    done = run(redis, task, "sh", "-c", f"{printed}; exit {code}")
    assert done.returncode == code
    events = history(node, task)
    assert percents(events)[0] == 0 and percents(events)[-1] == 10
    assert [event["type"] for event in events][-2:] == ["progress", "completed" if code == 0 else "failed"]


def test_the_last_progress_comes_before_the_end_however_long_the_interval(node, redis, task):
    script = "import time\nfor i in range(1, 100):\n print(f'{i}%', flush=True); time.sleep(0.002)\nraise SystemExit(5)"
    assert run(redis, task, *PYTHON, script, flags=["--every", "1h"]).returncode == 5
    events = history(node, task)
    assert percents(events)[-1] == 99 and events[-1]["type"] == "failed" and len(events) <= 4


# Numbers beyond whatever type one could put them in, in every form that is read.
HOSTILE_NUMBERS = ["9999999999999999", "18446744073709551616", "9223372036854775808", "-1", "1e30", "1" + "0" * 200, "99999999999999.9"]
HOSTILE_LINES = [
    "    1,234,567  45%    1.00MB/s    {}:00:00", "    1,234,567  45%    1.00MB/s    0:{}:{} (xfr#1, to-chk={}/{})", "   {}  {}%  {}MB/s  {}:{}:{}",
    "{}%", "[{}/{}]", "1/{}", "  Duration: {}:{}:{}, start", "frame={} time={}:{}:{} speed={}x", "out_time={}:{}:{}", "speed={}x"]


def test_whatever_the_command_prints_it_goes_on(node, redis, task, tmp_path):
    lines = [line.replace("{}", number) for line in HOSTILE_LINES for number in HOSTILE_NUMBERS]
    (tmp_path / "lines").write_text("\n".join(lines) + "\n")
    done = run(redis, task, "sh", "-c", 'while read -r line; do echo "$line"; done < "$0"; cat "$0" >&2; sleep 0.5; echo through; exit 3',
               str(tmp_path / "lines"), flags=["--every", "50ms"])
    assert done.returncode == 3 and done.stdout.endswith(b"through\n") and done.stderr == (tmp_path / "lines").read_bytes()
    events = history(node, task)
    assert events[-1]["type"] == "failed" and all(0 <= percent <= 100 for percent in percents(events))


def reporter_of(process):
    """The process that publishes for a run."""
    def find():
        children = open(f"/proc/{process.pid}/task/{process.pid}/children").read().split()
        return next((int(pid) for pid in children if open(f"/proc/{pid}/comm").read() == "fantail-report\n"), None)
    return wait_until(find, "the run has a process that publishes")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGILL, signal.SIGSTOP])
def test_the_command_does_not_notice_that_nobody_publishes(node, redis, task, number):
    script = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)\nprint('e', file=sys.stderr); sys.exit(7)"
    # Swift's own report of a crash ends a process only where it has really crashed.
    command = start(redis, task, *PYTHON, script, stdin=subprocess.PIPE, env=clean_environment({"SWIFT_BACKTRACE": "enable=no"}))
    wait_until(lambda: history_or_nothing(node, task), "the start is published")
    reporter = reporter_of(command)
    os.kill(reporter, number)
    lines = [b"%d%% of what is said\n" % (n % 100) for n in range(200_000)]
    out, err = command.communicate(b"".join(lines), timeout=60)
    assert (command.returncode, out) == (7, b"".join(lines))
    words = err.decode().splitlines()
    assert "e" in words and f"killed by signal {9 if number == signal.SIGSTOP else int(number)}" in words[-1], words
    assert not os.path.exists(f"/proc/{reporter}")


def test_viewers_are_told_when_the_run_is_killed(node, redis, task):
    """And the command dies with it, as with any pipe whose reader is gone."""
    command = start(redis, task, "sh", "-c", "echo 40%; read x; echo 50%; sleep 30", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    wait_until(lambda: 40 in percents(history_or_nothing(node, task)), "the progress is there")
    command.kill()
    wait_until(lambda: history(node, task)[-1]["type"] == "failed", "the end is published")
    error = history(node, task)[-1]["error"]
    assert error["code"] == "RUN_KILLED" and error["retryable"] is True
    assert run(redis, task, "true").returncode == 0
    assert history(node, task)[-1]["type"] == "completed"


def test_what_we_hold_open_is_nobody_elses(redis, task):
    """A lock that the caller holds open, and the pipe of fantail's output, end with the run."""
    shell = f"exec 9>&1; {binary()} run --redis {redis.url} {task} -- sh -c 'echo a' 9>&- | cat; echo end"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, env=clean_environment(), timeout=30)
    assert done.stdout == b"a\nend\n"


def test_ffmpeg(node, redis, task, tmp_path):
    assert shutil.which("ffmpeg"), "ops/install test"
    film, result = tmp_path / "in.mp4", tmp_path / "out.mkv"
    source = ["-f", "lavfi", "-i", "testsrc=duration=4:size=320x180:rate=25"]
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", *source, "-c:v", "mpeg4", film], check=True, timeout=60)
    done = run(redis, task, "ffmpeg", "-nostdin", "-re", "-i", str(film), "-c:v", "mpeg4", str(result),
               flags=["--every", "50ms"])
    assert done.returncode == 0 and result.exists() and b"Duration: 00:00:04" in done.stderr
    seen = percents(history(node, task))
    assert len(seen) >= 4 and seen == sorted(seen) and seen[-1] > 50
    assert any("estimatedTimeRemaining" in event for event in history(node, task))
    failed = run(redis, task, "ffmpeg", "-nostdin", "-i", "no-such-film.mp4", "out.mkv")
    assert failed.returncode == 1 and state(node, task)["error"]["message"] == "no-such-film.mp4: No such file or directory"


def test_rsync(node, redis, task, tmp_path):
    assert shutil.which("rsync"), "ops/install test"
    source = tmp_path / "from"
    source.mkdir()
    for number in range(20):
        (source / str(number)).write_bytes(os.urandom(200_000))
    done = run(redis, task, "rsync", "-a", "--info=progress2", "--bwlimit=2m", f"{source}/", str(tmp_path / "to"),
               flags=["--every", "50ms"])
    assert done.returncode == 0 and len(list((tmp_path / "to").iterdir())) == 20
    seen = percents(history(node, task))
    assert len(seen) >= 5 and seen == sorted(seen) and seen[-1] > 50


def messages(events):
    return [event["message"] for event in events[1:] if "message" in event]


@pytest.mark.parametrize("flags, expected", [([], ["CPU 93%"]), (["--numbers-only"], []), (["--pattern", "CPU (.+)%"], ["CPU 93%"])])
def test_a_program_without_progress_shows_its_last_line(node, redis, task, flags, expected):
    done = run(redis, task, "sh", "-c", "printf 'starting\\n\\033[1mCPU 93%%\\033[0m\\n'", flags=flags)
    assert done.stdout == b"starting\n\x1b[1mCPU 93%\x1b[0m\n"
    events = history(node, task)
    assert messages(events)[-1:] == expected and events[-1]["type"] == "completed"
    assert percents(events)[-1] == (93 if "--pattern" in flags else 0)


def test_a_pattern_of_ones_own(node, redis, task):
    script = "echo '99% noise'; echo 'page 3, all 4'; echo '1/2'"
    done = run(redis, task, "sh", "-c", script, flags=["--pattern", r"(\d+) apples", "--pattern", r"page (\d+), all (\d+)"])
    assert done.returncode == 0 and percents(history(node, task)) == [0, 75]
    wrong = run(redis, task, "true", flags=["--pattern", "(a)[b"])
    assert wrong.returncode == 2 and b"--pattern: character 4 of '(a)[b': this [ is not closed" in wrong.stderr, wrong


def test_with_a_terminal_of_its_own_a_program_draws_its_bar(node, redis, task):
    """Each stream is a terminal, its bytes arrive as they were written, and the exit code is the command's."""
    script = ("import os, sys\nassert sys.stdout.isatty() and sys.stderr.isatty()\n"
              "print('%d %d' % os.get_terminal_size(1))\nfor n in (10, 20): print(f'\\r{n}%', end='', flush=True)\n"
              "print('no disk', file=sys.stderr); sys.exit(7)")
    done = run(redis, task, *PYTHON, script, flags=["--tty"], stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"80 24\n\r10%\r20%", b"no disk\n")
    events = history(node, task)
    assert percents(events)[-1] == 20 and events[-1]["error"]["message"] == "no disk"
    # As without a terminal: the command may be killed, print megabytes, and leave a daemon behind.
    assert run(redis, task, "sh", "-c", "kill -9 $$", flags=["--tty"]).returncode == 137
    assert run(redis, task, "seq", "100000", flags=["--tty"]).stdout == b"".join(b"%d\n" % n for n in range(1, 100_001))
    os.kill(int(run(redis, task, "sh", "-c", "sleep 30 & echo $!", flags=["--tty"]).stdout), signal.SIGKILL)


def read_until(terminal, text, seconds=20):
    seen, deadline = b"", time.monotonic() + seconds
    while text not in seen:
        assert time.monotonic() < deadline, f"expected {text!r} in {seen!r}"
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 4096)


def test_a_terminal_of_its_own_is_as_large_as_ours(redis, task):
    script = ("import os, signal, sys\ndef show(*_): os.write(1, b'%dx%d\\n' % os.get_terminal_size(1))\n"
              "signal.signal(signal.SIGWINCH, show); show(); sys.stdin.readline()")
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        os.execve(binary(), [binary(), "run", "--tty", "--redis", redis.url, task, "--", *PYTHON, script], clean_environment())
    read_until(terminal, b"100x30")
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    read_until(terminal, b"120x40")
    os.write(terminal, b"\n")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)


@pytest.mark.parametrize("arguments", [[], ["t"], ["--", "true"], ["t", "--"], ["t", "u", "--", "true"], ["a b", "--", "true"],
                                       ["t", "make", "-j4"], ["--every", "1ms", "t", "--", "true"], ["--pattern", "a", "t", "--", "true"]])
def test_wrong_usage(arguments):
    done = subprocess.run([binary(), "run", *arguments], capture_output=True, text=True, env=clean_environment())
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done
