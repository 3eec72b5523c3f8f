/**
 * Every bound of the system, each with its reason and its unit last in the name. Tests assert both
 * sides of each. A limit that is not here is a defect.
 */

/** tlog-tiles frames an entry with 16 bits; LOG.md §1. */
export const RECORD_BYTES_MAX = 65_535;
/** Recursion in any parser of hostile input stays shallow; LOG.md §1. */
export const JSON_DEPTH_MAX = 16;
/** One name for all directories and URLs that carry it; LOG.md §1. */
export const NAME_CHARS_MAX = 128;
/** Leaves room for `:2` and `x-` forms; LOG.md §1. */
export const SESSION_CHARS_MAX = 112;
/** Safe integers only: records must mean the same in every language; LOG.md §1. */
export const RECORD_INTEGER_MAX = 2 ** 53 - 1;
/** A fresh salt per part makes low-entropy values unguessable; LOG.md §1. */
export const PART_SALT_BYTES = 16;
/** A part larger than this is cut, and the record says so: one part must fit a pull page. */
export const PART_BYTES_MAX = 1_048_576;
/** A field value longer than this moves to the `otlp` part: the record must stay below its cap. */
export const FIELD_CHARS_MAX = 4_096;

/** OTLP/HTTP body after decompression (OTLP 1.11 recommends 64 MiB; memory here). */
export const OTLP_BODY_BYTES_MAX = 16_777_216;
/** A body may grow at most this much when decompressed: zip bombs end early. */
export const OTLP_UNPACKED_RATIO_MAX = 200;
/** Window of a zstd body, as a power of two: the 8 MB that RFC 8878 §3.1.1.1.2 asks for. */
export const OTLP_ZSTD_WINDOW_LOG_MAX = 23;
/** Records in one export request: bounds the time one request may hold the thread. */
export const OTLP_RECORDS_MAX = 10_000;
/** Attributes on one record: a sender must not widen a row without end. */
export const OTLP_ATTRIBUTES_MAX = 128;
/** One hook of Claude Code: its record with all parts must fit `PULL_PAGE_BYTES_MAX`. */
export const HOOK_BYTES_MAX = 3_145_728;
/** The hook command gives up after this, once Node runs it: the agent waits for it. */
export const HOOK_MS_MAX = 250;
/** Nesting of AnyValue: leaves room below `JSON_DEPTH_MAX` for the record around it. */
export const OTLP_VALUE_DEPTH_MAX = 8;

/** Bundles are read whole; LOG.md §4. */
export const BUNDLE_BYTES_MAX = 268_435_456;
/** Admit records beside a range of a chain: they say how it came, and prove nothing of it. */
export const BUNDLE_ADMITS_MAX = 1_000;
/** Alerts and acts beside a session's chains; more than that and the log itself is to be read. */
export const BUNDLE_ALERTS_MAX = 1_000;
/** A path in a tree of 2^63 leaves; LOG.md §5. */
export const PROOF_HASHES_MAX = 64;
/** As Go's `sumdb/note` opens them; a verdict quotes the origin. LOG.md §5. */
export const NOTE_BYTES_MAX = 1_000_000;
/** Signature lines of a note; LOG.md §5. */
export const NOTE_SIGNATURES_MAX = 100;

/** One pull page: what a relay may hold twice in memory. */
export const PULL_PAGE_BYTES_MAX = 4_194_304;
/** While other relays are pulled as well: a page is then no more than a lane's share of a batch. */
export const PULL_PAGE_BYTES_SHARED = 1_048_576;
/** Records of one page: bounds the time a page holds the puller's thread. */
export const PULL_PAGE_RECORDS_MAX = 2_000;
/** Long poll: below every proxy's and kernel's idle timeout. */
export const PULL_WAIT_MS_MAX = 25_000;
/** Relay spool on disk before intake answers 503: what a sandbox host can spare for each. */
export const SPOOL_BYTES_MAX = 268_435_456;

/** A connector's destination must accept an alert with its proof. */
export const ALERT_BYTES_MAX = 4_096;

/** One journal segment: recovery reads a whole segment into memory. */
export const JOURNAL_SEGMENT_BYTES_MAX = 67_108_864;
/** One journal entry: the largest request plus its header. */
export const JOURNAL_ENTRY_BYTES_MAX = 33_554_432;
/** Admitted but not yet sealed input; beyond it senders hear 429 before memory grows. */
export const QUEUE_BYTES_MAX = 134_217_728;
/** Of one sender in the queue while others send as well: how long these may wait for it. */
export const LANE_SHARED_BYTES_MAX = 1_048_576;
/** Of a sender that is alone: what fills a batch while the one before it is made durable. */
export const LANE_ALONE_BYTES_MAX = 16_777_216;
/** A sender is alone when no other one has come for so long. */
export const LANE_ALONE_MS = 10_000;
/** Of one sender before its turn; beyond it that sender hears 429 and nobody else does. */
export const LANE_WAITING_BYTES_MAX = 16_777_216;
/** Of one request before its turn: exporters give up after 10 s, and must hear before that. */
export const LANE_WAIT_MS_MAX = 5_000;
/** Queued input whose decoded form is kept as well, which takes several times as much memory. */
export const QUEUE_DECODED_BYTES_MAX = 16_777_216;
/** Of one sealed batch: one INSERT, one block, one part. Larger ones merge cheaper. */
export const BATCH_RECORDS_MAX = 34_000;
/** Of them, what the queue brings: as much as one push of which every record opens a session. */
export const BATCH_INPUT_RECORDS_MAX = 30_000;
/** A batch that has so many takes nothing more: what comes at once has room beside them. */
export const BATCH_FULL_RECORDS = 20_000;
/** Alerts of one batch; the rest of the room is for what admits, closes and seals it. */
export const BATCH_ALERTS_MAX = 3_000;
/** Repeated requests of one principal are dropped inside this window: exporters retry for long. */
export const DEDUPE_WINDOW_MS = 900_000;
/** Shortest time between two seals; LOG.md §3. */
export const SEAL_INTERVAL_MS_MIN = 50;
/** Idle seal while a session is open, and when none is; LOG.md §3. */
export const SEAL_IDLE_OPEN_MS = 10_000;
/** Idle seal while no session is open: the log only says that nothing came; LOG.md §3. */
export const SEAL_IDLE_CLOSED_MS = 600_000;
/** Heads are in every seal up to this many chains; LOG.md §3. */
export const HEADS_ALWAYS_CHAINS_MAX = 1_000;
/** Days without a writer that get a seal of their own afterwards; a clock may be years wrong. */
export const DAY_SEALS_MISSED_MAX = 366;
/** Leaves between two snapshots of a log's writer: a start after a crash reads so many back. */
export const SNAPSHOT_LEAVES_APART = 1_000_000;
/** A larger snapshot is not kept: reading it would take longer than reading the store. */
export const SNAPSHOT_BYTES_MAX = 268_435_456;
/** A clock that steps back further than this becomes a record; LOG.md §3. */
export const CLOCK_STEP_MS_MAX = 1_000;

