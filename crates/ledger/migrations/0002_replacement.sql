-- The model that is asked for in the place of a tier's own, which is gone, and for how many milliseconds yet, by the clocks at
-- which that was written down.
CREATE TABLE replacement (
    account TEXT PRIMARY KEY,
    written BIGINT NOT NULL,
    boot TEXT NOT NULL,
    uptime BIGINT NOT NULL,
    model TEXT NOT NULL,
    retry_ms BIGINT NOT NULL
);
