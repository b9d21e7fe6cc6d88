package io.chancery.node.revocation;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.crl.PreparedCrl;
import io.chancery.core.der.Der;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Lists of revoked certificates as the store keeps them, one at a time for an issuer's key, whichever node makes it. Every
 * Future can fail with STORE_UNAVAILABLE, OVERLOADED or DEADLINE_EXCEEDED.
 */
public interface CrlLedger {
    /** How things stand. */
    Future<State> state(KeyId issuer, Deadline deadline);

    /**
     * Takes it upon this process to make the next list, with a number that is higher than any before, also after a backup
     * was put back; empty while another process is at it.
     *
     * @param above a number that was published, though the store may have forgotten it
     */
    Future<Optional<Build>> begin(KeyId issuer, BigInteger above, Deadline deadline);

    /** The revocations of this issuer's certificates, and those of nobody knows which, after a place; empty after the last. Fails when another process has taken over. */
    Future<List<Entry>> entries(Build build, long after, Deadline deadline);

    /** Puts a part of the signed list by. Fails when another process has taken over. */
    Future<Void> put(Build build, int part, Der octets, Deadline deadline);

    /**
     * Makes the list the one in force: by one conditional statement, so never after another one of a higher number.
     *
     * @param covered place of the last revocation that it has seen
     */
    Future<Void> publish(Build build, PreparedCrl list, int parts, long covered, Deadline deadline);

    /** Leaves the build to whoever comes next. */
    Future<Void> giveUp(Build build, Deadline deadline);

    /**
     * Takes off future lists what a list of that time has named after its certificate's end; answers how many, some at a
     * time (RFC 5280 s. 3.3).
     *
     * @param issuer whose list
     * @param covered place of the last revocation that the list has seen
     */
    Future<Integer> drop(KeyId issuer, Instant listed, long covered, Deadline deadline);

    /** A part of a published list; empty when it is gone, as a newer one is published. */
    Future<Optional<Der>> part(KeyId issuer, BigInteger number, int part, Deadline deadline);

    /**
     * @param revocations place of the last revocation that the issuer's list names
     * @param covered place of the last one of all that the published list has seen
     * @param settled when no revocation with a lower place than the issuer's last can come in sight any more; empty where
     *     places are given and come in sight in one order, so that this cannot be
     * @param now by the store's clock
     */
    record State(
            Optional<Published> published, long revocations, long covered, Optional<Instant> settled, Instant now) {
        /** The clocks of a primary and of the standby that succeeds it may differ so much. */
        private static final Duration CLOCKS_APART = Duration.ofMinutes(1);

        /** Whether it is time for another list. */
        boolean isDue(CrlSettings in) {
            return published
                    .map(list -> !now.isBefore(list.thisUpdate().plus(in.every()))
                            // Made while the clock was ahead: nobody believes it before its time.
                            || now.isBefore(list.thisUpdate().minus(CLOCKS_APART))
                            || (in.onRevoke() && (revocations > covered || mayLack(list))))
                    .orElse(true);
        }

        /**
         * Whether a revocation may have come in sight behind the list though its place is lower than one that the list
         * names, with nobody to ask for another list: the node that recorded it may be gone.
         */
        private boolean mayLack(Published list) {
            return settled.filter(moment -> list.thisUpdate().isBefore(moment) && !now.isBefore(moment))
                    .isPresent();
        }

        /** Whether it has forgotten a list that was served: it was put back, and goes on to another one. */
        boolean isBehind(BigInteger served) {
            return published.filter(list -> list.number().compareTo(served) < 0).isPresent();
        }
    }

    /** The list in force. */
    record Published(BigInteger number, Instant thisUpdate, Instant nextUpdate, int parts) {}

    /**
     * A list to be made.
     *
     * @param revocations place of the last revocation when it was begun
     * @param now by the store's clock
     */
    record Build(KeyId issuer, BigInteger number, long revocations, Instant now) {}

    /** One revoked certificate and its place in the order of revocation. */
    record Entry(long place, BigInteger serial, Instant revokedAt, int reasonCode) {}
}
