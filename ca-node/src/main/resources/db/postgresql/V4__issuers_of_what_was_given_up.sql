-- What a job gives up is for its own issuer's list, and no longer for every list. Of nodes of the versions before, too.
CREATE OR REPLACE FUNCTION note_revocation() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO revocation (serial, revoked_at, reason_code, reason, ends_at, provisioner, issuer)
        VALUES (NEW.serial, NEW.revoked_at, 0, '', NEW.not_after, '', NEW.issuer) ON CONFLICT (serial) DO NOTHING;
    RETURN NULL;
END
$$;
-- After the function, so that nothing which is given up meanwhile is left out.
UPDATE revocation SET issuer = certificate.issuer FROM certificate
    WHERE revocation.issuer IS NULL AND certificate.serial = revocation.serial AND certificate.issuer IS NOT NULL;