/** Every read of the store is bounded in time and rows. */
export const QUERY_SECONDS_MAX = 20;
/** Rows one read may return: what the API process can hold. */
export const QUERY_ROWS_MAX = 1_000_000;
/** Rows one read may look at: what two cores read of a narrow column in `QUERY_SECONDS_MAX`. */
export const QUERY_READ_ROWS_MAX = 1_000_000_000;
/** Page size of the API when none is asked for: a screen and some. */
export const API_PAGE_DEFAULT = 100;
/** Largest page a client may ask for: above it, paging is cheaper than waiting. */
export const API_PAGE_MAX = 1_000;
/** Bytes of one page of events, over which it ends early: a thousand records may have 64 MB. */
export const API_PAGE_BYTES_MAX = 4_194_304;
/** Buckets of a histogram when no number is asked for. */
export const HISTOGRAM_BUCKETS_DEFAULT = 120;
/** Buckets of a histogram: finer than a screen shows. */
export const HISTOGRAM_BUCKETS_MAX = 1_000;
/** `process.exec` and `process.exit` records of one process tree: an answer of some 2 MB. */
export const PROCESS_RECORDS_MAX = 10_000;
/** Pairs of value and source that decisions are counted by: honest makers have a dozen. */
export const APPROVAL_GROUPS_MAX = 100;
/** API request body: descriptions and tokens only. */
export const API_BODY_BYTES_MAX = 1_048_576;

/** Heartbeat of a relay and of each shim; three missed make a silence (TEL-001). */
export const HEARTBEAT_MS = 10_000;
/** How long a drained relay may take before its chain is called lost. */
export const DRAIN_MS_MAX = 10_000;
/** A pushed session that is silent this long is over: nobody else says so; LOG.md §2. */
export const SESSION_IDLE_MS = 3_600_000;
/** Rows a slow follower of the tail may have waiting before it is cut off. */
export const TAIL_BUFFER_ROWS_MAX = 10_000;
/** Who follow at once: each may hold `TAIL_BUFFER_BYTES_MAX`, and takes a turn of the thread. */
export const TAIL_FOLLOWERS_MAX = 64;
/** One line of a list, on a wide terminal and in the dashboard. */
export const TITLE_CHARS_MAX = 200;
/** An answer of a relay: a page, its parts' framing, and what no honest relay exceeds. */
export const OPP_ANSWER_BYTES_MAX = 8_388_608;
/** Pages in memory of all relays at once: a thousand that lie together must not fill the host's. */
export const OPP_PAGES_BYTES_MAX = 134_217_728;
/** A relay on the same machine that does not answer for this long is away. */
export const OPP_REQUEST_MS_MAX = 5_000;
/** Pause before a relay that is away is asked again, doubled up to the second figure. */
export const OPP_RETRY_MS_FIRST = 100;
/** Longest pause between two tries of a relay that is away. */
export const OPP_RETRY_MS_MAX = 5_000;

/** `OK` and a port, as a monitor answers a `CONNECT`; what is longer is something else. */
export const VSOCK_ANSWER_BYTES_MAX = 64;

/** Values in one OTLP request, all levels counted: two bytes of input can become a large object. */
export const OTLP_VALUES_MAX = 1_280_000;
/** A key or name longer than this stays in the `otlp` part: names are shown and searched. */
export const OTLP_NAME_CHARS_MAX = 256;
/** A larger resource and scope are written once in a group of records, not with each of them. */
export const OTLP_CONTEXT_BYTES_MAX = 4_096;
/** Fields of one event: `RECORD_BYTES_MAX` less reserved members, `source` and 129 commitments. */
export const EVENT_FIELDS_BYTES_MAX = 40_960;

/** One spool segment: start reads one whole, and acked bytes are freed one segment at a time. */
export const SPOOL_SEGMENT_BYTES_MAX = 8_388_608;
/** Smaller spools have no room for a large request beside the relay's own records. */
export const SPOOL_BYTES_MIN = 1_048_576;
/** Share of the spool that any intake may fill; the rest is for the relay's own records. */
export const SPOOL_INTAKE_SHARE = 0.95;
/** Share of the spool that the agent may fill: a flood leaves room for those who watch it. */
export const SPOOL_AGENT_SHARE = 0.75;
/** Part of its share that a vantage may fill with bulk: the rest is for what must not be missed. */
export const SPOOL_BULK_PART = 0.9;
/** Held on the spool's disk: acks and the relay's own records find room when it is full. */
export const SPOOL_RESERVE_BYTES = 262_144;
/** Kinds, and shims, that one `telemetry.drop` of a relay names; the rest is in its totals. */
export const DROP_NAMES_MAX = 16;
/** Frames written with one fsync: bounds a commit's memory and how long a pull waits for it. */
export const COMMIT_BYTES_MAX = 4_194_304;
/** Answered and not synced: what a machine without power loses of bulk, by time and by size. */
export const SPOOL_SYNC_MS = 25;
/** The longest that a configuration may ask for: what is pulled is durable, and pulled in time. */
export const SPOOL_SYNC_MS_MAX = 200;
/** Frames that wait for one sync: they are held in memory until then, to be written again. */
export const SPOOL_UNSYNCED_BYTES_MAX = 1_048_576;
/** Telemetry of refusals at most this often for each vantage: a flood must not multiply itself. */
export const DROP_RECORD_MS_MIN = 1_000;
/** Connections of one intake: shims keep one or two, and each costs memory while it idles. */
export const INTAKE_CONNECTIONS_MAX = 64;
/** Bodies that one intake holds at once, after decompression: two of the largest. */
export const INTAKE_BODIES_BYTES_MAX = 33_554_432;
/** What a request costs at least, so that small ones cannot be held without end. */
export const INTAKE_REQUEST_BYTES_MIN = 16_384;
/** Header of a request: OTLP exporters send a few hundred bytes. */
export const INTAKE_HEADER_BYTES_MAX = 8_192;
/** A sender on the same machine that takes longer for a header holds a connection on purpose. */
export const INTAKE_HEADER_MS_MAX = 5_000;
/** A sender on the same machine that takes longer for a whole request is stuck or hostile. */
export const INTAKE_REQUEST_MS_MAX = 30_000;
/** Connections of the pull socket: one puller, its acks, and a person who looks. */
export const OPP_CONNECTIONS_MAX = 16;
/** Connections over TLS that have shown no certificate yet: beside those, and none stays. */
export const OPP_STRANGERS_MAX = 16;
/** The same of one address: a puller makes one or two connections at a time. */
export const OPP_STRANGERS_PER_PEER_MAX = 4;
/** The shortest lease of a puller: two pulls of a busy collector. */
export const OPP_LEASE_MS_MIN = 1_000;
/** The longest lease: a collector that died keeps another from pulling no longer than this. */
export const OPP_LEASE_MS_MAX = 60_000;
/** Body of a pull or an ack: positions of some hundred chains. */
export const OPP_REQUEST_BYTES_MAX = 65_536;
/** Shims of one vantage whose numbering is followed; names come from outside. */
export const RELAY_SHIMS_MAX = 64;
/** Intakes of one relay: one socket for each vantage and a few more. */
export const RELAY_INTAKES_MAX = 16;
/** The configuration of a relay on its standard input. */
export const RELAY_CONFIG_BYTES_MAX = 65_536;
/** `sun_path` holds 108 bytes on Linux and 104 elsewhere, with the closing zero. */
export const SOCKET_PATH_BYTES_MAX = 103;

