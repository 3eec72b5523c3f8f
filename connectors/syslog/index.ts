import { SYSLOG_BATCH_ALERTS_MAX, SYSLOG_BATCH_BYTES_MAX } from '@vitrine/schema';
import { defineStream } from '../kit/define.ts';
import { PORTS, syslogConfig } from './config.ts';
import { DatagramChannel } from './datagram.ts';
import { encodeSyslog } from './encode.ts';
import { FRAME_BYTES_MAX, framed } from './frame.ts';
import { StreamChannel } from './stream.ts';

export const syslog = defineStream({
  type: 'syslog',
  config: syslogConfig,
  batch: () => ({
    alertsMax: SYSLOG_BATCH_ALERTS_MAX,
    bytesMax: SYSLOG_BATCH_BYTES_MAX,
    // What comes while all sends settle goes together: waiting for more gains nothing.
    ageMsMax: 0,
    order: 'whole',
    separatorBytes: FRAME_BYTES_MAX,
    overheadBytes: 0,
  }),
  guarantee: ({ transport }) => (transport === 'udp' ? 'lossy' : 'settled'),
  encode: encodeSyslog,
  preview(bytes, { host, transport, port = PORTS[transport], framing }) {
    const to = `${transport}://${host}:${port}`;
    if (transport === 'udp') return { to, details: { framing: 'one datagram' }, bytes };
    return { to, details: { framing }, bytes: framed([bytes], framing) };
  },
  open(config, io) {
    return config.transport === 'udp'
      ? new DatagramChannel(config, io)
      : new StreamChannel(config, io);
  },
  // Others may be written while these settle.
  concurrent: true,
});
