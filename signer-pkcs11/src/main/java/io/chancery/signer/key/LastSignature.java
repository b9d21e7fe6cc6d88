package io.chancery.signer.key;

import java.time.Duration;

/**
 * What came of the last signature of a key; each is verified with the issuer's public key.
 *
 * @param verified whether it was made and verified
 * @param age since then
 * @param why it was not; empty when it was
 */
public record LastSignature(boolean verified, Duration age, String why) {}