/** TCP and TLS with a destination: longer means that it is not there. */
export const CONNECTOR_CONNECT_MS_MAX = 5_000;
/** One request to a destination, answer included (Standard Webhooks asks for 15 to 30 s). */
export const CONNECTOR_ATTEMPT_MS_MAX = 30_000;
/** What is read of an answer: destinations put their reason first. */
export const CONNECTOR_ANSWER_BYTES_MAX = 16_384;
/** What is kept of an answer in a status or a dead letter: one line of a terminal. */
export const CONNECTOR_REASON_CHARS_MAX = 300;
/** Dead letters that a request, and its record, names: it stays below `RECORD_BYTES_MAX`. */
export const CONNECTOR_IDS_MAX = 600;
/** Entries of a connector's `allow`: each is looked at for every connection. */
export const CONNECTOR_ALLOW_MAX = 64;
/** A secret or a URL in a file: larger is the wrong file. */
export const CONNECTOR_SECRET_BYTES_MAX = 16_384;
/** Alerts a second that a connector may be bounded to: no connector is faster. */
export const CONNECTOR_RATE_MAX = 100_000;
/** Keys of a webhook's signature (Standard Webhooks, "Signature scheme"). */
export const WEBHOOK_KEY_BYTES_MIN = 24;
/** A longer key would be hashed by HMAC first and gains nothing. */
export const WEBHOOK_KEY_BYTES_MAX = 64;
/** Rows of one call to Sentinel: at some 2 kB each the bytes are full first. */
export const SENTINEL_CALL_ALERTS_MAX = 450;
/** JSON of one call to Sentinel, not packed: it takes 1,048,576 bytes, packed and unpacked. */
export const SENTINEL_CALL_BYTES_MAX = 900_000;
/** Documents of one `_bulk` request: some 500 kB, where larger ones gain little. */
export const ELASTIC_BULK_ALERTS_MAX = 250;
/** Body of one `_bulk` request, not packed: small clusters take 10 MB, and ours fits in memory. */
export const ELASTIC_BULK_BYTES_MAX = 1_000_000;
/** Answer to a `_bulk` request: each document of it may have a reason of 2 kB. */
export const ELASTIC_ANSWER_BYTES_MAX = 524_288;
/** Smallest bound of a syslog message: header, place and an alert's first words still fit. */
export const SYSLOG_MESSAGE_BYTES_MIN = 1_024;
/** Largest: what receivers should take over TLS (RFC 5425 §4.3.1). */
export const SYSLOG_MESSAGE_BYTES_MAX = 8_192;
/** A datagram: what every receiver must take over IPv6, unbroken on any path (RFC 5426 §3.2). */
export const SYSLOG_DATAGRAM_BYTES_DEFAULT = 1_180;
/** Alerts of one write to a syslog receiver: half of those in memory. */
export const SYSLOG_BATCH_ALERTS_MAX = 512;
/** Bytes of one write to a syslog receiver: a system takes them at once. */
export const SYSLOG_BATCH_BYTES_MAX = 1_000_000;
/** How long what was written to a syslog receiver must go unrefused: it reads and keeps it. */
export const SYSLOG_SETTLE_MS_DEFAULT = 1_000;
/** A shorter settling would be over before a receiver that died is known to be dead. */
export const SYSLOG_SETTLE_MS_MIN = 100;
/** A longer settling would not end within an attempt. */
export const SYSLOG_SETTLE_MS_MAX = 20_000;
/** TLS 1.3 refuses a client's certificate after the handshake: a first write waits this long. */
export const SYSLOG_GREETING_MS_MAX = 250;
/** An idle connection is asked for a sign of life this often. */
export const SYSLOG_KEEPALIVE_MS = 15_000;
/** An alert waits this long for others to go with it: less than a person notices. */
export const CONNECTOR_BATCH_WAIT_MS = 200;
/** Brokers of a Kafka connector that are named: the rest of a cluster is learnt from these. */
export const KAFKA_BROKERS_MAX = 16;
/** Name of a topic (Kafka, `Topic.MAX_NAME_LENGTH`). */
export const KAFKA_TOPIC_CHARS_MAX = 249;
/** Alerts of one send: kafkajs copies what it groups, so its cost grows with the square. */
export const KAFKA_BATCH_ALERTS_MAX = 512;
/** Brokers take batches of 1,048,588 bytes by default, Azure Event Hubs 1,000,000 (its advice). */
export const KAFKA_BATCH_BYTES_MAX = 1_000_000;
/** Key, headers and lengths around one message, at their longest. */
export const KAFKA_MESSAGE_OVERHEAD_BYTES = 512;
/** One request to a broker, all replicas included: less than an attempt. */
export const KAFKA_REQUEST_MS_MAX = 20_000;
/** SASL with a broker. */
export const KAFKA_AUTHENTICATE_MS_MAX = 10_000;
/** Age of what is known of a cluster: some services cut connections that rest for four minutes. */
export const KAFKA_METADATA_MS = 180_000;
/** Alerts of one connector in memory: some 6 MB. */
export const DELIVERY_WINDOW_ALERTS_MAX = 1_024;
/** Alerts read at a time: each comes with a proof that takes reads of its own. */
export const DELIVERY_PAGE_ALERTS_MAX = 64;
/** Requests of one connector at a time when it starts: what small receivers bear. */
export const DELIVERY_CONCURRENT_START = 8;
/** Requests of one connector at a time after so many successes: 2,000/s at 16 ms each. */
export const DELIVERY_CONCURRENT_MAX = 32;
/** An answer that takes longer says, like 429, that there are too many requests at a time. */
export const DELIVERY_SLOW_MS = 5_000;
/** Of a batch, once `DELIVERY_REFUSALS_MAX` were refused: with more the settings are wrong. */
export const DELIVERY_BATCH_DEAD_SHARE_MAX = 0.2;
/** A token is fetched anew this long before its end: a slow issuer has time for some failures. */
export const TOKEN_EARLY_MS_MAX = 300_000;
/** Of a token's life, where that is shorter. */
export const TOKEN_EARLY_SHARE = 0.2;
/** A wake-up that got lost costs this much and no more. */
export const DELIVERY_POLL_MS = 1_000;
/** First and longest wait of the exponential backoff. */
export const DELIVERY_RETRY_MS_MIN = 500;
/** Longest wait of the exponential backoff: a destination that is back is found soon. */
export const DELIVERY_RETRY_MS_MAX = 300_000;
/** A destination that asks for a longer `Retry-After` is asked again earlier. */
export const DELIVERY_RETRY_AFTER_MS_MAX = 900_000;
/** Failures in a row after which one probe at a time replaces the requests of all sessions. */
export const DELIVERY_BREAKER_FAILURES = 5;
/** A paused connector tries one alert this often: a repaired destination is found unasked. */
export const DELIVERY_PAUSE_MS = 300_000;
/** Refusals in a row, with nothing accepted between: the settings are wrong, not the alerts. */
export const DELIVERY_REFUSALS_MAX = 5;
/** An alert that blocks a full window is given up once so many later ones were accepted. */
export const DELIVERY_PASSED_ALERTS_MIN = 64;
/** How long a stop waits for the answers to what was already sent. */
export const DELIVERY_STOP_MS_MAX = 10_000;
/** Dead letters that wait for a person; beyond it the connector pauses. */
export const DEAD_LETTERS_MAX = 10_000;
/** Deliveries are confirmed in the log at least this often. */
export const RECEIPT_MS_MAX = 1_000;
/** Outcomes in one receipt: with the longest answers the record stays below `RECORD_BYTES_MAX`. */
export const RECEIPT_ALERTS_MAX = 50;
/** Outcomes whose receipt could not be written; beyond it nothing more is sent. */
export const RECEIPT_WAITING_MAX = 1_000;

