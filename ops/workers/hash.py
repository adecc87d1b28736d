#!/usr/bin/env python3
"""usage: hash.py TASK FOLDER - hashes a folder's files and publishes its progress with redis-py to FANTAIL_REDIS_URL"""

import hashlib
import os
import sys

try:
    from fantail_progress import Progress
except ModuleNotFoundError as missing:
    sys.exit(f"hash.py: the Python package {missing.name} is missing: pip install {missing.name}")


def files_below(folder):
    """Path and size of every regular file, in the byte order of the paths."""
    def broken(error):
        raise error

    found = []
    for parent, _, names in os.walk(folder, onerror=broken):
        for name in names:
            path = os.path.join(parent, name)
            if os.path.isfile(path) and not os.path.islink(path):
                found.append((os.path.relpath(path, folder), os.path.getsize(path)))
    return sorted(found)


def hash_files(folder, files, progress):
    """The digest of the lines that `sha256sum` prints for the files."""
    total, done, lines = sum(size for _, size in files), 0, hashlib.sha256()
    for name, _ in files:
        digest = hashlib.sha256()
        with open(os.path.join(folder, name), "rb") as file:
            progress.at(done * 100 // total if total else 0, name.decode(errors="ignore"))
            while block := file.read(1 << 20):
                digest.update(block)
                done += len(block)
                progress.at(min(99, done * 100 // total) if total else 0, name.decode(errors="ignore"))
        lines.update(digest.hexdigest().encode() + b"  " + name + b"\n")
    return lines.hexdigest()


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    progress, folder = Progress(sys.argv[1]), os.fsencode(sys.argv[2])
    progress.start(currentStage="LIST")
    try:
        files = files_below(folder)
        progress.stage("LIST", "HASH")
        digest = hash_files(folder, files, progress)
    except OSError as error:
        progress.failed(error, code="HASH_FAILED")
        sys.exit(f"hash.py: {error}")
    progress.stage("HASH")
    progress.completed({"files": len(files), "bytes": sum(size for _, size in files), "digest": digest})


if __name__ == "__main__":
    main()
