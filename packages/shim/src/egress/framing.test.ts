/**
 * What the destination gets, byte for byte: one request for each that is recorded, framed by the
 * proxy, for the host it was judged by.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPath } from '@vitrine/schema';
import { Reporter } from '../sdk/reporter.ts';
import { StageIntake } from '../stage/intake.ts';
import { StageProvider } from '../stage/provider.ts';
import { StageWire, sendPlain, sendTls } from '../stage/wire.ts';
import { RunAuthority } from './certificate.ts';
import { CredentialReader, fingerprint } from './credential.ts';
import { parseHostRule } from './host-rule.ts';
import { EgressProxy } from './proxy.ts';

const HOST = 'Host: plain.example\r\n';
const SMUGGLED = `POST /v1/files HTTP/1.1\r\n${HOST}x-api-key: foreign\r\n\r\n`;

let authority: RunAuthority;
let intake: StageIntake;
let wire: StageWire;
let provider: StageProvider;
let proxy: EgressProxy;
let reporter: Reporter;
let socket: string;
/** What the provider behind the tunnel was asked. */
let asked: string[] = [];

before(async () => {
  authority = await RunAuthority.create(Date.now());
});

beforeEach(async () => {
  intake = await new StageIntake().start();
  wire = await StageWire.start();
  asked = [];
  provider = await StageProvider.start(intake.dir, (request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    response.end('there');
  });
  const endpoint = { url: `unix://${intake.socket}`, secure: false };
  reporter = await Reporter.start({ endpoint, shim: 'egress', log: () => {} });
  proxy = new EgressProxy({
    rules: [
      parseHostRule(`plain.example:80=127.0.0.1:${wire.port}`),
      parseHostRule(`tls.example=127.0.0.1:${provider.port}`, provider.caFile),
    ],
    authority,
    credentials: new CredentialReader(Buffer.alloc(32), []),
    report: (event, boundMs) => reporter.add(event, boundMs),
  });
  socket = join(intake.dir, 'egress.sock');
  await proxy.listen(socket);
});

afterEach(async () => {
  await proxy.close();
  await reporter.close(1_000);
  await provider.end();
  await wire.end();
  await intake.end();
});

const plain = (line: string, headers = '', body = ''): Promise<string> =>
  sendPlain(
    socket,
    `${line.replace(' /', ' http://plain.example/')}\r\n${HOST}${headers}\r\n${body}`,
  );
const tls = (text: string): Promise<string> =>
  sendTls(socket, text, { host: 'tls.example', ca: authority.certificate });
const rules = (): unknown[] =>
  intake.of('egress.request').map(({ fields }) => readPath(fields, 'decision.rule'));

describe('a request that two could read in two ways', () => {
  const length = `Content-Length: ${SMUGGLED.length}\r\n`;
  const chunked = 'Transfer-Encoding: chunked\r\n';
  const chunks = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
  const forms: [string, string, string, string][] = [
    ['hides its length', 'GET', `Connection: Content-Length\r\n${length}`, SMUGGLED],
    [
      'hides it among others',
      'DELETE',
      `Connection: close, x , content-length\r\n${length}`,
      SMUGGLED,
    ],
    [
      'hides it in a second list',
      'HEAD',
      `Connection: x\r\nConnection: content-length\r\n${length}`,
      SMUGGLED,
    ],
    ['hides its coding', 'OPTIONS', `Connection: transfer-encoding\r\n${chunked}`, chunks],
    ['hides its host', 'GET', 'Connection: host\r\n', ''],
    ['has two hosts', 'GET', 'Host: plain.example\r\n', ''],
    ['has a coding before chunked', 'POST', 'Transfer-Encoding: x, chunked\r\n', chunks],
    ['has it in two lines', 'POST', `Transfer-Encoding: x\r\n${chunked}`, chunks],
    ['expects something else', 'POST', `Expect: 200-ok\r\n${length}`, SMUGGLED],
  ];
  for (const [what, method, headers, body] of forms) {
    it(`is refused and recorded: ${what}`, async () => {
      assert.match(await plain(`${method} / HTTP/1.1`, headers, body), /^HTTP\/1\.1 400 /);
      assert.deepEqual([rules()[0], wire.got], ['malformed request', '']);
      const { fields } = intake.of('egress.request')[0]!;
      assert.deepEqual(
        [readPath(fields, 'http.denied'), readPath(fields, 'http.status')],
        [true, 400],
      );
    });
  }

  it('is refused: a coding in HTTP/1.0, and what is older', async () => {
    assert.match(await plain('POST / HTTP/1.0', chunked, chunks), /^HTTP\/1\.1 400 /);
    assert.match(await sendPlain(socket, 'GET http://plain.example/\r\n\r\n'), / 400 /);
    assert.deepEqual([rules(), wire.got], [['malformed request', 'malformed request'], '']);
  });

  const unreadable: [string, string][] = [
    ['a length and a coding', `${length}${chunked}`],
    ['two lengths', `${length}${length}`],
    ['a coding after chunked', 'Transfer-Encoding: chunked, x\r\n'],
    ['a folded line', 'Transfer-Encoding:\r\n chunked\r\n'],
    ['a space before the colon', `Content-Length : ${SMUGGLED.length}\r\n`],
  ];
  for (const [what, headers] of unreadable) {
    it(`is no request, which is told of: ${what}`, async () => {
      assert.match(await plain('POST / HTTP/1.1', headers, chunks), /^HTTP\/1\.1 400 /);
      assert.match(String(intake.of('egress.error')[0]?.fields.reason), /^no HTTP: HPE_/);
      assert.equal(wire.got, '');
    });
  }
});