/** Senders of OTLP at a time: each holds at most one body in memory. */
export const OTLP_CONNECTIONS_MAX = 1_024;
/** Header of an OTLP/HTTP request: exporters send a few hundred bytes, proxies may add cookies. */
export const OTLP_HEADER_BYTES_MAX = 16_384;
/** A sender that takes longer for one request has stalled. */
export const OTLP_REQUEST_MS_MAX = 30_000;

/** Events in one request of a shim: many share an fsync of the relay, and a page stays small. */
export const SHIM_BATCH_EVENTS_MAX = 200;
/** How long the strace shim waits for more before it sends; an alert has 2 s in all. */
export const SHIM_BATCH_MS_MAX = 20;
/** Events a shim holds while the relay does not answer; then it stops reading its source. */
export const SHIM_QUEUE_EVENTS_MAX = 2_000;
/** Of large events one request carries fewer: gRPC servers take messages of 4 MiB by default. */
export const SHIM_BATCH_BYTES_MAX = 1_048_576;
/** Memory of the events a shim holds while nobody answers; what is over it is refused. */
export const SHIM_QUEUE_BYTES_MAX = 67_108_864;
/** One try to hand a batch to the relay: a commit with a slow fsync fits in. */
export const SHIM_SEND_MS_MAX = 10_000;
/** First and longest pause between two tries; the relay may be starting. */
export const SHIM_RETRY_MS_FIRST = 20;
/** Longest pause between two tries of a shim: the sandbox may be waiting for it. */
export const SHIM_RETRY_MS_MAX = 1_000;
/** How long a shim that has nothing more to read goes on trying to be heard. */
export const SHIM_CLOSE_MS_MAX = 10_000;
/** The SDK's `event` waits this long for its event to be durable, if it is not told otherwise. */
export const SDK_ACK_MS_MAX = 5_000;
/** A frame of an emitter: the kernel's own limit on a packet of a Unix socket is 212,992 bytes. */
export const SHIM_FRAME_BYTES_MAX = 262_144;
/** What is kept of a frame that cannot be read: enough to see what wrote it. */
export const SHIM_UNREADABLE_CHARS_MAX = 4_096;
/** Frames that cannot be read are kept one by one up to here in a second, then only counted. */
export const SHIM_UNREADABLE_KEPT_MAX = 10;
/** Paths of which an adapter remembers whether they are there: what a large checkout has. */
export const FILE_HISTORY_PATHS_MAX = 50_000;
/** Processes, and open files, that an adapter remembers of a sandbox: more than Linux has pids. */
export const SHIM_PROCESSES_MAX = 65_536;
/** Calls of one source that wait for another, slower one to come as far. */
export const SHIM_HELD_CALLS_MAX = 10_000;
/**
 * Messages of one gVisor thread that no line of the log has asked for yet. What a socket and a pipe
 * hold (some 270 kB, 80 bytes a message) may come before the log is read again; a message that is
 * forgotten is told twice.
 */
export const SHIM_HELD_MESSAGES_MAX = 4_096;
/** An adapter that holds something back is asked for it when its input was quiet for so long. */
export const SHIM_IDLE_MS = 1_000;
/** A source that is silent on what another told has this long: its reader may be short of time. */
export const SHIM_LATE_MS = 5_000;
/** Losses and unreadable frames are told of at most once in this time. */
export const SHIM_TROUBLE_MS = 1_000;
/** strace cuts the strings of argv here: long enough for commands, too short for payloads. */
export const STRACE_STRING_CHARS = 200;

