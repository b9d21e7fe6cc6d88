-- Times are seconds since 1970 by the store's clock, but for pending_until, which is in milliseconds.

CREATE TABLE certificate (
    serial        TEXT    NOT NULL PRIMARY KEY, -- decimal
    state         TEXT    NOT NULL CHECK (state IN ('reserved', 'issued', 'voided', 'abandoned')),
    tbs           BLOB    NOT NULL, -- the only bytes ever sent to a signer for this serial
    der           BLOB,             -- the certificate that was answered, once issued
    subject       TEXT    NOT NULL,
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
    revoked_at    BIGINT
);
CREATE INDEX certificate_by_state ON certificate (state, reserved_at);
CREATE INDEX certificate_by_end ON certificate (not_after);
CREATE INDEX certificate_by_provisioner ON certificate (provisioner, reserved_at);

CREATE TABLE certificate_name (
    name   TEXT NOT NULL, -- lower case
    serial TEXT NOT NULL REFERENCES certificate (serial),
    PRIMARY KEY (name, serial)
);

CREATE TABLE used_token (
    token_key   BLOB   NOT NULL PRIMARY KEY, -- SHA-256 of the token's id
    serial      TEXT   NOT NULL,             -- the certificate that claims it
    issued_at   BIGINT,
    expires_at  BIGINT,                      -- without one it is remembered for ever
    provisioner TEXT   NOT NULL
);
CREATE INDEX used_token_by_expiry ON used_token (expires_at);

CREATE TABLE audit_event (
    number     INTEGER NOT NULL PRIMARY KEY,
    at         BIGINT  NOT NULL,
    event      TEXT    NOT NULL, -- intent, issued, voided, abandoned, taken-up, epoch
    serial     TEXT,
    request_id TEXT,
    detail     TEXT    NOT NULL
);
CREATE INDEX audit_event_by_serial ON audit_event (serial);

CREATE TABLE store_epoch (
    number             BIGINT  NOT NULL PRIMARY KEY,
    birth_id           TEXT    NOT NULL, -- of the file; another one after a restore
    tokens_not_before  BIGINT  NOT NULL,
    needs_issued_at    INTEGER NOT NULL, -- tokens without iat are refused for as long as this epoch lasts
    began_at           BIGINT  NOT NULL,
    reason             TEXT    NOT NULL
);

CREATE TABLE store_probe (
    id INTEGER NOT NULL PRIMARY KEY,
    at BIGINT  NOT NULL
);
INSERT INTO store_probe (id, at) VALUES (1, 0);
