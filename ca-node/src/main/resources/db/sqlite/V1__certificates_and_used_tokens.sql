-- Times are seconds since 1970 by the store's clock, but for pending_until, which is in milliseconds.

CREATE TABLE certificate (
    number        INTEGER NOT NULL PRIMARY KEY, -- in the order of reservation
    serial        TEXT    NOT NULL UNIQUE, -- decimal
    state         TEXT    NOT NULL CHECK (state IN ('reserved', 'issued', 'voided', 'abandoned')),
    subject       TEXT    NOT NULL,
    names         TEXT    NOT NULL, -- subject alternative names, one a line, as they stand in the certificate
    provisioner   TEXT    NOT NULL, -- empty for the server's own certificates
    not_before    BIGINT  NOT NULL,
    not_after     BIGINT  NOT NULL,
    token_key     BLOB,             -- SHA-256 of the id of the token that bought it
    repeat_key    BLOB,             -- SHA-256(token id || Idempotency-Key || SHA-256(CSR)), when the client sent a key
    pending_until BIGINT  NOT NULL, -- a repeat may take the row up from then on
    taken_up      INTEGER NOT NULL DEFAULT 0,
    epoch         BIGINT  NOT NULL,
    request_id    TEXT    NOT NULL,
    reserved_at   BIGINT  NOT NULL,
    finished_at   BIGINT,
    revoked_at    BIGINT,
    tbs           BLOB    NOT NULL, -- the only bytes ever sent to a signer for this serial
    der           BLOB              -- the certificate that was answered, once issued
);
-- Of the rows that are not issued: few, and those that people and jobs look for by state.
CREATE INDEX certificate_not_issued ON certificate (state, number) WHERE state <> 'issued';
CREATE INDEX certificate_by_end ON certificate (not_after);
CREATE INDEX certificate_by_provisioner ON certificate (provisioner, number);

CREATE TABLE certificate_name (
    name        TEXT    NOT NULL, -- lower case; subject alternative names and the subject's common name
    certificate INTEGER NOT NULL, -- its number
    PRIMARY KEY (name, certificate)
) WITHOUT ROWID;

CREATE TABLE used_token (
    token_key   BLOB   NOT NULL PRIMARY KEY, -- SHA-256 of the token's id
    serial      TEXT   NOT NULL,             -- the certificate that claims it
    issued_at   BIGINT,
    expires_at  BIGINT,                      -- without one it is remembered for ever
    provisioner TEXT   NOT NULL
) WITHOUT ROWID;
CREATE INDEX used_token_by_expiry ON used_token (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE audit_event (
    number      INTEGER NOT NULL PRIMARY KEY,
    at          BIGINT  NOT NULL,
    event       TEXT    NOT NULL, -- intent, issued, voided, abandoned, taken-up, epoch
    certificate INTEGER,          -- its number; what is indexed, as it grows while a serial is random
    serial      TEXT,
    request_id  TEXT,
    detail      TEXT    NOT NULL
);
CREATE INDEX audit_event_by_certificate ON audit_event (certificate) WHERE certificate IS NOT NULL;

CREATE TABLE store_identity (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    birth_id TEXT    NOT NULL -- of this file; a backup and a restored file get another one
);

CREATE TABLE store_epoch (
    number             BIGINT  NOT NULL PRIMARY KEY,
    birth_id           TEXT    NOT NULL, -- of the file when the epoch began; if the file's is another one, a new epoch begins
    tokens_not_before  BIGINT  NOT NULL,
    needs_issued_at    INTEGER NOT NULL, -- tokens without iat are refused for as long as this epoch lasts
    forgotten_until    BIGINT  NOT NULL, -- used tokens that expired by then may have been forgotten: they are refused
    began_at           BIGINT  NOT NULL,
    reason             TEXT    NOT NULL
);

CREATE TABLE store_probe (
    id INTEGER NOT NULL PRIMARY KEY,
    at BIGINT  NOT NULL
);
INSERT INTO store_probe (id, at) VALUES (1, 0);
