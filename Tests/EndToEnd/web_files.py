"""The files for browsers, from the repository."""

import re

from harness import ROOT

FILES = ROOT / "Sources/CWebFiles/files"

# The parts of the browser client, in the order in which they are joined.
CLIENT_PARTS = [FILES / name for name in re.findall(
    r'#embed "files/(fantail/[^"]+)"', (ROOT / "Sources/CWebFiles/files.c").read_text())]


def served(name):
    """The bytes that a node serves under this name."""
    if name == "fantail.js":
        return b"".join(part.read_bytes() for part in CLIENT_PARTS)
    return (FILES / name).read_bytes()
