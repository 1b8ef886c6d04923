-- Times are milliseconds since 1970. A version is never changed once it is there; what is shown is the project's head.

CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Whether the user has given it its name; else it takes that of its first page.
    named INTEGER NOT NULL,
    -- 0 where there is no version yet.
    head INTEGER NOT NULL DEFAULT 0,
    network INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE versions (
    project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    -- 0 where it was made of nothing.
    parent INTEGER NOT NULL,
    at INTEGER NOT NULL,
    cause TEXT NOT NULL,
    -- What the user asked for, or typed.
    prompt TEXT NOT NULL,
    summary TEXT NOT NULL,
    -- Of a page that the kit makes; its style is JSON.
    words TEXT,
    style TEXT,
    tier INTEGER,
    tier_name TEXT,
    ms INTEGER,
    first_paint_ms INTEGER,
    tokens INTEGER,
    cost_usd REAL,
    partial INTEGER NOT NULL,
    PRIMARY KEY (project, number)
) STRICT;

-- Of a version without words: its files.
CREATE TABLE pages (
    project TEXT NOT NULL,
    version INTEGER NOT NULL,
    place INTEGER NOT NULL,
    path TEXT NOT NULL,
    html TEXT NOT NULL,
    PRIMARY KEY (project, version, path),
    FOREIGN KEY (project, version) REFERENCES versions (project, number) ON DELETE CASCADE
) STRICT;

CREATE TABLE talk (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    version INTEGER
) STRICT;

CREATE INDEX talk_of_project ON talk (project, id);

-- Made-up texts that the user has looked at, and that hold.
CREATE TABLE confirmed (
    project TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    PRIMARY KEY (project, text)
) STRICT;

-- What is being written now. A row that is there when the process starts is what an earlier one was cut off in.
CREATE TABLE running (
    project TEXT PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    base INTEGER NOT NULL,
    cause TEXT NOT NULL,
    prompt TEXT NOT NULL,
    -- NULL where a free page is written.
    style TEXT,
    tier INTEGER,
    tier_name TEXT,
    text TEXT NOT NULL DEFAULT ''
) STRICT;
