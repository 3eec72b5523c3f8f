/**
 * Which partition a session goes to. Chosen here and said with every message: kafkajs would choose
 * anew at each of its retries.
 */
import kafkajs from 'kafkajs';

/** murmur2 of the key, as the Java client's default partitioner has it. */
const choose = kafkajs.Partitioners.DefaultPartitioner();

/** 0 up to `count`; the same for the same session and count, in every process. */
export function partitionOf(session: string, count: number): number {
  const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
    partitionId,
    leader: 0,
    partitionErrorCode: 0,
    replicas: [],
    isr: [],
  }));
  return choose({ topic: '', partitionMetadata, message: { key: session, value: null } });
}