/** Bound sockets whose address is remembered until they listen: what a busy server opens. */
export const SHIM_SOCKETS_MAX = 10_000;

/** An egress request waits this long for its event to be durable, then it fails closed. */
export const EGRESS_AUDIT_MS_MAX = 5_000;
/** An upload is told of after this time even if the destination has not answered. */
export const EGRESS_ANSWER_MS_MAX = 1_000;
/** Of an answer without a length, this much is read ahead, this long, to learn its size. */
export const EGRESS_PEEK_BYTES_MAX = 65_536;
/** Addons of one mitmproxy shim at a time: one, and another while it is restarted. */
export const MITMPROXY_ADDONS_MAX = 4;
/** How long an answer without a length is read ahead: the command waits meanwhile. */
export const EGRESS_PEEK_MS_MAX = 25;
/** Reaching a destination takes seconds; a request that is stuck longer is reported. */
export const EGRESS_CONNECT_MS_MAX = 15_000;
/** No byte in either direction for this long ends a request: a model may think for minutes. */
export const EGRESS_IDLE_MS_MAX = 600_000;
/** A client that does not finish its TLS handshake holds a connection. */
export const EGRESS_TLS_MS_MAX = 10_000;
/** Connections of one sandbox to its egress proxy: each may hold a TLS session. */
export const EGRESS_CONNECTIONS_MAX = 256;
/** Headers of one request; larger ones are refused before they are read whole. */
export const EGRESS_HEADER_BYTES_MAX = 65_536;
/** Names of query keys and credentials told of in one event: an event stays below its cap. */
export const EGRESS_NAMES_MAX = 32;

/** Connections of the agent to the two sockets that lead out of the sandbox. */
export const FORWARD_CONNECTIONS_MAX = 256;
/** Linux takes one environment string of 131,072 bytes; the agent's environment travels in one. */
export const RUN_ENVIRONMENT_BYTES_MAX = 131_000;
/** Entries looked at for sockets that must not be visible: a search ends in about a second. */
export const SOCKET_SEARCH_ENTRIES_MAX = 200_000;
/** How long a process of ours may take to say that it is ready. */
export const RUN_READY_MS_MAX = 15_000;
/** How long the agent may take to end after SIGTERM, before its sandbox is killed. */
export const RUN_GRACE_MS_MAX = 5_000;
/** How long a process of ours may take to end: drain and last events included. */
export const RUN_STOP_MS_MAX = 12_000;
/** Sandboxes one collector pulls: one long poll and one socket each. */
export const SANDBOXES_MAX = 4_096;
/** The longest machine id of an EDR that is known has 64 characters; more is no id. */
export const EDR_DEVICE_ID_CHARS_MAX = 256;

/** An EDR's own command answers from memory; a registration must not wait for one that hangs. */
export const EDR_COMMAND_MS_MAX = 5_000;

/** A socket that is gone for so long will not come back: a relay starts again within seconds. */
export const SANDBOX_GONE_MS = 30_000;
/** How often the host is asked whether the process that runs a sandbox still lives. */
export const SANDBOX_CHECK_MS = 5_000;
/** Sessions whose host is remembered for lists of rows; the longest unasked is forgotten. */
export const API_HOSTS_MAX = 10_000;
/** Rows that wait in the detection thread; beyond it they are read from the store again. */
export const DETECT_WAITING_ROWS_MAX = 100_000;
/** Rows detection reads at a time when it has fallen behind. */
export const DETECT_PAGE_ROWS = 5_000;
/** Newest records of a chain by which it is said who speaks there, beside who says so himself. */
export const SOURCE_TAIL_RECORDS = 250;
/** Sessions in one answer about sources: each adds its chains to one question of the store. */
export const SOURCE_SESSIONS_MAX = 50;
/** A source with heartbeats is silent when three are missed and the fourth is half due. */
export const SOURCE_SILENT_MS = 35_000;
/** One without speaks when it has something to say: it is silent when others go on so long. */
export const SOURCE_QUIET_MS = 300_000;
/** How long a loss makes a source one that drops: as long as an alert about it keeps still. */
export const SOURCE_DROPPING_MS = 900_000;
/** Editors write a file in several steps: rules are read once they have settled. */
export const RULES_SETTLE_MS = 200;
/** Ids that a record names of each kind of change to a rule set: its size has a bound. */
export const RULE_CHANGES_NAMED_MAX = 250;
/** A reload waits for the rows before it; a thread that says nothing for so long is not well. */
export const RULES_RELOAD_MS_MAX = 30_000;
/** Batches whose time of publication is remembered, to say how old the oldest unread one is. */
export const DETECT_LAG_MARKS_MAX = 4_096;
/** Deaths of the thread without a row read between them, from which on it is said to fail. */
export const DETECT_DEATHS_MAX = 5;
/** What detection remembers is saved after so many rows: a start reads hardly more than these. */
export const DETECT_SAVE_ROWS = 50_000;
/** And after so long, if there was a row at all. */
export const DETECT_SAVE_MS = 30_000;
/** Larger, and it is not saved: a start reads the last quarter of an hour again instead. */
export const DETECT_SAVED_BYTES_MAX = 268_435_456;
/** Rows since what was saved that a start still reads: more take longer than to begin anew. */
export const DETECT_SAVED_ROWS_MAX = 1_000_000;
/** The longest pause before a thread of detection that keeps dying is started once more. */
export const DETECT_RETRY_MS_MAX = 60_000;

/** A trust file names a few dozen keys; larger is a mistake. */
export const TRUST_BYTES_MAX = 1_048_576;
/** A pin holds one note of at most `NOTE_SIGNATURES_MAX` lines. */
export const PIN_BYTES_MAX = 1_048_576;
/** Failures listed by `--all`: a broken file must not fill memory with its own list. */
export const VERDICT_FAILURES_MAX = 100;
/** Losses, redactions and attached leaves listed in one verdict; their counts stay exact. */
export const VERDICT_ITEMS_MAX = 10_000;
/** Rows of one table of a printed report: some ten pages; the verdict as JSON has the rest. */
export const REPORT_ROWS_MAX = 500;
/** A refused file that a report reads for its contents: its maker chose what that costs. */
export const REPORT_REFUSED_BYTES_MAX = 16_777_216;
/** How far apart the clocks of a log, its witnesses and its auditor may be; LOG.md §5. */
export const CLOCK_SKEW_MS_MAX = 300_000;
/** A witness later than this after the seal is worth a warning; LOG.md §5. */
export const WITNESS_DELAY_MS_MAX = 600_000;
/** A seal older than this is worth a warning when no maximum age was given; LOG.md §5. */
export const SEAL_AGE_MS_WARN = 86_400_000;

