"""The same environment for every process of a test, whoever runs the tests and wherever."""

import atexit
import os
import pathlib
import shutil
import sys
import tempfile

# Settings of Fantail and of the programs beside it, and what changes the words or the times that programs print.
LEFT_OUT = ("FANTAIL_", "WS_", "XDG_", "LC_", "PYTHON", "NODE_", "REDISCLI_", "CURL_", "RSYNC_", "SSL_CERT_")
LEFT_OUT_NAMES = {"PORT", "REDIS_URL", "LANG", "LANGUAGE", "TZ", "COLUMNS", "LINES", "NO_COLOR", "BASH_ENV", "ENV"}
# What is for the tests themselves.
KEPT = {"FANTAIL_BIN", "FANTAIL_STRESS_SECONDS", "FANTAIL_STRESS_VIEWERS"}
# Where Debian has its programs: servers are where only root looks.
DEBIAN = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]


def settle():
    """Sets it for this process and all that it starts."""
    for name in set(os.environ) - KEPT:
        if name.startswith(LEFT_OUT) or name in LEFT_OUT_NAMES or name.lower().endswith("_proxy"):
            del os.environ[name]
    # The Python that has the tests' packages, then what `ops/install test` installs, then whatever else there is.
    own = str(pathlib.Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([own, *DEBIAN, os.environ.get("PATH", os.defpath)])
    os.environ["LC_ALL"], os.environ["TERM"] = "C.UTF-8", "dumb"
    os.environ["HOME"] = home = tempfile.mkdtemp(prefix="fantail-tests-home-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
