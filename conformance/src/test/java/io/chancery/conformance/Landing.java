package io.chancery.conformance;

import io.chancery.conformance.StoreRows.Row;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** At which step of the issuance protocol a request was when its process died, as row, signer's log and client show. */
enum Landing {
    BEFORE_COMMIT("before commit"),
    BEFORE_SIGNATURE("committed, not signed"),
    GIVEN_UP("given up, not answered"),
    SIGNED("signed, not issued"),
    ISSUED("issued, not answered"),
    ANSWERED("answered");

    private final String text;

    Landing(String text) {
        this.text = text;
    }

    /**
     * @param row of the request, if there is one
     * @param signed serials that signers' logs have
     * @param answered whether the client has a certificate
     */
    static Landing of(@Nullable Row row, Set<String> signed, boolean answered) {
        if (answered) {
            return ANSWERED;
        }
        if (row == null) {
            return BEFORE_COMMIT;
        }
        return switch (row.state()) {
            case "issued" -> ISSUED;
            case "reserved" -> signed.contains(row.serial()) ? SIGNED : BEFORE_SIGNATURE;
            case "voided" -> GIVEN_UP; // as too late, or by a node whose signers are gone
            default -> throw new AssertionError("no step of an unanswered request leaves a row " + row.state());
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