describe('the destination gets', () => {
  const from = 'HTTP/1.1\r\nhost: plain.example\r\n';
  const kept = 'Connection: keep-alive\r\n\r\n';
  const framed: [string, string, string, string, string][] = [
    [
      'a body with a length',
      'GET',
      'Content-Length: 002\r\n',
      '{}',
      `content-length: 2\r\n${kept}{}`,
    ],
    [
      'a body in chunks',
      'DELETE',
      'Transfer-Encoding: Chunked\r\n',
      '2\r\n{}\r\n0\r\n\r\n',
      `transfer-encoding: chunked\r\n${kept}2\r\n{}\r\n0\r\n\r\n`,
    ],
    [
      'no trailer',
      'POST',
      'Trailer: X\r\nTransfer-Encoding: chunked\r\n',
      '2;ext=1\r\n{}\r\n0\r\nX-Api-Key: foreign\r\n\r\n',
      `transfer-encoding: chunked\r\n${kept}2\r\n{}\r\n0\r\n\r\n`,
    ],
    ['no body, said so', 'POST', '', '', `content-length: 0\r\n${kept}`],
    [
      'no body',
      'GET',
      'Keep-Alive: 1\r\nTE: trailers\r\nConnection: X-Own\r\nX-Own: 1\r\n',
      '',
      kept,
    ],
    ['no upgrade', 'GET', 'Connection: Upgrade\r\nUpgrade: h2c\r\n', '', kept],
  ];
  for (const [what, method, headers, body, expected] of framed) {
    it(`${what}: ${method}`, async () => {
      assert.match(await plain(`${method} /a HTTP/1.1`, headers, body), /^HTTP\/1\.1 200 /);
      assert.equal(wire.got, `${method} /a ${from}${expected}`);
      assert.equal(intake.of('egress.request').length, 1);
    });
  }

  it('an old client’s request as a new one, whose answer ends with the connection', async () => {
    wire.says = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';
    const answer = await plain('GET /a HTTP/1.0', 'Connection: keep-alive\r\n');
    assert.equal(wire.got, `GET /a ${from}${kept}`);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n(?!.*chunked)(?:.*\r\n)*Connection: close\r\n/i);
  });

  it('two requests on one connection as two, both recorded', async () => {
    const second = `GET http://plain.example/b HTTP/1.1\r\n${HOST}\r\n`;
    await plain('POST /a HTTP/1.1', 'Content-Length: 2\r\n', `{}${second}`);
    await intake.until(({ fields }) => readPath(fields, 'http.path') === '/b');
    assert.equal(intake.of('egress.request').length, 2);
  });
});

