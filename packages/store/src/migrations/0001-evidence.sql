-- The evidence tables: nothing in them that some leaf does not commit to. Times are Int64 unix
-- nanoseconds, so that every decimal text a record may carry has a value; `at` shows them as dates.
-- All four fsync settings are needed: without the last two, a merge or a mutation followed by a
-- power cut loses rows that were safe before. `old_parts_lifetime` makes deleted bytes leave the disk.

CREATE TABLE IF NOT EXISTS records
(
    tenant LowCardinality(String),
    log LowCardinality(String),
    idx UInt64 CODEC(Delta, ZSTD(1)),
    session String CODEC(ZSTD(1)),
    shim LowCardinality(String),
    seq Int64 CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String),
    t Int64 CODEC(DoubleDelta, ZSTD(1)),
    observed Int64 CODEC(DoubleDelta, ZSTD(1)),
    sandbox LowCardinality(String),
    via LowCardinality(String),
    vantage LowCardinality(String),
    peer LowCardinality(String),
    leaf FixedString(32) CODEC(NONE),
    record String CODEC(ZSTD(1)),
    agent LowCardinality(String),
    severity UInt8 CODEC(T64, ZSTD(1)),
    title String CODEC(ZSTD(1)),
    subject LowCardinality(String),
    at DateTime64(9, 'UTC') ALIAS fromUnixTimestamp64Nano(t, 'UTC'),
    PROJECTION by_idx (SELECT log, idx, _part_offset ORDER BY log, idx)
)
ENGINE = {engine}
PARTITION BY (log, intDiv(idx, 16777216))
ORDER BY (tenant, session, t, log, idx)
SETTINGS index_granularity = 2048, {durable};

-- The `sup` chains once more, on their own: lists of sessions must not read past the events.
CREATE TABLE IF NOT EXISTS supervision
(
    log LowCardinality(String),
    idx UInt64 CODEC(Delta, ZSTD(1)),
    session String CODEC(ZSTD(1)),
    seq UInt64 CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String),
    host_name String CODEC(ZSTD(1)),
    host_id String CODEC(ZSTD(1)),
    host_ip String CODEC(ZSTD(1)),
    pid UInt64 CODEC(T64, ZSTD(1)),
    record String CODEC(ZSTD(1)),
    INDEX by_session session TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {engine}
ORDER BY (log, kind, idx)
SETTINGS index_granularity = 256, {durable};

-- Small partitions: a redaction rewrites the part it touches.
CREATE TABLE IF NOT EXISTS parts
(
    tenant LowCardinality(String),
    log LowCardinality(String),
    idx UInt64 CODEC(Delta, ZSTD(1)),
    name LowCardinality(String),
    salt String CODEC(NONE),
    data String CODEC(ZSTD(1))
)
ENGINE = {engine}
PARTITION BY (log, intDiv(idx, 262144))
ORDER BY (log, idx, name)
SETTINGS index_granularity = 1024, {durable};

CREATE TABLE IF NOT EXISTS tiles
(
    log LowCardinality(String),
    level UInt8,
    n UInt64 CODEC(Delta, ZSTD(1)),
    hashes String CODEC(NONE)
)
ENGINE = {engine}
ORDER BY (log, level, n)
SETTINGS index_granularity = 128, {durable};

CREATE TABLE IF NOT EXISTS checkpoints
(
    log LowCardinality(String),
    size UInt64 CODEC(Delta, ZSTD(1)),
    root FixedString(32) CODEC(NONE),
    note String CODEC(ZSTD(1))
)
ENGINE = {engine}
ORDER BY (log, size)
SETTINGS index_granularity = 1024, {durable};
