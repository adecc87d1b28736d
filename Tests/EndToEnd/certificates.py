"""Certificates of the tests' own, made by `openssl`: an authority, servers, clients."""

import ssl
import subprocess

from turns import TakesTurns

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Identity:
    """A certificate and its key."""

    def __init__(self, certificate, key):
        self.certificate, self.key = str(certificate), str(key)


class Authority:
    """Somebody who signs certificates; `path` is what those who believe it are given."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.path, self.key = str(folder / f"{name}.pem"), folder / f"{name}.key"
        openssl("req", "-x509", *KEY, "-subj", f"/CN={name}", "-days", 2, "-keyout", self.key, "-out", self.path)

    def issue(self, name, hosts="DNS:localhost,IP:127.0.0.1", days=2):
        """With a negative number of days one that has expired."""
        path = {ending: self.folder / f"{self.name}-{name}.{ending}" for ending in ("pem", "key", "csr")}
        openssl("req", *KEY, "-subj", f"/CN={name}", "-addext", f"subjectAltName={hosts}", "-keyout", path["key"], "-out", path["csr"])
        openssl("x509", "-req", "-in", path["csr"], "-CA", self.path, "-CAkey", self.key, "-CAcreateserial", "-days", days,
                "-copy_extensions", "copy", "-out", path["pem"])
        for ending in ("pem", "key"):
            path[ending].chmod(0o644)  # servers may run as somebody else
        return Identity(path["pem"], path["key"])

    def context(self):
        """For clients that believe it."""
        context = ssl.create_default_context(cafile=self.path)
        context.sslsocket_class = TakesTurns
        return context
