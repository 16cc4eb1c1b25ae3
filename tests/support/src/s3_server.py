"""The servers of OpenStack Swift, forked from one process that has imported them: one by one, importing takes most of their start.

Usage: s3_server.py FOLDER account:PORT container:PORT object:PORT, where FOLDER has the configuration of each server. Makes
the rings; then each line of stdin, `start ROLE` or `stop ROLE`, is answered by the same line. All ends with stdin.
"""

import os
import signal
import sys

import swift.account.server
import swift.container.server
import swift.obj.server
import swift.proxy.server
from swift.common.ring import RingBuilder
from swift.common.wsgi import run_wsgi

folder, *roles = sys.argv[1:]
for role, port in (each.split(":") for each in roles):
    address = {"ip": "127.0.0.1", "port": int(port)}
    replication = {f"replication_{name}": value for name, value in address.items()}
    ring = RingBuilder(6, 1, 1)
    ring.add_dev(
        {**address, **replication, "region": 1, "zone": 1, "device": "d1", "weight": 1.0, "meta": ""}
    )
    ring.rebalance()
    ring.get_ring().save(f"{folder}/{role}.ring.gz")

pids = {}


def start(role):
    pid = os.fork()
    if pid > 0:
        pids[role] = pid
        return
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    more = {"global_conf_callback": swift.obj.server.global_conf_callback} if role == "object" else {}
    os._exit(run_wsgi(f"{folder}/{role}.conf", f"{role}-server", **more) or 0)


def stop(role):
    pid = pids.pop(role, None)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


for line in sys.stdin:
    command, role = line.split()
    if command == "stop":
        stop(role)
    elif role not in pids:
        start(role)
    print(line, end="", flush=True)
for role in list(pids):
    stop(role)
