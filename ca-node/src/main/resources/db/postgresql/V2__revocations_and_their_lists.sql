CREATE TABLE revocation (
    number      BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- about in the order of revocation
    serial      TEXT    COLLATE "C" NOT NULL UNIQUE, -- decimal; of a certificate of this CA, or one that it does not know
    revoked_at  BIGINT  NOT NULL,
    reason_code INTEGER NOT NULL, -- RFC 5280 s. 5.3.1
    reason      TEXT    NOT NULL, -- in the caller's words
    ends_at     BIGINT,           -- the certificate's end, when it is known
    provisioner TEXT    NOT NULL, -- whose token revoked it; empty when it revoked itself, or a job did
    token_key   BYTEA,            -- SHA-256 of the id of that token
    repeat_key  BYTEA,            -- as in certificate
    listed      INTEGER NOT NULL DEFAULT 1 -- 0 once a list that was made after the certificate's end has named it
);
CREATE INDEX revocation_listed ON revocation (number) WHERE listed = 1;
CREATE INDEX revocation_listed_by_end ON revocation (ends_at) WHERE listed = 1;
-- Nodes of the version before this one note what they revoke in the certificate's row alone.
CREATE FUNCTION note_revocation() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO revocation (serial, revoked_at, reason_code, reason, ends_at, provisioner)
        VALUES (NEW.serial, NEW.revoked_at, 0, '', NEW.not_after, '') ON CONFLICT (serial) DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER certificate_revoked AFTER UPDATE OF revoked_at ON certificate
    FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION note_revocation();
-- After the trigger, so that nothing which such a node revokes meanwhile is in neither.
INSERT INTO revocation (serial, revoked_at, reason_code, reason, ends_at, provisioner)
    SELECT serial, revoked_at, 0, '', not_after, provisioner FROM certificate WHERE revoked_at IS NOT NULL
    ORDER BY revoked_at, number
    ON CONFLICT (serial) DO NOTHING;

-- One row for each issuer's key.
CREATE TABLE crl (
    issuer        TEXT   NOT NULL PRIMARY KEY, -- id of its key
    last_number   BIGINT NOT NULL, -- given out; not each of them is published
    builder       TEXT   NOT NULL, -- the process that makes the next list
    builder_until BIGINT NOT NULL, -- another one may from then on
    covered       BIGINT NOT NULL, -- revocation.number up to which the published one has them
    published     BIGINT,          -- its number; none before the first
    this_update   BIGINT,
    next_update   BIGINT,
    parts         INTEGER
);

-- The octets of lists: the published one, the one before it, and any that is being written.
CREATE TABLE crl_part (
    issuer TEXT    NOT NULL,
    number BIGINT  NOT NULL, -- of the list
    part   INTEGER NOT NULL,
    octets BYTEA   NOT NULL,
    PRIMARY KEY (issuer, number, part)
);
-- DER does not compress, and trying to costs time.
ALTER TABLE crl_part ALTER COLUMN octets SET STORAGE EXTERNAL;
