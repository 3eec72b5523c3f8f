"""Addon of mitmproxy for `vitrine run --egress mitmproxy`: keeps the way out to the hosts given.

Reads once, from a file, which hosts a sandbox may reach and which networks are internal. Whatever
mitmproxy would connect to beside that is not connected, also when a request inside a tunnel asks
for it. Only processes of the user who runs this get a connection: a port is open to everybody.
mitmproxy ends when its standard input does, so that it does not outlive who started it.

    mitmdump -s vitrine_guard.py --set vitrine_rules=/path/of/rules.json
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import re
import socket

from mitmproxy import ctx, http


def host_name(value: str | None) -> str:
    return (value or "").lower().rstrip(".")


class Guard:
    def __init__(self) -> None:
        self._hosts: dict[tuple[str, int], dict] = {}
        self._internal: list = []
        self._asked: dict[str, str] = {}

    def load(self, loader) -> None:
        loader.add_option("vitrine_rules", str, "", "JSON file with hosts and internal networks.")

    def configure(self, updated) -> None:
        if "vitrine_rules" not in updated:
            return
        with open(ctx.options.vitrine_rules, encoding="utf-8") as file:
            rules = json.load(file)
        self._hosts = {(host_name(each["host"]), each["port"]): each for each in rules["hosts"]}
        self._internal = [ipaddress.ip_network(each) for each in rules["internal"]]

    def running(self) -> None:
        asyncio.get_running_loop().add_reader(0, self._heard)

    def _heard(self) -> None:
        if not os.read(0, 1024):
            asyncio.get_running_loop().remove_reader(0)
            ctx.master.shutdown()

    def client_connected(self, client) -> None:
        if owner_of(client.peername, client.sockname) != os.getuid():
            client.error = "this proxy is somebody else's"

    def client_disconnected(self, client) -> None:
        self._asked.pop(client.id, None)

    def http_connect(self, flow: http.HTTPFlow) -> None:
        self._asked[flow.client_conn.id] = host_name(flow.request.host)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Another name inside than in CONNECT: who answers for both would be reached unseen."""
        request = flow.request
        asked = self._asked.get(flow.client_conn.id) or host_name(request.host)
        # Also an absolute target, or HTTP/2's own name beside a Host: all of it is handed on.
        names = [request.authority, *request.headers.get_all("host")]
        claimed = {host_name(re.sub(r":\d+$", "", each)) for each in names if each}
        sni = host_name(flow.client_conn.sni)
        if claimed != {asked} or (sni and sni != asked):
            flow.kill()

    async def server_connect(self, data) -> None:
        server = data.server
        host, port = host_name(server.address[0]), server.address[1]
        rule = self._hosts.get((host, port))
        if rule is None:
            server.error = "this host is not allowed"
            return
        # What is verified is the allowed name, whatever the client's TLS says.
        server.sni = host
        if "address" in rule:
            server.address = (rule["address"], rule["upstream_port"])
            return
        try:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            server.error = "the name is not known"
            return
        addresses = [each[4][0] for each in found]
        if any(self._is_internal(each) for each in addresses):
            server.error = "this name leads to an internal address"
        else:
            server.address = (addresses[0], port)

    def _is_internal(self, text: str) -> bool:
        address = ipaddress.ip_address(text.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._internal)


def owner_of(peer, here) -> int | None:
    """User of a connection from this machine, as Linux lists it; None for any other."""
    if not peer or not here or ":" in peer[0]:
        return None
    wanted = [place_in_table(peer), place_in_table(here)]
    with open("/proc/net/tcp", encoding="ascii") as table:
        next(table)
        for line in table:
            fields = line.split()
            if fields[1:3] == wanted:
                return int(fields[7])
    return None


def place_in_table(place) -> str:
    number = int.from_bytes(socket.inet_aton(place[0]), "little")
    return f"{number:08X}:{place[1]:04X}"


addons = [Guard()]