describe('an answer', () => {
  const bad: [string, string][] = [
    ['changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['upgrades', 'HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'],
    [
      'has a coding we cannot undo',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ],
  ];
  for (const [what, says] of bad) {
    it(`is not handed on when it ${what}`, async () => {
      wire.says = says;
      assert.match(await plain('GET / HTTP/1.1'), /^HTTP\/1\.1 502 /);
      assert.equal(intake.of('egress.request').length, 1);
    });
  }

  it('that hides its length is framed all the same', async () => {
    wire.says = 'HTTP/1.1 200 OK\r\nconnection: content-length\r\ncontent-length: 2\r\n\r\nok';
    assert.match(await plain('GET / HTTP/1.1'), /\r\ncontent-length: 2\r\n/);
  });

  const early: [what: string, status: number, rest: string][] = [
    ['a refusal', 400, 'transfer-encoding: chunked\r\n\r\n2\r\nno\r\n'],
    ['a whole answer', 307, 'location: /b\r\ncontent-length: 2\r\n\r\nno'],
  ];
  for (const [what, status, rest] of early) {
    it(`that comes before the body is all there ends the sending: ${what}`, async () => {
      wire.says = `HTTP/1.1 ${status} Early\r\n${rest}`;
      const client = connect(socket);
      client.on('error', () => {});
      const line = `POST http://plain.example/early HTTP/1.1\r\n${HOST}X-Api-Key: foreign`;
      client.write(`${line}\r\nContent-Length: 500000\r\n\r\n{}`);
      while (!wire.got.endsWith('{}')) await sleep(5);
      const answered = once(client, 'data');
      if (status !== 400) client.write('x'.repeat(300_000));
      const [answer] = (await answered) as [Buffer];
      assert.match(answer.toString(), new RegExp(`^HTTP/1\\.1 ${status} `));
      // Told of before that, as any other.
      const member = (path: string) => readPath(intake.of('egress.request')[0]?.fields, path);
      assert.deepEqual([member('http.method'), member('http.path')], ['POST', '/early']);
      assert.equal(member('http.auth_fp'), fingerprint(Buffer.alloc(32), 'foreign'));
      client.write('x'.repeat(100_000));
      await sleep(100);
      client.destroy();
      const body = wire.got.slice(wire.got.indexOf('\r\n\r\n') + 4);
      if (status === 400) assert.equal(body, '{}');
      assert.ok(body.length <= Number(member('http.req_bytes')), 'what is told is all');
      assert.ok(body.length < 400_000, 'the rest was not sent');
    });
  }

  it('that breaks off before the body is all there is told of, and nobody waits', async () => {
    wire.says = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf';
    const answer = plain('POST / HTTP/1.1', 'Content-Length: 9\r\n', '{}');
    while (!wire.got.endsWith('{}')) await sleep(5);
    wire.cut();
    assert.match(await answer, /^HTTP\/1\.1 502 /);
    assert.equal(readPath(intake.of('egress.request')[0]?.fields, 'http.req_bytes'), 2);
  });
});

describe('inside a tunnel', () => {
  const at = 'Host: tls.example\r\n';
  const targets = ['https://evil.test/x', 'http://tls.example/x', '*', '/v1/files#x'];
  for (const target of targets) {
    it(`the target ${target} is refused and recorded`, async () => {
      assert.match(await tls(`OPTIONS ${target} HTTP/1.1\r\n${at}\r\n`), /^HTTP\/1\.1 400 /);
      assert.deepEqual([rules(), asked], [['malformed request'], []]);
    });
  }

  const hosts: [string, string, string][] = [
    ['a second Host', `${at}Host: evil.test\r\n`, 'malformed request'],
    ['the same Host twice', `${at}${at}`, 'malformed request'],
    ['another Host', 'Host: evil.test\r\n', 'another host inside'],
    ['another port', 'Host: tls.example:8443\r\n', 'another host inside'],
    ['no Host', '', 'another host inside'],
  ];
  for (const [what, headers, rule] of hosts) {
    it(`${what} is refused and recorded`, async () => {
      assert.match(await tls(`GET / HTTP/1.1\r\n${headers}\r\n`), /^HTTP\/1\.1 40[03] /);
      assert.deepEqual([rules(), asked], [[rule], []]);
    });
  }

  it('the Host is written as the tunnel’s, however it was spelled', async () => {
    for (const host of ['TLS.example.', 'tls.example:443', '[tls.example]']) {
      assert.match(await tls(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`), /^HTTP\/1\.1 200 /);
    }
    assert.deepEqual(new Set(asked), new Set(['tls.example /a']));
    assert.equal(asked.length, 3);
  });

  it('another CONNECT is refused and told of', async () => {
    assert.match(await tls(`CONNECT evil.test:443 HTTP/1.1\r\n${at}\r\n`), /^HTTP\/1\.1 400 /);
    assert.equal(intake.of('egress.error')[0]?.fields.reason, 'CONNECT inside a tunnel');
  });
});

it('what is no request to a proxy is told of', async () => {
  assert.match(await sendPlain(socket, `GET /a HTTP/1.1\r\n${HOST}\r\n`), /^HTTP\/1\.1 400 /);
  assert.equal(intake.of('egress.error').length, 1);
});
