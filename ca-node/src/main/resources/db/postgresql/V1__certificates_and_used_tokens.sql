-- In a schema of our own. Times are seconds since 1970 by the server's clock, but for pending_until, which is in
-- milliseconds. Texts that are searched by their beginning compare by their bytes, whatever the database's language.

CREATE TABLE certificate (
    number        BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- about in the order of reservation
    serial        TEXT    COLLATE "C" NOT NULL UNIQUE, -- decimal
    state         TEXT    NOT NULL CHECK (state IN ('reserved', 'issued', 'voided', 'abandoned')),
    subject       TEXT    NOT NULL,
    names         TEXT    NOT NULL, -- subject alternative names, one a line, as they stand in the certificate
    provisioner   TEXT    NOT NULL, -- empty for the server's own certificates
    not_before    BIGINT  NOT NULL,
    not_after     BIGINT  NOT NULL,
    token_key     BYTEA,            -- SHA-256 of the id of the token that bought it
    repeat_key    BYTEA,            -- SHA-256(token id || Idempotency-Key || SHA-256(CSR)), when the client sent a key
    pending_until BIGINT  NOT NULL, -- a repeat may take the row up from then on
    taken_up      INTEGER NOT NULL DEFAULT 0,
    epoch         BIGINT  NOT NULL,
    request_id    TEXT    NOT NULL,
    reserved_at   BIGINT  NOT NULL,
    finished_at   BIGINT,
    revoked_at    BIGINT,
    tbs           BYTEA   NOT NULL, -- the only bytes ever sent to a signer for this serial
    der           BYTEA             -- the certificate that was answered, once issued
);
-- Of the rows that are not issued: few, and those that people and jobs look for by state.
CREATE INDEX certificate_not_issued ON certificate (state, number) WHERE state <> 'issued';
CREATE INDEX certificate_by_end ON certificate (not_after);
CREATE INDEX certificate_by_provisioner ON certificate (provisioner, number);
-- DER does not compress, and trying to costs time.
ALTER TABLE certificate ALTER COLUMN tbs SET STORAGE EXTERNAL, ALTER COLUMN der SET STORAGE EXTERNAL;

CREATE TABLE certificate_name (
    name        TEXT   COLLATE "C" NOT NULL, -- lower case; subject alternative names and the subject's common name
    certificate BIGINT NOT NULL, -- its number
    PRIMARY KEY (name, certificate)
);

CREATE TABLE used_token (
    token_key   BYTEA  NOT NULL PRIMARY KEY, -- SHA-256 of the token's id
    serial      TEXT   NOT NULL,             -- the certificate that claims it
    issued_at   BIGINT,
    expires_at  BIGINT,                      -- without one it is remembered for ever
    provisioner TEXT   NOT NULL
);
CREATE INDEX used_token_by_expiry ON used_token (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE audit_event (
    number      BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          BIGINT  NOT NULL,
    event       TEXT    NOT NULL, -- intent, issued, voided, abandoned, taken-up, epoch
    certificate BIGINT,           -- its number
    serial      TEXT,
    request_id  TEXT,
    detail      TEXT    NOT NULL
);
CREATE INDEX audit_event_by_certificate ON audit_event (certificate) WHERE certificate IS NOT NULL;

CREATE TABLE store_epoch (
    number             BIGINT  NOT NULL PRIMARY KEY,
    birth_id           TEXT    NOT NULL, -- system identifier / object id of this table / timeline, when the epoch began
    tokens_not_before  BIGINT  NOT NULL,
    needs_issued_at    INTEGER NOT NULL, -- tokens without iat are refused for as long as this epoch lasts
    forgotten_until    BIGINT  NOT NULL, -- used tokens that expired by then may have been forgotten: they are refused
    began_at           BIGINT  NOT NULL,
    reason             TEXT    NOT NULL
);

CREATE TABLE store_replication (
    node     TEXT NOT NULL PRIMARY KEY,
    declared TEXT NOT NULL -- by that node's configuration when it last connected: asynchronous or synchronous
);

CREATE TABLE store_schema (
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    usable_from INTEGER NOT NULL -- a node that knows the tables of this version or a later one can use these
);
INSERT INTO store_schema (id, usable_from) VALUES (1, 1);

CREATE TABLE store_job (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    node  TEXT    NOT NULL, -- that does the jobs which only one may do; empty before the first
    until BIGINT  NOT NULL  -- another one may take them from then on
);
INSERT INTO store_job (id, node, until) VALUES (1, '', 0);

CREATE TABLE store_probe (
    node    TEXT   NOT NULL PRIMARY KEY, -- that looks whether the store can be written
    process TEXT   NOT NULL,             -- of that node; another one after each start
    number  BIGINT NOT NULL,             -- of its probes
    at      BIGINT NOT NULL
);
