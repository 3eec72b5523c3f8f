-- Which sessions have which words in which block of 16,384 leaves, so that a search over all
-- sessions reads the rows that can answer it. No evidence: made from the records, block after
-- block, and a search is whole without it, only slower. A block that is done has the word ''.

CREATE TABLE IF NOT EXISTS words
(
    log LowCardinality(String),
    word String CODEC(ZSTD(1)),
    block UInt32 CODEC(Delta, ZSTD(1)),
    session String CODEC(ZSTD(1)),
    -- Each word once, for whoever looks for a part of one.
    PROJECTION by_word (SELECT log, word GROUP BY log, word)
)
ENGINE = {engine}
ORDER BY (log, word, block, session)
SETTINGS index_granularity = 1024, {durable};
