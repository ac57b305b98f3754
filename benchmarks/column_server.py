"""The floor of large reads: sends the bytes of one SQLite column, or of a file, to whoever
connects; nothing else."""

import socket
import sqlite3
import sys
from pathlib import Path


def main() -> None:
    path, port = sys.argv[1], int(sys.argv[2])
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            client, _ = listener.accept()
            with client:
                wanted = client.recv(65536).split(b" ")[1]
                client.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
                if wanted == b"/file":
                    with Path(f"{path}.file").open("rb") as file:
                        client.sendfile(file)
                else:
                    raw = sqlite3.connect(path)
                    cursor = raw.execute("SELECT document FROM whole ORDER BY process_id")
                    while rows := cursor.fetchmany(256):
                        client.sendall(b",".join([row[0] for row in rows]))
                    raw.close()


if __name__ == "__main__":
    main()
