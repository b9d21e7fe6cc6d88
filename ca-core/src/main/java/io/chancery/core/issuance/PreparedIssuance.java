package io.chancery.core.issuance;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.der.Sha256;

/**
 * A request that passed every rule: the token use to record, the certificate to record and sign.
 *
 * @param csrHash SHA-256 of the request's DER, part of what a repeat must match
 */
public record PreparedIssuance(TokenUse token, PreparedCertificate certificate, Sha256 csrHash) {}
