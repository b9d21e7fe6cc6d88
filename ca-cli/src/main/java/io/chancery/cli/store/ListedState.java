package io.chancery.cli.store;

import io.chancery.node.store.CertificateSearch.Found;
import io.chancery.node.store.CertificateState;
import java.util.Optional;

/** How a certificate stands, for people: that of its row, and of those that were issued which are revoked. */
enum ListedState {
    reserved(CertificateState.reserved, Optional.empty()),
    issued(CertificateState.issued, Optional.of(false)),
    revoked(CertificateState.issued, Optional.of(true)),
    voided(CertificateState.voided, Optional.empty()),
    abandoned(CertificateState.abandoned, Optional.empty());

    private final CertificateState row;
    private final Optional<Boolean> isRevoked;

    ListedState(CertificateState row, Optional<Boolean> isRevoked) {
        this.row = row;
        this.isRevoked = isRevoked;
    }

    static ListedState of(Found one) {
        return one.state() == CertificateState.issued
                        && one.history().revokedAt().isPresent()
                ? revoked
                : valueOf(one.state().name());
    }

    CertificateState row() {
        return row;
    }

    /** Empty where it makes no difference. */
    Optional<Boolean> isRevoked() {
        return isRevoked;
    }
}