/** One rule file: written by hand, read whole. */
export const RULE_BYTES_MAX = 65_536;
/** Rules of one engine: each is tried on every record of its kinds. */
export const RULES_MAX = 2_000;
/** Values in one rule: long lists belong in a placeholder. */
export const RULE_VALUES_MAX = 10_000;
/** Nesting of a rule's condition and of its YAML. */
export const RULE_DEPTH_MAX = 32;
/** Open sessions whose description detection remembers; the longest unheard is forgotten. */
export const DETECT_SESSIONS_MAX = 10_000;
/** Recent alerts that later ones are compared with, so that a loop does not raise thousands. */
export const DETECT_SUPPRESSIONS_MAX = 50_000;
/** Alerts of one rule in one session after which its keys no longer tell alerts apart. */
export const DETECT_ALERTS_PER_RULE_MAX = 1_000;
/** How late the other source of a comparison may be: exporters send every 5 s, relays wait. */
export const DETECT_LATENESS_MS = 30_000;
/** Seals stand 10 s apart while a session is open: what is more is a collector that did not run. */
export const DETECT_SEAL_GAP_MS_MAX = 15_000;
/** Events of one key that a rule with `absence` or `join` remembers; the oldest is forgotten. */
export const DETECT_PAIRS_PER_KEY_MAX = 5_000;
/** All events that such a rule remembers; the longest unheard session is forgotten. */
export const DETECT_PAIRS_PER_RULE_MAX = 100_000;
/** Groups of one rule that are remembered (`group-by`); the longest unheard is forgotten. */
export const DETECT_GROUPS_PER_RULE_MAX = 10_000;
/** Records of one group that a rule holds: a flood of one key must not push out the others. */
export const DETECT_HELD_PER_GROUP_MAX = 5_000;
/** All records that a rule with groups holds: about 60 MB where all their members are long. */
export const DETECT_HELD_PER_RULE_MAX = 50_000;
/** Records and groups that all rules hold together: about 250 MB where all members are long. */
export const DETECT_HELD_MAX = 200_000;
/** The longest window of a correlation or a history: as long as people's habits are looked at. */
export const DETECT_TIMESPAN_MS_MAX = 2_592_000_000;
/** Rules that one correlation refers to: each is one bit of a number. */
export const DETECT_CORRELATED_MAX = 30;
/** Leaves that an alert rests on: the last of them, where there are more. */
export const ALERT_EVIDENCE_MAX = 50;
/** Windows of which a history with a quantile keeps the measure. */
export const DETECT_HISTORY_MAX = 200;
/** The longest window of a comparison: what detection keeps has to fit what it reads again. */
export const DETECT_WINDOW_MS_MAX = 600_000;
/** What detection reads again at a start, so that a comparison under way is not lost by it. */
export const DETECT_REPLAY_MS = 900_000;
/** The same in rows: about a second of reading. */
export const DETECT_REPLAY_ROWS_MAX = 50_000;
/** An alert as detection drafts it, with one piece of evidence: `ALERT_BYTES_MAX` less a proof. */
export const ALERT_DRAFT_BYTES_MAX = 2_304;
/** A copy of a torn journal segment waits this long for whoever looks into the crash. */
export const JOURNAL_TORN_KEEP_MS = 604_800_000;
/** Reason of a redaction: a sentence or a case number; it stays in the log for ever. */
export const REDACT_REASON_CHARS_MAX = 1_000;
/** Parts one request may redact, one record each: a long session's worth of one part. */
export const REDACT_TARGETS_MAX = 10_000;
/** Comment on an alert: a page of prose; longer findings belong in the case system it names. */
export const ALERT_COMMENT_CHARS_MAX = 4_000;
/** Name of who works on an alert: what directories take as a display name. */
export const ALERT_ASSIGNEE_CHARS_MAX = 128;
/** Records about one alert: they are read whole with it, each up to 1 kB and its comment. */
export const ALERT_ACTS_MAX = 500;
/** How long an analyst's answer waits until the log has the record; a store may be away longer. */
export const ALERT_WAIT_MS_MAX = 10_000;
/** Acts that wait for the log at once: a hundred analysts, each with ten alerts at a stroke. */
export const ALERT_ACTS_WAITING_MAX = 1_000;
/** Alerts that an incident's story tells, the first ones; the list of alerts has the rest. */
export const INCIDENT_ALERTS_MAX = 50;
/** Egress later than this after an alert is not told as what came of it. */
export const INCIDENT_EGRESS_MS_MAX = 600_000;
/** A process starts before its sandbox is announced: an EDR's time may lie so much earlier. */
export const SESSION_EARLY_MS_MAX = 60_000;
/** How long a redaction's answer waits for the deletion; it goes on without the answer. */
export const REDACT_WAIT_MS_MAX = 30_000;
/** Longest time between two looks for parts that have expired. */
export const RETENTION_STEP_MS_MAX = 86_400_000;
/** Days that a retention may name. */
export const RETENTION_DAYS_MAX = 36_500;
/** How often segments of the journal that nobody needs any more are looked for. */
export const JOURNAL_TRIM_MS = 60_000;

