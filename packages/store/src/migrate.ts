/**
 * Brings the tables to the form this program expects: numbered SQL files, applied once, recorded
 * with their hash. A file that was applied must never change.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Connection } from './client/connection.ts';
import { StoreError } from './error.ts';

const FOLDER = new URL('migrations/', import.meta.url);
/** The one template parameter: a cluster puts a replicated engine here. */
const ENGINE = 'MergeTree';
const DURABLE = [
  'fsync_after_insert = 1',
  'fsync_part_directory = 1',
  'min_rows_to_fsync_after_merge = 1',
  'min_compressed_bytes_to_fsync_after_merge = 1',
  'old_parts_lifetime = 0',
].join(', ');

interface Migration {
  name: string;
  sha256: string;
  statements: string[];
}

/** Throws SCHEMA_MISMATCH when the tables were made by a newer or another program. */
export async function migrate(connection: Connection, log: (line: string) => void): Promise<void> {
  await connection.command(
    `CREATE TABLE IF NOT EXISTS migrations (name String, sha256 String, applied DateTime)
     ENGINE = ${ENGINE} ORDER BY name SETTINGS ${DURABLE}`,
  );
  const migrations = readMigrations();
  const known = await connection.rows<{ name: string; sha256: string }>(
    'SELECT DISTINCT name, sha256 FROM migrations',
    {},
  );
  for (const { name, sha256 } of known) {
    if (migrations.find((m) => m.name === name)?.sha256 !== sha256) throw mismatch(name);
  }
  const applied = new Set(known.map(({ name }) => name));
  for (const migration of migrations.filter(({ name }) => !applied.has(name))) {
    for (const statement of migration.statements) await connection.command(statement);
    await connection.command(
      'INSERT INTO migrations VALUES ({name:String}, {sha256:String}, now())',
      { name: migration.name, sha256: migration.sha256 },
      { async_insert: 0 },
    );
    log(`store: applied migration ${migration.name}`);
  }
}

function readMigrations(): Migration[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const text = readFileSync(new URL(name, FOLDER), 'utf8');
      return {
        name,
        sha256: createHash('sha256').update(text).digest('hex'),
        statements: statementsOf(text),
      };
    });
}

/** Statements end with a semicolon at the end of a line. */
function statementsOf(text: string): string[] {
  return text
    .replaceAll(/^--.*$/gm, '')
    .replaceAll('{engine}', ENGINE)
    .replaceAll('{durable}', DURABLE)
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function mismatch(name: string): StoreError {
  const message = `the tables were made by another version of this program (${name})`;
  const hint = 'start the version that made them, or a newer one';
  return new StoreError('SCHEMA_MISMATCH', message, hint);
}
