/**
 * OTLP/gRPC of one intake: the same custody, memory and answers as over HTTP. Nobody is asked who
 * he is, because the socket says it.
 */
import {
  decodeExport,
  INTAKE_HEADER_MS_MAX,
  INTAKE_REQUEST_MS_MAX,
  SchemaError,
  toEvents,
} from '@vitrine/schema';
import { GrpcServer } from '@vitrine/schema/grpc';
import type { Budget } from '@vitrine/schema/receive';
import { RelayError } from '../error.ts';
import { encodeTaken, failureOf } from './answer.ts';
import type { IntakeOptions } from './server.ts';

export function grpcIntake(options: IntakeOptions, budget: Budget): GrpcServer<undefined> {
  const { vantage, custody, log } = options;
  return new GrpcServer({
    memoryFor: () => budget,
    requestMsMax: INTAKE_REQUEST_MS_MAX,
    firstCallMsMax: INTAKE_HEADER_MS_MAX,
    welcome() {
      if (custody.closed) throw new RelayError('DRAINING', 'this relay is closing');
      return undefined;
    },
    async take({ signal, body }) {
      const read = () => toEvents(decodeExport(signal, 'protobuf', body, { direct: 'relayed' }));
      return encodeTaken(signal, 'protobuf', await custody.take(vantage, read));
    },
    lost: (error) => countLost(options, error),
    failureOf(error) {
      if (!(error instanceof SchemaError || error instanceof RelayError)) {
        log(`intake ${vantage}: ${String(error)}`);
      }
      return failureOf(error);
    },
  });
}

/** Losses that happen before `Custody` sees anything are counted here. */
export function countLost({ custody, vantage }: IntakeOptions, error: SchemaError): void {
  if (error.code === 'OTLP_OVERLOADED') custody.drops.count(vantage, 'overload');
  else custody.drops.count(vantage, error.code === 'OTLP_TOO_LARGE' ? 'too_large' : 'malformed');
}
