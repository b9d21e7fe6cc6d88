package io.chancery.core.revocation;

import io.chancery.core.token.OneTimeToken;

/**
 * A request to revoke as it came, its outer shape read and nothing believed.
 *
 * @param serial as asked, in any notation
 * @param ott the one-time token; empty when there was none
 * @param reasonCode as asked
 * @param reason in the caller's words
 * @param passive whether the caller is content with what this CA does: no more than refusing and listing it
 */
public record RevokeCommand(String serial, String ott, long reasonCode, String reason, boolean passive) {
    /** As {@link io.chancery.core.issuance.SignCommand#isLarge} has it. */
    public boolean isLarge() {
        return OneTimeToken.mayTakeLong(ott);
    }

    /** Never the token. */
    @Override
    public String toString() {
        return "RevokeCommand[serial=" + serial + "]";
    }
}
