"""Addon of mitmproxy: tells Vitrine of every request, tunnel and passed-through connection.

What it sees goes as one line of JSON each to the Unix socket of `vitrine shim mitmproxy`, which
answers with the number of each line that is on disk. No client gets a byte of an answer before.
Of a credential nothing but HMAC-SHA-256(key, secret), 16 bytes, leaves this process; bodies are
counted, looked into for requests that make the server fetch something, and not kept.

    mitmdump -s vitrine_egress.py --set vitrine_socket=/path/of/the/socket
"""

from __future__ import annotations

import asyncio
import collections
import hashlib
import hmac
import json
import platform
import re
import time
import zlib
from base64 import b64decode
from urllib.parse import parse_qsl, urlsplit

from mitmproxy import ctx, exceptions, http, version

PROTOCOL = 1
TEXT_CHARS_MAX = 8192
LIST_MAX = 256
# Bodies up to this are looked into; the copy is gone when the request is told.
BODY_BYTES_MAX = 4 * 1024 * 1024
NODES_MAX = 200_000
# Answers up to this wait as a whole, so that one line says it all.
SMALL_BYTES_MAX = 65_536
# A request whose answer has not begun by then is told without it.
ANSWER_S_MAX = 1.0
QUEUE_MAX = 1_000
BUFFER_BYTES_MAX = 16 * 1024 * 1024
GREETING_BYTES_MAX = 1024 * 1024
RETRY_S = 0.2
UNAUDITED = b'{"code":"EGRESS_UNAUDITED","message":"the record of this request could not be kept"}'


class Link:
    """The way to the shim: numbered lines out, numbers of durable lines back."""

    def __init__(self) -> None:
        self.greeting: dict = {}
        self._writer: asyncio.StreamWriter | None = None
        self._up = asyncio.Event()
        self._sent = 0
        self._waiting: dict[int, asyncio.Future] = {}
        self._queue: collections.deque = collections.deque()
        self._lost = 0

    async def run(self, path: str) -> None:
        while True:
            try:
                await self._serve(path)
            except (OSError, ValueError, asyncio.IncompleteReadError):
                pass
            finally:
                self._down()
            await asyncio.sleep(RETRY_S)

    async def _serve(self, path: str) -> None:
        reader, writer = await asyncio.open_unix_connection(path, limit=GREETING_BYTES_MAX)
        greeting = json.loads(await reader.readline())
        if not isinstance(greeting, dict) or greeting.get("v") != PROTOCOL:
            raise ValueError("this is no shim of this version")
        self.greeting, self._writer, self._sent = greeting, writer, 0
        about = {"mitmproxy": version.VERSION, "python": platform.python_version()}
        self._write({"kind": "hello", "keyed": bool(greeting.get("key")), **about})
        self._tell_lost()
        while self._queue:
            self._write(self._queue.popleft())
        self._up.set()
        while line := await reader.readline():
            waiting = self._waiting.pop(int(line), None)
            if waiting and not waiting.done():
                waiting.set_result(True)

    def _down(self) -> None:
        self._up.clear()
        if self._writer:
            self._writer.close()
        self._writer = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(False)
        self._waiting.clear()

    def _write(self, event: dict) -> int:
        assert self._writer
        line = json.dumps({"v": PROTOCOL, **event}, separators=(",", ":"))
        self._writer.write(line.encode("ascii") + b"\n")
        self._sent += 1
        return self._sent

    async def tell(self, event: dict) -> bool:
        """True when the line is durable; False when it is not in time."""
        try:
            async with asyncio.timeout(self.greeting.get("ack_ms", 5_000) / 1_000):
                again = False
                while not await self._heard({**event, "again": True} if again else event):
                    # It may have been taken all the same: then the same flow is told of twice.
                    again = True
                return True
        except TimeoutError:
            return False

    async def _heard(self, event: dict) -> bool:
        await self._up.wait()
        if self._writer is None:
            return False
        number = self._write(event)
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            return await waiting
        finally:
            self._waiting.pop(number, None)

    def post(self, event: dict) -> None:
        """For what nobody waits for; kept while the shim is away or slow, up to a bound."""
        if self._writer and self._writer.transport.get_write_buffer_size() < BUFFER_BYTES_MAX:
            self._tell_lost()
            self._write(event)
        elif self._writer is None and len(self._queue) < QUEUE_MAX:
            self._queue.append(event)
        else:
            self._lost += 1

    def _tell_lost(self) -> None:
        if self._lost:
            reason = "the shim was away or slow"
            self._write({"kind": "trouble", "reason": reason, "count": self._lost})
            self._lost = 0

    async def drain(self) -> None:
        if self._writer:
            await self._writer.drain()


