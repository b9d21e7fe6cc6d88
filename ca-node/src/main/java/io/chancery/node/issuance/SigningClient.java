package io.chancery.node.issuance;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.vertx.core.Future;
import java.math.BigInteger;

/** Asks signers over the event bus: its own first, then others, none twice in a request. */
public interface SigningClient {
    /** The Future never fails: how it went is a value. */
    Future<Outcome> sign(IssuerCertificate issuer, SerialNumber serial, Der tbs, Deadline deadline);

    /** As {@link #sign}, of a list of revoked certificates; the Future never fails. */
    Future<Outcome> signList(IssuerCertificate issuer, BigInteger number, Der tbs, Deadline deadline);

    /** How the asking of all signers ended. */
    sealed interface Outcome {
        record Signed(SignReply.Signed reply) implements Outcome {}

        /** No send can have been signed: none left, or every one was declined. */
        record SurelyNotSigned(String reason) implements Outcome {}

        /** A signer refused. {@code othersMayHaveSigned}: an earlier send of this request may have been signed. */
        record Refused(SignReply.Refused reply, boolean othersMayHaveSigned) implements Outcome {}

        /** At least one send may have arrived and no answer came. */
        record MaybeSigned(String reason) implements Outcome {}
    }
}
