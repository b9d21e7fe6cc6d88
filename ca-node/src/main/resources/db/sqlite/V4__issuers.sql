-- Which issuer signs it: id of its key. Of rows before this version none; they are those of the issuer with has_unnamed.
ALTER TABLE certificate ADD COLUMN issuer TEXT;
CREATE INDEX certificate_by_issuer ON certificate (issuer, not_after);
-- Whose list names it; without one, every list does.
ALTER TABLE revocation ADD COLUMN issuer TEXT;
CREATE INDEX revocation_by_issuer ON revocation (issuer, number);

-- The issuers in the configuration of each node, as it last started or took up its files.
CREATE TABLE issuer (
    key_id      TEXT    NOT NULL,
    node        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    certificate TEXT    NOT NULL, -- its SHA-256
    has_unnamed INTEGER NOT NULL, -- 1: certificates without an issuer are its
    PRIMARY KEY (key_id, node)
) WITHOUT ROWID;