def text(value: str | bytes | None) -> str:
    """No lone surrogates, bounded: what a client sends need not be text."""
    if value is None:
        return ""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    return value[: 4 * TEXT_CHARS_MAX].decode("utf-8", "replace")[:TEXT_CHARS_MAX]


def host_name(value: str | None) -> str:
    return text(value).lower().rstrip(".")


class Credentials:
    """The one place that sees a secret."""

    def __init__(self, greeting: dict) -> None:
        key = greeting.get("key")
        self._key = bytes.fromhex(key) if isinstance(key, str) else None
        self._headers = frozenset(greeting.get("credential_headers", []))
        self._query = [re.compile(p, re.IGNORECASE) for p in greeting.get("credential_query", [])]
        self._shapes = re.compile(greeting.get("token_shapes", r"(?!)"))

    @property
    def keyed(self) -> bool:
        return self._key is not None

    def find(self, request: http.Request) -> list[dict]:
        found = []
        for raw_name, raw_value in request.headers.fields:
            name = raw_name.decode("latin1").lower()
            if name in self._headers:
                found += self._header(name, raw_value.decode("latin1").strip())
        for name, value in query_of(request):
            if value and any(p.search(name) for p in self._query):
                found.append(self._credential(f"query:{text(name).lower()}", "query", value))
        return found

    def body(self, value: str) -> dict:
        return self._credential("body:api_key", "body", value)

    def brought(self, text: str) -> list[str]:
        """Fingerprints of what in a text has the form of a token."""
        shaped = [self._credential("", "", m[0]) for m in self._shapes.finditer(text)]
        return [each["fp"] for each in shaped if "fp" in each]

    def _header(self, name: str, value: str) -> list[dict]:
        if not name.endswith("authorization"):
            return [self._credential(name, name, value)]
        scheme = re.match(r"([A-Za-z][A-Za-z0-9-]*) +(.+)$", value, re.DOTALL)
        if not scheme:
            return [self._credential(name, "raw", value)]
        word, secret = scheme[1].lower(), scheme[2]
        secrets = self._basic(secret) if word == "basic" else [secret.strip()]
        return [self._credential(name, word, each) for each in secrets]

    def _basic(self, value: str) -> list[str]:
        """The password, or the user when there is none; a user that looks like a token as well."""
        try:
            user, colon, password = b64decode(value).decode("utf-8", "replace").partition(":")
        except ValueError:
            return [value]
        if not colon:
            return [value]
        if not password:
            return [user]
        return [password, user] if self._shapes.search(user) else [password]

    def _credential(self, where: str, scheme: str, secret: str) -> dict:
        about = {"where": where, "scheme": scheme[:64]}
        if self._key is None:
            return about
        mac = hmac.new(self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return {**about, "fp": mac.hexdigest()[:32]}


def query_of(request: http.Request) -> list[tuple[str, str]]:
    query = urlsplit(request.path).query
    return parse_qsl(query, keep_blank_values=True, errors="replace")


class Body:
    """Counts what passes, and keeps a copy of JSON to look into."""

    def __init__(self, request: http.Request) -> None:
        self.bytes = 0
        self.unread = ""
        self._encoding = request.headers.get("content-encoding", "identity").lower()
        is_json = "json" in request.headers.get("content-type", "").lower()
        self._copy: bytearray | None = bytearray() if is_json else None

    def pass_on(self, chunk: bytes) -> bytes:
        self.bytes += len(chunk)
        if self._copy is not None:
            self._copy += chunk
            if len(self._copy) > BODY_BYTES_MAX:
                self._copy, self.unread = None, "too large"
        return chunk

    def answered(self) -> None:
        """The answer has begun before this has ended: what comes now is told too late to count."""
        if self._copy is not None:
            self._copy, self.unread = None, "answered early"

    def take(self) -> object:
        """The JSON as nested lists of pairs, for a name may be there twice; None if there is none."""
        copy, self._copy = self._copy, None
        if not copy:
            return None
        try:
            return json.loads(self._plain(bytes(copy)), object_pairs_hook=Pairs)
        except (ValueError, RecursionError, zlib.error):
            self.unread = self.unread or "no JSON"
            return None

    def _plain(self, copy: bytes) -> bytes:
        if self._encoding == "identity":
            return copy
        if self._encoding not in ("gzip", "deflate"):
            self.unread = "encoded"
            raise ValueError
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        plain = unpacker.decompress(copy, BODY_BYTES_MAX)
        if unpacker.unconsumed_tail:
            self.unread = "too large"
            raise ValueError
        return plain


class Pairs(list):
    pass


# What a tool gave back, as it is told to a model: the type or the role of the object it is in.
BROUGHT = frozenset(["tool_result", "function_call_output", "tool"])


class Fetches:
    """What in a JSON body makes the server fetch or run something, and from which hosts; and the
    tokens in what tools have given back."""

    def __init__(self, known: dict, brought) -> None:
        self._brought = brought
        self._url = frozenset(known.get("url_members", []))
        self._members = frozenset(known.get("members", []))
        self._tools = tuple(known.get("tool_prefixes", []))
        self.markers: dict[str, None] = {}
        self.hosts: dict[str, None] = {}
        self.tokens: dict[str, None] = {}
        self.api_key = ""

    def look(self, body: object) -> None:
        stack, nodes = [("", body, False)], 0
        while stack and nodes < NODES_MAX:
            parent, value, is_brought = stack.pop()
            nodes += 1
            if isinstance(value, Pairs):
                self._object(parent, value)
                is_brought = is_brought or any(
                    n in ("type", "role") and isinstance(v, str) and v in BROUGHT for n, v in value
                )
                stack += [(name, each, is_brought) for name, each in value]
            elif isinstance(value, list):
                stack += [(parent, each, is_brought) for each in value]
            elif is_brought and isinstance(value, str) and len(self.tokens) < LIST_MAX:
                self.tokens |= dict.fromkeys(self._brought(value))
        if isinstance(body, Pairs):
            keys = [v for n, v in body if n == "api_key" and isinstance(v, str)]
            self.api_key = keys[0] if keys else ""

    def _object(self, parent: str, pairs: Pairs) -> None:
        kind = next((v for n, v in pairs if n == "type" and isinstance(v, str)), "")
        url = next((v for n, v in pairs if n == "url" and isinstance(v, str)), "")
        if kind == "url" and url:
            self._mark("source.url", url)
        if parent == "tools" and self._tools and kind.startswith(self._tools):
            self._mark(f"tools.{next(t for t in self._tools if kind.startswith(t))}", url)
        if kind in self._members:
            self._mark(kind, "")
        if parent in self._members and url:
            self._mark(parent, url)
        for name, value in pairs:
            if name in self._members and value:
                self._mark(name, value if isinstance(value, str) else "")
            if name in self._url:
                inner = [v for n, v in value if n == "url"] if isinstance(value, Pairs) else [value]
                for each in inner:
                    if isinstance(each, str) and re.match(r"https?:", each, re.IGNORECASE):
                        self._mark(name, each)

    def _mark(self, marker: str, url: str) -> None:
        if len(self.markers) < LIST_MAX:
            self.markers[marker] = None
        try:
            host = urlsplit(url).hostname
        except ValueError:
            host = None
        if host and len(self.hosts) < LIST_MAX:
            self.hosts[host_name(host)] = None


class Exchange:
    """One request and its answer."""

    def __init__(self, flow: http.HTTPFlow) -> None:
        self.body = Body(flow.request)
        self.resp_bytes = 0
        self.streamed = False
        self.said: dict = {}
        self.told: asyncio.Task | None = None
        self.late: asyncio.TimerHandle | None = None

    def count_up(self, chunk: bytes) -> bytes:
        self.resp_bytes += len(chunk)
        return chunk


class Egress:
    def __init__(self) -> None:
        self._link: Link | None = None
        self._task: asyncio.Task | None = None
        self._exchanges: dict[str, Exchange] = {}
        self._streams: dict[str, dict] = {}
        self._sockets: dict[str, dict] = {}

    # -- life

    def load(self, loader) -> None:
        about = "Unix socket of `vitrine shim mitmproxy`."
        loader.add_option("vitrine_socket", str, "", about)

    def configure(self, updated) -> None:
        if "vitrine_socket" in updated and not ctx.options.vitrine_socket:
            raise exceptions.OptionsError("vitrine_socket is not set")

    def running(self) -> None:
        if not ctx.options.vitrine_socket:
            ctx.log.error("vitrine: --set vitrine_socket=… is missing: nothing would be told")
            ctx.master.shutdown()
            return
        # Without this the bytes of what is not intercepted are not counted; they are not kept.
        ctx.options.update(show_ignored_hosts=True)
        self._link = Link()
        self._task = asyncio.create_task(self._link.run(ctx.options.vitrine_socket))

    async def done(self) -> None:
        if self._link and self._task:
            self._link.post({"kind": "bye", "t": now()})
            try:
                await asyncio.wait_for(self._link.drain(), 2)
            except (OSError, TimeoutError):
                pass
            self._task.cancel()

    async def _tell(self, event: dict) -> bool:
        return self._link is not None and await self._link.tell(event)

    def _post(self, event: dict) -> None:
        if self._link:
            self._link.post(event)

    # -- requests

    async def http_connect(self, flow: http.HTTPFlow) -> None:
        tunnels[flow.client_conn.id] = (flow.request.host, flow.request.port)
        event = {"kind": "tunnel", "t": now(), **place_of(flow), "method": "CONNECT"}
        if not await self._tell(event):
            flow.response = refusal()
            flow.response.headers["connection"] = "close"

    def client_disconnected(self, client) -> None:
        tunnels.pop(client.id, None)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        exchange = Exchange(flow)
        self._exchanges[flow.id] = exchange
        flow.request.stream = exchange.body.pass_on

    async def request(self, flow: http.HTTPFlow) -> None:
        exchange = self._exchange(flow)
        body = exchange.body
        if body.bytes == 0 and flow.request.raw_content:
            body.pass_on(flow.request.raw_content)
        await self._describe(flow, exchange)
        loop = asyncio.get_running_loop()
        exchange.late = loop.call_later(ANSWER_S_MAX, self._tell_once, flow, exchange, {})

    async def responseheaders(self, flow: http.HTTPFlow) -> None:
        exchange = self._exchange(flow)
        assert flow.response
        if is_small(flow) or flow.response.status_code == 101:
            return
        if not exchange.said:
            exchange.body.answered()
            await self._describe(flow, exchange)
        status = {"status": flow.response.status_code}
        if await self._tell_once(flow, exchange, status):
            exchange.streamed = True
            flow.response.stream = exchange.count_up
            return
        refuse_streamed(flow)

    async def response(self, flow: http.HTTPFlow) -> None:
        exchange = self._exchange(flow)
        assert flow.response
        if not exchange.streamed:
            exchange.resp_bytes = len(flow.response.raw_content or b"")
        answer = {"status": flow.response.status_code, "resp_bytes": exchange.resp_bytes}
        if exchange.told is None:
            if not await self._tell_once(flow, exchange, answer):
                flow.response = refusal()
        elif not await asyncio.shield(exchange.told) or not await self._tell_rest(flow, answer):
            if not exchange.streamed:
                flow.response = refusal()
        if flow.websocket is None and flow.response.status_code != 101:
            self._forget(flow)

    async def error(self, flow: http.HTTPFlow) -> None:
        exchange = self._exchange(flow)
        reason = reason_of(flow.error.msg if flow.error else "")
        if exchange.told is None:
            await self._describe(flow, exchange)
            self._tell_once(flow, exchange, {"error": reason})
        lost = {"resp_bytes": exchange.resp_bytes, "req_bytes": exchange.body.bytes}
        self._post({"kind": "error", "t": now(), "flow": flow.id, **place_of(flow), **lost,
                    "method": text(flow.request.method), "reason": reason})
        self._forget(flow)

    def _exchange(self, flow: http.HTTPFlow) -> Exchange:
        """Another addon may have answered before there were headers of ours."""
        return self._exchanges.setdefault(flow.id, Exchange(flow))

    def _forget(self, flow: http.HTTPFlow) -> None:
        exchange = self._exchanges.pop(flow.id, None)
        if exchange and exchange.late:
            exchange.late.cancel()

    async def _describe(self, flow: http.HTTPFlow, exchange: Exchange) -> None:
        greeting = self._link.greeting if self._link else {}
        credentials = Credentials(greeting)
        found = credentials.find(flow.request)
        fetches = Fetches(greeting.get("fetch", {}), credentials.brought)
        loop = asyncio.get_running_loop()
        body = await loop.run_in_executor(None, exchange.body.take)
        if body is not None:
            await loop.run_in_executor(None, fetches.look, body)
        if fetches.api_key:
            found.append(credentials.body(fetches.api_key))
        flagged = greeting.get("fetch", {}).get("headers", [])
        request = flow.request
        exchange.said = {
            "method": text(request.method),
            "path": text(urlsplit(request.path).path),
            "query_keys": [text(name) for name, _ in query_of(request)][:LIST_MAX],
            "credentials": found[:LIST_MAX],
            "credentials_omitted": max(0, len(found) - LIST_MAX),
            "unkeyed": bool(found) and not credentials.keyed,
            "fetch": list(fetches.markers),
            "fetch_hosts": list(fetches.hosts),
            "brought": list(fetches.tokens)[:LIST_MAX],
            "flagged": {n: text(request.headers[n]) for n in flagged if n in request.headers},
            "unread": exchange.body.unread,
        }

    def _tell_once(self, flow: http.HTTPFlow, exchange: Exchange, known: dict) -> asyncio.Future:
        if exchange.told is None:
            about = {**place_of(flow), **exchange.said, **known}
            event = {"kind": "request", "t": now(), "flow": flow.id, **about,
                     "req_bytes": exchange.body.bytes}
            exchange.told = asyncio.ensure_future(self._tell(event))
        return asyncio.shield(exchange.told)

    async def _tell_rest(self, flow: http.HTTPFlow, answer: dict) -> bool:
        exchange = self._exchange(flow)
        event = {"kind": "response", "t": now(), "flow": flow.id, **place_of(flow), **answer}
        event |= {"method": text(flow.request.method), "req_bytes": exchange.body.bytes}
        return await self._tell(event)

    # -- WebSocket

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        assert flow.websocket
        counts = self._sockets.setdefault(flow.id, {"req_bytes": 0, "resp_bytes": 0, "messages": 0})
        for message in flow.websocket.messages:
            counts["req_bytes" if message.from_client else "resp_bytes"] += len(message.content)
            counts["messages"] += 1
        flow.websocket.messages.clear()

    def websocket_end(self, flow: http.HTTPFlow) -> None:
        counts = self._sockets.pop(flow.id, {"req_bytes": 0, "resp_bytes": 0, "messages": 0})
        code = flow.websocket.close_code if flow.websocket else None
        self._post({"kind": "response", "t": now(), "flow": flow.id, **place_of(flow), "status": 101,
                    "websocket": True, "close_code": code, **counts})
        self._forget(flow)

    # -- what is not HTTP, or not intercepted

    async def tcp_message(self, flow) -> None:
        stream = self._streams.get(flow.id)
        messages = list(flow.messages)
        flow.messages.clear()
        if stream is None:
            first = next((m.content for m in messages if m.from_client), b"")
            # After an interception the bytes here are plain.
            tls = "open" if flow.client_conn.tls_established else "none"
            sni = flow.client_conn.sni or ""
            if tls == "none" and is_client_hello(first):
                tls, sni = "passed", server_name(first)
            stream = {**place_of(flow), "tls": tls, "sni": host_name(sni), "out": 0, "in": 0}
            self._streams[flow.id] = stream
            if not await self._tell({"kind": "stream", "phase": "open", "t": now(),
                                     "flow": flow.id, **stream}):
                flow.kill()
                for message in messages:
                    message.content = b""
        for message in messages:
            stream["out" if message.from_client else "in"] += len(message.content)

    def tcp_end(self, flow) -> None:
        stream = self._streams.pop(flow.id, None) or {**place_of(flow), "tls": "none", "out": 0, "in": 0}
        self._post({"kind": "stream", "phase": "close", "t": now(), "flow": flow.id, **stream})

    tcp_error = tcp_end

    def tls_clienthello(self, data) -> None:
        if data.ignore_connection:
            # Another addon has decided so; mitmproxy shows nobody the bytes of it.
            sni = host_name(data.client_hello.sni)
            place = connection_place(data.context.server, data.context.client)
            self._post({"kind": "stream", "phase": "open", "t": now(), **place, "sni": sni,
                        "tls": "passed", "uncounted": True})

    def tls_failed_client(self, data) -> None:
        self._tls_failed(data, "TLS with the client failed")

    def tls_failed_server(self, data) -> None:
        self._tls_failed(data, "TLS with the server failed")

    def _tls_failed(self, data, reason: str) -> None:
        place = connection_place(data.context.server, data.context.client)
        self._post({"kind": "error", "t": now(), **place, "reason": reason})


# Host and port that each connection of a client asked for, while it lasts.
tunnels: dict[str, tuple[str, int]] = {}


def now() -> str:
    return str(time.time_ns())


def connection_place(server, client) -> dict:
    host, port = tunnels.get(client.id) or (server.address or ("", 0))[:2]
    place = {"host": host_name(host), "port": port, "sni": host_name(client.sni)}
    if server.peername:
        place["dst_ip"] = server.peername[0]
    if client.peername:
        place["client_port"] = client.peername[1]
    return place


def place_of(flow) -> dict:
    """`host` is where the bytes go, whatever the Host header claims."""
    server, client = flow.server_conn, flow.client_conn
    place = connection_place(server, client)
    if isinstance(flow, http.HTTPFlow):
        request = flow.request
        if client.id not in tunnels:
            place |= {"host": host_name(request.host), "port": request.port}
        # Whoever answers has shown a certificate for this name: a better word than the tunnel's.
        if server.tls_established and server.sni and not ctx.options.ssl_insecure:
            place["host"] = host_name(server.sni)
        place |= {"scheme": request.scheme, "version": request.http_version}
        # Also an absolute target, or HTTP/2's own name beside a Host: a receiver may go by any.
        names = [request.authority, *request.headers.get_all("host")]
        claimed = [host_name(re.sub(r":\d+$", "", each)) for each in names]
        other = next((each for each in claimed if each and each != place["host"]), "")
        # That of a CONNECT says nothing: the tunnel's name is the one that counts.
        if other and request.method != "CONNECT":
            place["host_header"] = other
    return place


def is_small(flow: http.HTTPFlow) -> bool:
    assert flow.response
    if flow.request.method == "HEAD" or flow.response.status_code in (204, 304):
        return True
    length = flow.response.headers.get("content-length", "")
    return re.fullmatch(r"\d{1,5}", length) is not None and int(length) <= SMALL_BYTES_MAX


def refusal() -> http.Response:
    return http.Response.make(502, UNAUDITED, {"content-type": "application/json"})


def refuse_streamed(flow: http.HTTPFlow) -> None:
    """The answer's head has not been sent yet: ours takes its place, and its body is dropped."""
    answer = refusal()
    assert flow.response
    flow.response.status_code, flow.response.reason = answer.status_code, answer.reason
    flow.response.headers = answer.headers
    rest = [UNAUDITED]
    flow.response.stream = lambda _: rest.pop() if rest else b""


def reason_of(message: str) -> str:
    """Never the words of an error: some quote what was sent."""
    errno = re.search(r"\[Errno (\d{1,3})\]", message)
    if errno:
        return f"errno {errno[1]}"
    if "client disconnect" in message.lower():
        return "the client left"
    if "killed" in message.lower():
        return "killed"
    return "the connection failed"


def is_client_hello(data: bytes) -> bool:
    return len(data) > 5 and data[0] == 0x16 and data[1] == 0x03


def server_name(data: bytes) -> str:
    """RFC 6066 §3, of a hello that is whole in its first record; empty when there is none."""
    try:
        from mitmproxy.proxy.layers.tls import parse_client_hello

        hello = parse_client_hello(data)
        return hello.sni or "" if hello else ""
    except (ValueError, ImportError):
        return ""


addons = [Egress()]
