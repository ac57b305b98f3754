"""`python -m benchmarks.webhooks [EVENTS]`: a good receiver beside a hostile one, and the server
killed meanwhile. Every event must come, in order for each idea; tells how long the good one waited.
"""

import itertools
import socket
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from threading import Thread

import httpx
import msgspec
from tests.support.ideas import an_idea
from tests.support.outbound import Received, plain, receiving
from tests.support.processes import Server, autohub

EVENTS, IDEAS, CLIENTS = 10_000, 200, 4
METADATA = "Location: http://169.254.169.254/latest/meta-data/"
_turns = itertools.count()


def hostile(_: Received, line: socket.socket) -> bytes | None:
    """Resets, garbage, 500s, redirects and silence, in turn."""
    turn = next(_turns) % 5
    if turn == 0:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01" + b"\x00" * 7)
        return None
    if turn == 1:
        line.sendall(b"\x00\xff no HTTP\r\n\r\n")
        return None
    if turn == 4:
        time.sleep(20)
        return None
    return plain(500) if turn == 2 else plain(302, b"", METADATA)


def main() -> int:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    arrived: dict[int, list[tuple[int, float]]] = defaultdict(list)

    def good(received: Received, _: socket.socket) -> bytes:
        data = msgspec.json.decode(received.body)["data"]
        arrived[data["subject"]["id"]].append((data["sequence"], time.monotonic()))
        return plain(204)

    written: dict[int, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name, receiving(good) as well, receiving(hostile) as ill:
        folder = Path(name)
        more = {"AUTOHUB_OUTBOUND_ALLOW": "127.0.0.1"}
        autohub(folder, "demo", "--users", "20", "--ideas", "5", **more)
        email = "olivia.owner@demo.example"
        made = autohub(folder, "token", "create", "--name", "Bench", "--user", email)
        headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
        headers |= {"x-ah-openapi-auth": "openapi-token"}
        server = Server(folder, **more)
        api = f"{server.url}/api/v1/openapi"
        with httpx.Client(headers=headers, timeout=60) as client:
            for there in (ill, well):
                body = {"webhook_name": "x", "url": there.url, "is_mine": 0}
                body["event_types"] = ["idea.changed"]  # type: ignore[assignment]
                assert client.post(f"{api}/webhooks", json=body).status_code == 201
            ideas = [
                client.post(f"{api}/automationidea", json=an_idea(owner=email)).json()["data"][
                    "process_id"
                ]
                for _ in range(IDEAS)
            ]

            def write(mine: list[int], times: int) -> None:
                with httpx.Client(headers=headers, timeout=60) as own:
                    for turn in range(times):
                        idea = mine[turn % len(mine)]
                        tags = {"tags": [f"t{turn}"]}
                        asked = f"{api}/automations/{idea}/tags"
                        assert own.post(asked, json=tags).status_code < 300
                        written[idea].append(time.monotonic())

            def write_all(share: int) -> None:
                threads = [
                    Thread(target=write, args=(ideas[n::CLIENTS], share // CLIENTS))
                    for n in range(CLIENTS)
                ]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()

            started = time.monotonic()
            write_all(events // 2)
            first = sum(map(len, arrived.values()))
            killed = time.monotonic()
            server.kill()
            server = Server(folder, port=server.port, **more)
            write_all(events // 2)
            took = time.monotonic() - started
        wanted = sum(map(len, written.values()))
        until = time.monotonic() + 120
        while sum(len({s for s, _ in each}) for each in arrived.values()) < wanted:
            if time.monotonic() > until:
                break
            time.sleep(0.2)
        server.stop()
    print(f"{wanted} events written in {took:.0f} s; {first} had come when the server was killed")
    waits, lost, twice = [], 0, 0
    for idea, moments in written.items():
        once: dict[int, float] = {}
        for sequence, moment in arrived[idea]:
            twice += sequence in once
            once.setdefault(sequence, moment)
        assert list(once) == sorted(once), f"out of order for idea {idea}"
        lost += len(moments) - len(once)
        pairs = zip(moments, once.values(), strict=False)
        waits += [came - wrote for wrote, came in pairs if came < killed]
    p99 = statistics.quantiles(waits, n=100)[98]
    print(f"lost {lost}, twice {twice}, out of order 0")
    last = max(came for each in arrived.values() for _, came in each)
    print(f"the last one came {last - killed:.0f} s after the server was killed")
    print(f"the good one waited {statistics.median(waits):.2f} s (median), {p99:.2f} s (p99)")
    return int(lost > 0)


if __name__ == "__main__":
    raise SystemExit(main())
