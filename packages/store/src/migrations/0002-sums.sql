-- Session lists, and the ends of chains at a start, without reading the rows: sums for each chain
-- and block of 65,536 leaves, kept by the engine inside the parts they sum, so that they cannot
-- differ from the rows. A question adds the rows above the last whole block below the published
-- size. The bitmap counts a leaf once that stands twice; it has at most 2 bytes for each.
-- ZSTD for what names no codec: an offset in `by_idx` takes 3 bytes instead of 8.

ALTER TABLE records MODIFY SETTING default_compression_codec = 'ZSTD(1)';

ALTER TABLE records ADD PROJECTION IF NOT EXISTS by_chain
(
    SELECT
        tenant, log, session, shim, intDiv(idx, 65536),
        groupBitmap(toUInt16(idx % 65536)), min(t), max(t), groupUniqArray(vantage),
        max(seq), argMax(idx, seq), max(observed)
    GROUP BY tenant, log, session, shim, intDiv(idx, 65536)
);

-- A filter by kind passes over what has none of it. Merges make it, not inserts.
ALTER TABLE records ADD INDEX IF NOT EXISTS has_kind kind TYPE set(64) GRANULARITY 4;

-- In the background: until it is done, the rows themselves are read.
ALTER TABLE records MATERIALIZE PROJECTION by_chain SETTINGS mutations_sync = 0;

ALTER TABLE records MATERIALIZE INDEX has_kind SETTINGS mutations_sync = 0;
