/** `files`: which files a session touched, who saw it, and how. */
import { API_PAGE_DEFAULT, API_PAGE_MAX, VANTAGES } from '@vitrine/schema';
import {
  FILE_OPS,
  FILE_SORTS,
  type FileItem,
  type FileOp,
  type FileSort,
  type FilesAnswer,
} from '@vitrine/schema/api';
import { timeOf } from '../print/event.ts';
import { type Io, printJson } from '../print/io.ts';
import { type Column, printTable } from '../print/table.ts';
import { grouped } from '../print/text.ts';
import {
  clientOf,
  type DataOption,
  type Register,
  withData,
  withExample,
  withJson,
} from './context.ts';
import { oneOf, wholeNumber } from './options.ts';
import { namesText, SEEN_FROM, sayCut, shortened } from './views.ts';

interface FilesOptions extends DataOption {
  json?: true;
  session: string;
  path?: string;
  op?: FileOp;
  vantage?: string;
  sort: FileSort;
  limit: number;
}

const PATH_CHARS = 60;

export const addFiles: Register = (program, { io }) => {
  const command = program
    .command('files')
    .description('list the files a session touched, and what was done to them')
    .requiredOption('--session <id>', 'the session')
    .option('--path <text>', 'only paths with this text in them, as asked for or as it led to')
    .option('--op <what>', `only those with: ${FILE_OPS.join(', ')}`, oneOf('--op', FILE_OPS))
    .option('--vantage <name>', SEEN_FROM, oneOf('--vantage', VANTAGES))
    .option('--sort <name>', `by ${FILE_SORTS.join(', ')}`, oneOf('--sort', FILE_SORTS), 'path')
    .option('--limit <n>', 'how many', wholeNumber('--limit', 1, API_PAGE_MAX), API_PAGE_DEFAULT)
    .action(async (options: FilesOptions) => {
      const { session, path: q, op, vantage, sort, limit } = options;
      const order = sort === 'path' || sort === 'first' ? 'asc' : 'desc';
      const query = { session, q, op, vantage, sort, order, limit };
      const found = await clientOf(options).view<FilesAnswer>('files', query);
      if (options.json) return printJson(io, found);
      printTable(io, columnsFor(io), found.items, 'no file events');
      sayCut(io, found.items.length, found.of, found.looked, 'paths');
    });
  withExample(
    withJson(withData(command)),
    'files --session SESSION --op denied',
    'files --session SESSION --sort deletes',
  );
};

function columnsFor(io: Io): Column<FileItem>[] {
  const time = timeOf(io);
  const count = (name: string, of: (item: FileItem) => number): Column<FileItem> => {
    return { name, cell: (item) => grouped(of(item)), right: true };
  };
  return [
    { name: 'vantage', cell: (item) => item.vantage || '-' },
    count('reads', (item) => item.reads),
    count('writes', (item) => item.writes),
    count('deletes', (item) => item.deletes),
    count('denied', (item) => item.denied),
    count('other', (item) => item.other),
    { name: 'mount', cell: (item) => item.modes.join(' ') || '-' },
    { name: 'last', cell: (item) => time(item.last_t) },
    { name: 'path', cell: (item) => (io.tty ? shortened(item.path, PATH_CHARS) : item.path) },
    { name: 'led to', cell: (item) => namesText(item.real), max: 40 },
    { name: 'by', cell: (item) => namesText(item.processes) },
  ];
}
