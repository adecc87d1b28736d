"""Completions in real shells, the manual page, and the help: all from one table."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from harness import binary, clean_environment, fantail

COMMANDS = [line.split()[0] for line in fantail("--help").stdout.splitlines() if re.match(r"  [a-z]+  ", line)]


def flags(command):
    """The flags that its help lists."""
    return re.findall(r"^  (--[a-z-]+)", fantail(command, "--help").stdout, re.MULTILINE)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """With a `fantail` in PATH."""
    folder = tmp_path_factory.mktemp("bin")
    os.symlink(binary(), folder / "fantail")
    home = tmp_path_factory.mktemp("home")
    return clean_environment({
        "PATH": f"{folder}:{os.environ['PATH']}", "TERM": "dumb", "HOME": str(home), "PS1": "> ", "LC_ALL": "C.UTF-8",
        "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home)})


class Shell:
    """An interactive shell at a terminal."""

    def __init__(self, arguments, environment):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(arguments[0], arguments, environment)
        self.seen = ""

    def type(self, text, expected, seconds=20):
        """Types, and waits until the terminal shows the expected text."""
        os.write(self.terminal, text.encode())
        deadline = time.monotonic() + seconds
        while not re.search(expected, self.seen):
            assert time.monotonic() < deadline, f"expected {expected!r} in {self.seen!r}"
            if select.select([self.terminal], [], [], 0.1)[0]:
                self.seen += os.read(self.terminal, 65536).decode(errors="replace")
        self.seen = ""

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def test_bash_at_a_terminal(environment):
    shell = Shell(["bash", "--norc", "--noprofile", "-i"], environment)
    try:
        shell.type("source <(fantail completion bash); echo rea''dy\n", r"\nready")
        shell.type("fantail wat\t", "fantail watch ")
        shell.type("\x15fantail serve --log-l\t", "serve --log-level ")
        shell.type("deb\t", "debug ")
        shell.type("\x15fantail completion f\t", "completion fish ")
        shell.type("\x15fantail run t -- base64\t", "base64 ")
    finally:
        shell.close()


def test_zsh_at_a_terminal(environment):
    assert shutil.which("zsh"), "ops/install test"
    shell = Shell(["zsh", "-f", "-i"], environment)
    try:
        shell.type("autoload -Uz compinit; compinit -D; source <(fantail completion zsh); echo rea''dy\n", r"\nready")
        shell.type("fantail wat\t", "watch ")
        shell.type("\x15fantail serve --log-l\t", "--log-level=")
        shell.type("deb\t", "debug")
        shell.type("\x15fantail completion f\t", "fish")
    finally:
        shell.close()


def bash(environment, *words):
    """The completions of bash for the last word."""
    script = ('source <(fantail completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fantail 2>/dev/null; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, env=environment)
    return done.stdout.split()


def fish(environment, line):
    script = f"fantail completion fish | source; complete -C '{line}'"
    done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, env=environment)
    assert done.stderr == "", done
    return [row.split("\t")[0] for row in done.stdout.splitlines()]


def test_every_command_in_bash_and_fish(environment):
    assert len(COMMANDS) >= 11
    assert set(COMMANDS) < set(bash(environment, "fantail", ""))
    assert set(fish(environment, "fantail ")) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_in_bash_and_fish(environment, command):
    expected = {*flags(command), "--help"}
    assert set(bash(environment, "fantail", command, "--")) == expected
    assert {flag.rstrip("=") for flag in fish(environment, f"fantail {command} --")} == expected


def test_words_of_a_flag(environment):
    assert bash(environment, "fantail", "bench", "--dialect", "") == ["jobs", "tasks", "topics", "events"]
    assert set(fish(environment, "fantail bench --dialect ")) == {"jobs", "tasks", "topics", "events"}
    assert bash(environment, "fantail", "serve", "--port", "") == []
    assert bash(environment, "fantail", "help", "pu") == ["publish"] and "publish" in fish(environment, "fantail help pu")


@pytest.mark.parametrize("arguments", [[], ["csh"], ["bash", "zsh"]])
def test_an_unknown_shell_is_refused(arguments):
    done = fantail("completion", *arguments)
    assert done.returncode == 2 and "bash, zsh or fish" in done.stderr


def test_the_manual_page(tmp_path):
    assert shutil.which("mandoc"), "ops/install test"
    page = tmp_path / "fantail.1"
    page.write_text(fantail("man").stdout)
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)], capture_output=True, text=True)
    assert (lint.stdout, lint.stderr) == ("", "")
    shown = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=200", str(page)], capture_output=True, text=True).stdout
    shown = re.sub(".\b", "", shown)
    for command in COMMANDS:
        assert f"fantail {command}" in shown
        for flag in flags(command):
            assert flag in shown
    assert "FANTAIL_JWT_SECRET" in shown and "fantail run film_1 -- ffmpeg -i in.mov -c:v libx264 out.mp4" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(command):
    done = fantail(command, "--help")
    assert done.returncode == 0 and f"usage: fantail {command}" in done.stdout and done.stderr == ""
    assert fantail("help", command).stdout == done.stdout
    assert command == "version" or "Examples:\n  # " in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 180


@pytest.mark.parametrize("arguments, words", [
    (["wacth"], "unknown command 'wacth'; did you mean watch? fantail --help lists"), (["help", "pubish"], "did you mean publish?"),
    (["serve", "--prot", "1"], "unknown flag --prot; did you mean --port? --help lists"), (["zzzzzz"], "'zzzzzz'; fantail --help lists"),
    (["watch", "t", "--tmieout=1s"], "did you mean --timeout?"), (["help", "a", "b"], "expected one command")])
def test_what_was_probably_meant_is_said(arguments, words):
    done = fantail(*arguments)
    assert done.returncode == 2 and words in done.stderr and len(done.stderr.splitlines()) == 1, done
    assert fantail("help").stdout == fantail("--help").stdout
