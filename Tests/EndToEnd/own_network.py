"""A test's own network: every port is free there, and it ends with the test. A cable joins two of them."""

import signal
import subprocess

from harness import binary, clean_environment, end_at_last, free_port, log_file, wait_until


class OwnNetwork:
    """A network namespace, inside a user namespace so that the tests need not run as root."""

    def __init__(self, beside=None):
        """`beside`: another network, whose user namespace this one shares."""
        script = "ip link set lo up && echo up && exec sleep 600"
        start = ["unshare", "-r"] if beside is None else [*beside.inside[:-1], "unshare"]
        self.holder = end_at_last(
            subprocess.Popen([*start, "-n", "sh", "-c", script], stdout=subprocess.PIPE, text=True), 600)
        assert self.holder.stdout.readline() == "up\n"
        self.inside = ["nsenter", "-t", str(self.holder.pid), "-U", "--preserve-credentials", "-n"]

    def run(self, *command, env=None, timeout=20):
        return subprocess.run(
            [*self.inside, *command], capture_output=True, text=True, timeout=timeout, env=clean_environment(env))

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


class TwoMachines:
    """Two networks with a cable between them, which can be pulled: packets are then lost without an error."""

    def __init__(self):
        self.near = OwnNetwork()
        self.far = OwnNetwork(beside=self.near)
        self.near.run("ip", "link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns", str(self.far.holder.pid))
        for network, device, address in ((self.near, "near0", self.near_address), (self.far, "far0", self.far_address)):
            network.run("ip", "address", "add", f"{address}/24", "dev", device)
            assert network.run("ip", "link", "set", device, "up").returncode == 0

    near_address, far_address = "10.9.0.1", "10.9.0.2"

    def pull_out(self):
        assert self.far.run("ip", "link", "set", "far0", "down").returncode == 0

    def close(self):
        self.far.close()
        self.near.close()


class DevelopmentNode:
    """`serve --dev` in that network."""

    def __init__(self, network, folder, *flags, env=None):
        self.network, self.port = network, free_port()
        self.log_path = log_file(folder, self.port)
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [*network.inside, binary(), "serve", "--dev", "--drain", "300ms", "--log", "text", "--port", str(self.port), *flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environment(env))

    @property
    def log(self):
        return self.log_path.read_text()

    def wait_until_ready(self):
        wait_until(lambda: self.status("/health/ready") == 200, f"the node is ready:\n{self.log}", 20)
        return self

    def answer(self, path, *arguments):
        """Body and status."""
        text = self.network.run("curl", "-s", "-w", "\n%{http_code}", f"http://127.0.0.1:{self.port}{path}", *arguments).stdout
        body, status = text.rsplit("\n", 1)
        return body, int(status)

    def status(self, path, token=None):
        return self.answer(path, *(["-H", f"Authorization: Bearer {token}"] if token else []))[1]

    def end(self, how=signal.SIGTERM):
        """The exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(15)
