-- Which blocks of 16,384 leaves have which words in their records, so that a search over all
-- sessions reads the blocks that can answer it. No evidence: made from the records, block after
-- block, and a search is whole without it, only slower. A block that is done has the word ''.

CREATE TABLE IF NOT EXISTS words
(
    log LowCardinality(String),
    word String CODEC(ZSTD(1)),
    block UInt32 CODEC(Delta, ZSTD(1))
)
ENGINE = {engine}
ORDER BY (log, word, block)
SETTINGS index_granularity = 1024, {durable};
