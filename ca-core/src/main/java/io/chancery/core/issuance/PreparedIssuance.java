package io.chancery.core.issuance;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.der.Sha256;

/**
 * A request that passed every rule: what entitles it, and the certificate to record and sign.
 *
 * @param requestHash SHA-256 of what was asked for, part of what a repeat must match: the DER of the certificate request,
 *     or of the certificate to be renewed when there is none; with the id of a token that may be used again, if one grants it
 */
public record PreparedIssuance(Grant grant, PreparedCertificate certificate, Sha256 requestHash) {}