/** Memory of one read: leaves room for inserts and merges in `ENGINE_MEMORY_BYTES_MAX`. */
export const QUERY_MEMORY_BYTES_MAX = 1_000_000_000;
/** Answer of one read, which the caller holds in memory: a bundle's worth. */
export const QUERY_RESULT_BYTES_MAX = 268_435_456;
/** One INSERT, all fsyncs of a slow disk included; after that the batch is redone. */
export const INSERT_SECONDS_MAX = 60;
/** Deleting parts rewrites their partition, some 150 MB; a slow disk and long reads fit in. */
export const ERASE_SECONDS_MAX = 600;
/** The embedded engine's own cap: inserts at full rate take 620 MB, bulk loads 1.4 GB. */
export const ENGINE_MEMORY_BYTES_MAX = 2_000_000_000;
/** The engine's default of 5 GB is for servers; 10 million rows have 20 MB of marks. */
export const ENGINE_MARK_CACHE_BYTES = 134_217_728;
/** A start takes 0.3 s with 10 million rows; a machine that swaps may take this long. */
export const ENGINE_START_MS_MAX = 60_000;
/** A longer query is nothing that a person asks; it would only cost time on every row. */
export const QUERY_CHARS_MAX = 2_048;
/** Words and values of one query: each is looked for in every row that the others let through. */
export const QUERY_TERMS_MAX = 64;
/** Parentheses and negations inside each other: more than a person can read. */
export const QUERY_DEPTH_MAX = 16;
/** Wildcards in one value: each makes the engine's automaton larger. */
export const QUERY_WILDCARDS_MAX = 8;
/** A search over all sessions says then how far it came: a person waits for it. */
export const SEARCH_SECONDS_MAX = 5;
/** Leaves of a block of the word index: few enough to read one for a single hit. */
export const WORD_BLOCK_LEAVES = 16_384;
/** Between two looks whether there is a whole block more. */
export const WORDS_IDLE_MS = 5_000;
/** While records come, the taker of words rests so many times as long as it works. */
export const WORDS_REST_FACTOR_BUSY = 19;
/** And while few or none come. */
export const WORDS_REST_FACTOR_IDLE = 2;
/** Longer words are known by their first characters: they are blobs, not words. */
export const WORD_CHARS_MAX = 64;
/** A session with more words in a block of leaves is read by every search: no index of noise. */
export const WORD_SESSION_WORDS_MAX = 50_000;
/** Differences `fsck` names before it only counts: one edited column may differ in every row. */
export const FSCK_FINDINGS_MAX = 200;
/** Records of a chain read at a time for a bundle: bounds one query, not the bundle. */
export const BUNDLE_PAGE_RECORDS = 10_000;

/** Values of a bundle of any length; an honest one has 47 bytes for each, as a hash takes. */
export const JSON_VALUES_FREE_MAX = 10_000;
/** Bytes for each value beyond: small ones take many times their text in memory. */
export const JSON_VALUE_BYTES_MIN = 40;
/** Chains of one bundle: a relay that restarts every minute makes fewer in a month. */
export const BUNDLE_CHAINS_MAX = 65_536;
/** `fsck` reads a window of leaves no faster than it checks them. */
export const FSCK_PAGE_SECONDS_MAX = 300;
/** Read and dropped of a refused OTLP body: what senders made for the 64 MiB of others may send. */
export const OTLP_REFUSED_BYTES_MAX = 67_108_864;
/** Chains one relay may offer: one for each vantage and restart of a long session. */
export const RELAY_CHAINS_MAX = 256;
/** Requests remembered for de-duplication: some 300 MB; 1,100 a second for 15 minutes. */
export const REPEATS_MAX = 1_000_000;
/** What a follower of the live tail may leave unread before it is cut off. */
export const TAIL_BUFFER_BYTES_MAX = 16_777_216;
/** Queue entries of one batch: it is in memory several times, and must be inserted in one piece. */
export const BATCH_INPUT_BYTES_MAX = 16_777_216;
/** What a runtime may say of a sandbox: `open` is one record, with a little of its own. */
export const DESCRIPTION_BYTES_MAX = 61_440;
/**
 * How long the end of a session waits until it can be read; a store that is away may take longer.
 */
export const SESSION_SEALED_MS_MAX = 5_000;
/** How long `run` goes on asking a collector that is away to end a session: a restart fits in. */
export const RUN_END_MS_MAX = 30_000;

/** Rows the timeline asks for first: about 70 kB, and more than a screen shows. */
export const TIMELINE_FIRST_ROWS = 80;
/** Rows read before anybody scrolls, however much is folded away: some 200 of 250 kB. */
export const TIMELINE_UNSCROLLED_ROWS_MAX = 240;
/** Rows of one page while scrolling: 250 kB, parsed and laid out within a frame. */
export const TIMELINE_PAGE_ROWS = 300;
/** Rows a browser holds of one timeline, laid out anew with each page: the farthest are let go. */
export const TIMELINE_ROWS_MAX = 3_000;
/** Rows of the live tail that wait while the reader is elsewhere; beyond it they are paged in. */
export const TIMELINE_WAITING_ROWS_MAX = 2_000;
/** Shorter stretches without an event are ordinary: a model thinks for a minute. */
export const SILENCE_MS_MIN = 60_000;
/** Fewer routine reads than this are shown: the row that counts them would take their place. */
export const FOLD_ROWS_MIN = 3;
/** Ancestors of a process looked for, one question each: shells and runners nest no deeper. */
export const PROCESS_ANCESTORS_MAX = 16;
/** Bytes of a part shown at once; the rest is in the downloaded file. */
export const PART_SHOWN_BYTES_MAX = 65_536;
/** Bodies the collector holds at once, after decompression: sixteen of the largest. */
export const OTLP_BODIES_BYTES_MAX = 268_435_456;
/** One gRPC message, packed or not: what gRPC implementations take unless told otherwise. */
export const GRPC_MESSAGE_BYTES_MAX = 4_194_304;
/** Calls at a time on one connection: RFC 9113 §6.5.2 recommends no fewer. */
export const GRPC_STREAMS_MAX = 100;
/** Metadata of one call, counted as RFC 9113 §6.5.2 does: exporters send a few hundred bytes. */
export const GRPC_HEADER_BYTES_MAX = 16_384;
/** Unread bytes a sender may have on the way, for one call and for all: fast over long lines. */
export const GRPC_WINDOW_BYTES = 1_048_576;
/** A connection that has not made one call it may make by then is held on purpose. */
export const GRPC_FIRST_CALL_MS_MAX = 30_000;
/** A connection without a call: metrics come once a minute, and a new connection is cheap. */
export const GRPC_IDLE_MS_MAX = 300_000;
/** gRPC clients may not be set to ping more often (gRPC proposal A8). */
export const GRPC_PING_MS_MIN = 10_000;
/** Pings that come too early and are borne, since the last answer (gRPC proposal A8). */
export const GRPC_PINGS_EARLY_MAX = 2;
/** Calls a connection may give up at once; exporters do so at their deadlines only. */
export const GRPC_RESETS_MAX = 200;
/** Calls a connection may give up each second after that. */
export const GRPC_RESETS_PER_SECOND_MAX = 20;
/** A sender that does not take its answer, or a refusal, for this long loses its connection. */
export const GRPC_LINGER_MS_MAX = 5_000;
/** Text of an error: it travels in a header, percent-encoded to three times as much at most. */
export const GRPC_REASON_BYTES_MAX = 1_024;

