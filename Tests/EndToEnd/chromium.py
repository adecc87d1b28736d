"""Chromium, driven over the DevTools protocol: pages, their texts and their screens."""

import json
import os
import re
import shutil
import signal
import subprocess
import time

from websockets.sync.client import connect

DEADLINE = 20


class PageError(AssertionError):
    """JavaScript threw."""


class Chromium:
    """A headless browser; each page has a context of its own, so that none inherits another's storage."""

    def __init__(self, folder):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        assert program, "chromium is not installed: ops/install test"
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True)
        for line in self.process.stderr:
            if found := re.search(r"DevTools listening on (ws://\S+)", line):
                break
        else:
            raise RuntimeError("chromium did not start")
        self.log = open(folder / "chromium.log", "wb")
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=self.log)
        self.socket = connect(found[1], max_size=None, compression=None).__enter__()
        self.number, self.sessions = 0, {}

    def call(self, method, session=None, **parameters):
        """Sends a command and returns its result; events that arrive first go to their pages."""
        self.number += 1
        number = self.number
        self.socket.send(json.dumps(
            {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}))
        deadline = time.monotonic() + DEADLINE
        while True:
            message = json.loads(self.socket.recv(timeout=max(0.1, deadline - time.monotonic())))
            if message.get("id") == number:
                if "error" in message:
                    raise PageError(f"{method}: {message['error']}")
                return message["result"]
            if page := self.sessions.get(message.get("sessionId")):
                page.note(message["method"], message["params"])

    def open(self, url):
        return Page(self, url)

    def renderers(self):
        """The processes that run pages."""
        children = subprocess.run(
            ["pgrep", "--session", str(self.process.pid), "-f", "type=renderer"], capture_output=True, text=True).stdout
        return [int(pid) for pid in children.split()]

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except Exception:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.socket.close()
        self.drain.wait(10)
        self.log.close()


class Page:
    """A tab."""

    def __init__(self, browser, url):
        self.browser, self.console, self.errors, self.requests = browser, [], [], []
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=self.context)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.sessions[self.session] = self
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.call(f"{domain}.enable")
        self.network(online=True)
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def network(self, online):
        """Whether the browser has one. It is told: on a machine without any but its own, it would say that it is offline. It hears
        that it is online only together with a speed; this one slows nothing down."""
        speed = 1e9 if online else -1
        self.call("Network.emulateNetworkConditions", offline=not online, latency=0, downloadThroughput=speed, uploadThroughput=speed)

    def note(self, method, parameters):
        if method == "Runtime.consoleAPICalled":
            words = [str(part.get("value", part.get("description", ""))) for part in parameters["args"]]
            self.console.append((parameters["type"], " ".join(words)))
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        if method == "Network.webSocketCreated":
            self.requests.append(parameters["url"])
        if method == "Runtime.exceptionThrown":
            self.errors.append(parameters["exceptionDetails"].get("exception", {}).get("description", "an exception"))

    def run(self, script):
        """The value of an expression, or of the promise that it returns."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait(self, script, seconds=DEADLINE):
        """Waits until an expression is true, and returns its value."""
        deadline = time.monotonic() + seconds
        while True:
            if value := self.run(script):
                return value
            # Nothing on a test's page may throw unseen; and after that, nothing comes that is waited for.
            assert not self.errors and time.monotonic() < deadline, (
                f"waited {seconds} s in vain for {script}\nerrors: {self.errors}\nconsole: {self.console[-20:]}")
            time.sleep(0.03)

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)})?.textContent")

    def close(self):
        del self.browser.sessions[self.session]
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)
