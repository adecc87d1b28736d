"""ops/bench: the same work through every server in turn, and a table and a plot of the medians."""
import argparse
import os
import pathlib
import platform
import signal
import statistics
import sys
import tempfile
import time

import report
import servers


def event(number, kind, size):
    head = f'{{"type":"{kind}","n":1{number:09d},"message":"'
    return (head + "x" * max(0, size - len(head) - 2) + '"}').encode()


def measure(server, events, publish):
    """One phase: (processor µs a delivery, deliveries a second, deliveries missing or out of order)."""
    server.expect(events)
    before = server.processor_seconds()
    publish()
    frames, _, disorder, nanoseconds = map(int, server.delivered()[1:])
    used = server.processor_seconds() - before
    return used * 1e6 / frames, frames / (nanoseconds / 1e9), disorder


def steady(server, options):
    count = options.rate * options.seconds

    def publish():
        start = time.monotonic()
        for number in range(1, count + 1):
            time.sleep(max(0, start + number / options.rate - time.monotonic()))
            server.publish([event(number, "progress", options.size)])

    return measure(server, count, publish)


def burst(server, options):
    events = [event(number, "log", options.size) for number in range(1, options.burst + 1)]
    return measure(server, options.burst, lambda: server.publish(events))


def read_options():
    parser = argparse.ArgumentParser(prog="ops/bench", description=__doc__)
    for name, standard in dict(rounds=5, viewers=1000, rate=100, seconds=3, burst=1000, size=200).items():
        parser.add_argument(f"--{name}", type=int, default=standard)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(".build/bench"))
    return parser.parse_args()


def places():
    """The processor of the servers, and those of all else, this program included."""
    first, *others = sorted(os.sched_getaffinity(0))
    if not others:
        return None, None
    os.sched_setaffinity(0, others)
    return str(first), ",".join(map(str, others))


def start(kinds, folder, options, frame_bytes, running, on_server, beside):
    """Adds servers of these kinds."""
    for kind in kinds:
        place = folder / kind.__name__
        place.mkdir()
        running.append(kind(place, options.viewers, frame_bytes, on_server, beside))
        running[-1].start()
        running[-1].bring_viewers()


def bytes_of_a_frame(server, options):
    """The bare loop sends as many bytes as a node does."""
    server.expect(1)
    server.publish([event(1, "progress", options.size)])
    return int(server.delivered()[2]) // options.viewers


def main():
    options = read_options()
    options.out.mkdir(parents=True, exist_ok=True)
    # As for an error: the servers are ended.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    on_server, beside = places()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        running = []
        try:
            start([servers.Fantail], folder, options, 0, running, on_server, beside)
            frame_bytes = bytes_of_a_frame(running[0], options)
            others = [kind for kind in servers.ALL if kind is not servers.Fantail]
            start(others, folder, options, frame_bytes, running, on_server, beside)
            running.sort(key=lambda server: servers.ALL.index(type(server)))
            rounds = {server: ([], []) for server in running}
            for number in range(options.rounds):
                print(f"round {number + 1} of {options.rounds}", flush=True)
                for server in running:
                    rounds[server][0].append(steady(server, options))
                    rounds[server][1].append(burst(server, options))
        finally:
            for server in running:
                server.stop()
    rows = [
        report.Row(
            server.name, server.lacks, statistics.median(one[0] for one in calm),
            statistics.median(one[1] for one in bursts), sum(one[2] for one in calm + bursts))
        for server, (calm, bursts) in rounds.items()
    ]
    machine = f"{os.cpu_count()} processors, {platform.machine()}, Linux {platform.release()}"
    report.write(options, machine, rows)


main()