/** Events of one kind of teller that the agents page reads at first and for each "more": 1 MB. */
export const AGENT_TREE_EVENTS_STEP = 2_000;
/** Levels of the agents tree that move to the right: a hostile agent may nest without end. */
export const AGENT_TREE_INDENT_MAX = 12;

/** A login link is opened at once or not at all; it is worth an admin while it lives. */
export const LOGIN_CODE_MS_MAX = 900_000;
/** Login links that wait: each is made by hand; beyond it the oldest is void. */
export const LOGIN_CODES_MAX = 32;
/** Wrong login codes inside the window before answers say no more than "wait". */
export const LOGIN_WRONG_TRIES_MAX = 20;
/** The window of wrong login codes. */
export const LOGIN_WRONG_MS = 60_000;
/** A browser stays signed in for a working day. */
export const LOGIN_TOKEN_MS = 43_200_000;
/**
 * Bundle of one leaf, as a browser reads it: leaf, admit record and seal, each escaped once more,
 * with their paths and a note of `NOTE_SIGNATURES_MAX` lines.
 */
export const EVENT_BUNDLE_BYTES_MAX = 1_048_576;

/** A line of a backup: a part whose every byte is escaped, with room. */
export const BACKUP_LINE_BYTES_MAX = 8_388_608;

/** One text of a normalised record: as long as a field of a record may be (`FIELD_CHARS_MAX`). */
export const NORMALISED_TEXT_CHARS_MAX = 4_096;
/** Entries of one list of a normalised record: an alert names 8 records, a command 60 words. */
export const NORMALISED_LIST_MAX = 64;
/** A normalised record as JSON: half of the 64 KB at which SIEMs cut or refuse an event. */
export const NORMALISED_BYTES_MAX = 32_768;
/** Names of what was cut from a normalised record: beyond it only their number is told. */
export const NORMALISED_CUT_NAMES_MAX = 16;
/** A CEF line: what syslog receivers take by default (8 KiB), with 192 bytes for its header. */
export const CEF_LINE_BYTES_MAX = 8_000;
/** A LEEF line: QRadar cuts a syslog message over TCP at 4,096 bytes, its header included. */
export const LEEF_LINE_BYTES_MAX = 3_584;

/** Events that one view of files, egress or processes reads: a second or two of one core. */
export const VIEW_EVENTS_MAX = 250_000;
/** Names in one row of a view (processes, agents, fingerprints): more are told as a number. */
export const VIEW_NAMES_MAX = 8;
/** A path or name in a row of a view: an answer of `API_PAGE_MAX` rows stays below some MB. */
export const VIEW_TEXT_CHARS_MAX = 1_024;
/** Words of a command line that a process shows: the whole is in its record or its part. */
export const PROCESS_ARGV_MAX = 32;
/** Alerts of a session that its process tree places: more are on the alerts page. */
export const PROCESS_ALERTS_MAX = 1_000;
/** Requests and decisions that the approvals of users are made of, the newest: some 20 MB. */
export const APPROVAL_RECORDS_MAX = 50_000;
/** Grave alerts, the newest, that are looked at for an approval before them. */
export const APPROVAL_ALERTS_MAX = 5_000;
/** Users in one answer of approvals, and tools of each. */
export const APPROVAL_USERS_MAX = 200;
/** Runs and incidents in one answer of approvals: as many as one reads. */
export const APPROVAL_LIST_MAX = 100;
/** A decision that took less was hardly read (rule APR-001). */
export const APPROVAL_FAST_MS = 1_500;
/** Fast accepts of one user that make a rubber-stamp run (rule APR-001). */
export const APPROVAL_RUN_ACCEPTS_MIN = 10;
/** In which time they have to be given (rule APR-001). */
export const APPROVAL_RUN_MS_MAX = 120_000;
/** How long after an approval an alert of its session counts as following it. */
export const APPROVAL_INCIDENT_MS_MAX = 600_000;

/** Records of one page of the consumer API: a SIEM's poll is one request, not a hundred. */
export const PULL_RECORDS_MAX = 5_000;
/** Records of a page where nobody says how many. */
export const PULL_RECORDS_DEFAULT = 500;
/** Bytes of a page: half of what OTLP receivers take at once, so that it can be replayed. */
export const PULL_BYTES_MAX = 8_388_608;
/** A page of a single byte would never be asked for on purpose. */
export const PULL_BYTES_MIN = 1_024;
/** Kinds in the filter of one consumer: more than all that have a name. */
export const PULL_KINDS_MAX = 64;
/** Long poll of a consumer, in seconds: proxies cut what is idle for a minute. */
export const PULL_WAIT_SECONDS_MAX = 30;
/** Consumers that wait at once: each is looked after at every checkpoint. */
export const PULL_WAITERS_MAX = 64;
/** Pages read and written at a time: some 50 MB each, and the engine has inserts to do. */
export const PULL_READS_MAX = 2;
/** Calls that wait for their turn to read; beyond it a consumer hears 429. */
export const PULL_READS_WAITING_MAX = 64;
/** Of the answers to one token, not taken yet: four of the largest pages, all held in memory. */
export const PULL_UNSENT_BYTES_MAX = 33_554_432;
/** An answer that is not taken in so long is broken off: its page can be asked for again. */
export const PULL_SEND_MS_MAX = 120_000;
/** A page ends early after so long: the next one goes on where it ended. */
export const PULL_READ_MS_MAX = 5_000;
/** Rows of the first read of a page: 16 MB where all are as long as can be. */
export const PULL_ROWS_FIRST = 250;
/** Who waits looks again no sooner: a filter may let through nothing of many checkpoints. */
export const PULL_AGAIN_MS_MIN = 250;
/** Calls of one token in a minute: a hundred a second, ten times what a busy poller makes. */
export const PULL_CALLS_PER_MINUTE_MAX = 6_000;
/** Calls of one reader are one record of the log for so long: 600 a day, whatever it polls. */
export const PULL_LOOK_MS = 300_000;
/** Readers with calls that are not told yet; beyond it the oldest are told early. */
export const PULL_LOOKS_MAX = 256;
/** Text of a cursor: three times what one has. */
export const PULL_CURSOR_CHARS_MAX = 512;
/** Named consumers: their places are one file, written whole at each ack. */
export const CONSUMERS_MAX = 64;
/** A reader that died keeps another from a consumer no longer than this. */
export const CONSUMER_LEASE_MS = 30_000;
