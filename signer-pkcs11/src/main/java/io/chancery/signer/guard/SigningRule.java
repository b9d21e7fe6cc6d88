package io.chancery.signer.guard;

import java.util.Locale;

/** What every certificate, and every list of revoked ones, must keep to before it is signed. The name is part of refusals, logs and the rules hash. */
public enum SigningRule {
    /** Strict DER of one TBSCertificate: what is read encodes to the same octets. */
    DER,
    /** X.509 version 3. */
    VERSION,
    /** The serial number is the one the message names, positive, at most 20 octets and at least 64 bits long. */
    SERIAL,
    /** The inner signature algorithm fits the issuer's key, and the key can sign with it. */
    ALGORITHM,
    /** The issuer's name is the octets of the issuer's subject. */
    ISSUER,
    /** notBefore before notAfter, both inside the issuer's own validity. */
    VALIDITY,
    /** Not longer than the rules for the key allow. */
    MAX_VALIDITY,
    /** The subject's public key can be read and is not the issuer's own. */
    PUBLIC_KEY,
    /** No extension twice, and each known one well-formed. */
    EXTENSIONS,
    /** No CA flag, and no key usage of a CA, unless the rules for the key allow it; no CA's name without any key usage. */
    CA,
    /** Not for signing OCSP responses, unless the rules for the key allow it. */
    OCSP_SIGNING,
    /** The path length of a CA certificate is given and allowed. */
    PATH_LENGTH,
    /** The authority key identifier is there and the issuer's. */
    AUTHORITY_KEY,
    /** A list's number is the one the message names, and higher than any that was signed here before. */
    CRL_NUMBER,
    /** A list is made now, ends after that and within a year, and its issuer may sign lists. */
    CRL_DATES;

    /** As it stands in {@code SignReply.Refused}: {@code max-validity}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
