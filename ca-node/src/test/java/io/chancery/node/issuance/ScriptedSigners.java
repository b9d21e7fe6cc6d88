package io.chancery.node.issuance;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Signers that note what they are asked, and what the ledger had been asked before, and answer as they are told. */
final class ScriptedSigners implements SigningClient {
    final List<Der> asked = Collections.synchronizedList(new ArrayList<>());
    final List<IssuerCertificate> issuers = Collections.synchronizedList(new ArrayList<>());
    final List<String> callsBefore = Collections.synchronizedList(new ArrayList<>());
    Outcome answer = new Outcome.SurelyNotSigned("no answer set");
    private final RecordingLedger ledger;

    ScriptedSigners(RecordingLedger ledger) {
        this.ledger = ledger;
    }

    @Override
    public Future<Outcome> sign(IssuerCertificate issuer, SerialNumber serial, Der tbs, Deadline deadline) {
        issuers.add(issuer);
        asked.add(tbs);
        callsBefore.addAll(ledger.calls);
        return Future.succeededFuture(answer);
    }

    @Override
    public Future<Outcome> signList(IssuerCertificate issuer, BigInteger number, Der tbs, Deadline deadline) {
        throw new AssertionError("nothing here makes lists");
    }
}
