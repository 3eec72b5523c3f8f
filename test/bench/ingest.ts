/**
 * How fast one machine takes events: OTLP records accepted, chained, durable and queryable, with
 * the load generator on the same cores as a process of its own. `npm run bench -- ingest 300000`
 * sends that many records of 612 bytes (`--small`: of 373); `--grpc` over gRPC, `--json` prints
 * figures for programs. `--profile DIR` says where the collector's time goes; `--paired` compares
 * with a collector that neither hashes, chains nor decides; `--minutes 10` shows whether memory
 * grows; `--unsettled` leaves out what the store takes on disk, and the minutes until its merges
 * have ended.
 */
import { fileURLToPath } from 'node:url';
import { printFigure, printMachine, sizeAsked } from './measure/bench.ts';
import {
  type IngestFigures,
  RECORDS_PER_REQUEST,
  type RunOptions,
  runIngest,
  WARM_UP_RECORDS,
} from './measure/ingest-run.ts';
import { printProfiles } from './measure/profile.ts';

const RECORDS_DEFAULT = 200_000;
const PAIRS = 3;
const SAMPLE_US = 500;
const MS_PER_MINUTE = 60_000;
const WITHOUT_CHAIN = fileURLToPath(new URL('load/without-chain.mjs', import.meta.url));
/** Budget: ingest with the chain is at least so much of that without. */
const CHAIN_RATIO_MIN = 0.8;

const json = process.argv.includes('--json');
const minutes = optionOf('--minutes');
const options: RunOptions = {
  records: minutes === undefined ? sizeAsked(RECORDS_DEFAULT) : 0,
  recordSize: process.argv.includes('--small') ? 'shim' : 'budget',
  transport: process.argv.includes('--grpc') ? 'grpc' : 'http',
  ...(minutes === undefined ? {} : { ms: Number(minutes) * MS_PER_MINUTE }),
  settles: !process.argv.includes('--unsettled'),
};

function optionOf(name: string): string | undefined {
  const place = process.argv.indexOf(name);
  return place < 0 ? undefined : process.argv[place + 1];
}

if (process.argv.includes('--paired')) await paired();
else await single(optionOf('--profile'));

async function single(profiles: string | undefined): Promise<void> {
  const profiling = [
    '--cpu-prof',
    `--cpu-prof-dir=${profiles}`,
    `--cpu-prof-interval=${SAMPLE_US}`,
  ];
  const nodeArgs = profiles === undefined ? [] : profiling;
  const figures = await runIngest({ ...options, nodeArgs });
  if (json) console.log(JSON.stringify(figures));
  else print(figures);
  if (profiles !== undefined) printProfiles(profiles, figures.records + WARM_UP_RECORDS);
  if (figures.stored !== figures.records) process.exitCode = 1;
}

/** By turns, so that whatever else the machine does falls on both. */
async function paired(): Promise<void> {
  const chained: IngestFigures[] = [];
  const plain: IngestFigures[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    chained.push(await runIngest({ ...options, settles: false }));
    const nodeArgs = ['--import', WITHOUT_CHAIN];
    plain.push(await runIngest({ ...options, settles: false, nodeArgs }));
  }
  if (json) {
    console.log(JSON.stringify({ chained, plain }));
    return;
  }
  printMachine();
  const rates = (of: IngestFigures[]): number[] => of.map((one) => one.queryablePerS);
  const spent = (of: IngestFigures[]): number[] => {
    return of.map(({ cpuUs }) => cpuUs.collector + cpuUs.engine);
  };
  printFigure('with the chain, queryable', rates(chained), 'records/s');
  printFigure('without it', rates(plain), 'records/s');
  printFigure('processor time with the chain', spent(chained), 'µs a record');
  printFigure('without it', spent(plain), 'µs a record');
  const bound = { is: 'at least', value: CHAIN_RATIO_MIN } as const;
  const rate = Math.max(...rates(chained)) / Math.max(...rates(plain));
  printFigure('rate with / without', [rate], '', bound);
  const time = Math.min(...spent(plain)) / Math.min(...spent(chained));
  printFigure('processor time without / with', [time], '', bound);
}

function print(figures: IngestFigures): void {
  const { cpuUs, threadsUs, engineThreadsUs, memoryMib, bytesPerRecord } = figures;
  printMachine();
  const sent = `${figures.records} in requests of ${RECORDS_PER_REQUEST}`;
  console.log(`records  ${sent}, OTLP/${options.transport}, after ${WARM_UP_RECORDS} to warm up`);
  console.log(`counted  ${figures.stored} in ClickHouse, ${figures.refused} requests sent again`);
  printFigure('start to ready, empty', [figures.startMs], 'ms', { is: 'at most', value: 5_000 });
  printFigure('acknowledged, durable', [figures.acknowledgedPerS], 'records/s');
  const rate = { is: 'at least', value: 30_000 } as const;
  printFigure('sealed, queryable', [figures.queryablePerS], 'records/s', rate);
  printFigure('answer p50 at full load', [figures.ackMs.p50], 'ms');
  printFigure('answer p99 at full load', [figures.ackMs.p99], 'ms');
  for (const [name, value] of Object.entries(cpuUs)) {
    printFigure(`processor time, ${name}`, [value], 'µs a record');
  }
  printThreads('thread', threadsUs);
  printThreads("engine's", engineThreadsUs);
  for (const [name, value] of Object.entries(memoryMib)) {
    printFigure(`memory at most, ${name}`, [value], 'MiB');
  }
  if (minutes !== undefined) printMemory(figures);
  printFigure('sent', [bytesPerRecord.sent], 'bytes a record');
  if (bytesPerRecord.disk === null) return;
  const disk = { is: 'at most', value: 400 } as const;
  printFigure('store on disk, settled', [bytesPerRecord.disk], 'bytes a record', disk);
}

function printThreads(whose: string, threadsUs: Record<string, number>): void {
  for (const [name, value] of Object.entries(threadsUs)) {
    if (value >= 0.1) printFigure(`  ${whose} ${name}`, [value], 'µs a record');
  }
}

/** The mean of each third of the run: what is flat ends where it was in the middle. */
function printMemory({ memorySeries }: IngestFigures): void {
  const third = Math.ceil(memorySeries.length / 3);
  for (const name of ['collectorMib', 'engineMib'] as const) {
    const means = [0, 1, 2].map((i) => {
      const some = memorySeries.slice(i * third, (i + 1) * third);
      return some.reduce((sum, one) => sum + one[name], 0) / some.length;
    });
    const [first, middle, last] = means.map((mib) => mib.toFixed(0));
    console.log(`memory   ${name}: ${first}, then ${middle}, then ${last} (mean of each third)`);
  }
}
