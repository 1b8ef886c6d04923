-- One form for SQLite and Postgres: text and BIGINT alone. Times are milliseconds since 1970, in UTC.

-- The record of one request. `detail` is JSON: its attempts, and the tiers that were not asked.
CREATE TABLE decision (
    id TEXT PRIMARY KEY,
    began BIGINT NOT NULL,
    request TEXT NOT NULL,
    route TEXT NOT NULL,
    streamed BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    answer_tokens BIGINT NOT NULL,
    max_tokens BIGINT,
    ms BIGINT NOT NULL,
    ending TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX decision_began ON decision (began);

-- What a tier was asked on one day (UTC), and what it answered.
CREATE TABLE usage (
    day TEXT NOT NULL,
    tier BIGINT NOT NULL,
    model TEXT NOT NULL,
    requests BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    answer_tokens BIGINT NOT NULL,
    PRIMARY KEY (day, tier, model)
);

-- What is spent of a tier's quotas, as JSON, and the clocks by which it was written down.
CREATE TABLE budget (
    account TEXT PRIMARY KEY,
    written BIGINT NOT NULL,
    boot TEXT NOT NULL,
    uptime BIGINT NOT NULL,
    spent TEXT NOT NULL
);

-- What this ledger draws once: the salt under which accounts are named.
CREATE TABLE drawn (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
