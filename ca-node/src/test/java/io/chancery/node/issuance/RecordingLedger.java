package io.chancery.node.issuance;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuance.TokenUse;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A ledger that notes what it is asked and answers as it is told. */
final class RecordingLedger implements IssuanceLedger {
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    final List<Optional<Sha256>> repeatKeys = Collections.synchronizedList(new ArrayList<>());
    final List<Optional<TokenUse>> uses = Collections.synchronizedList(new ArrayList<>());
    Future<Reservation> reserving = Future.failedFuture("no answer set");
    Future<Boolean> releasing = Future.succeededFuture(true);
    Optional<Der> stored = Optional.empty();
    Future<Der> finishing = Future.succeededFuture(Der.of(new byte[0]));

    void answers(Reservation reservation) {
        reserving = Future.succeededFuture(reservation);
    }

    @Override
    public Future<Reservation> reserve(Claim claim, Deadline deadline) {
        calls.add("reserve " + claim.issuance().certificate().serial());
        repeatKeys.add(claim.repeatKey());
        uses.add(claim.use());
        return reserving;
    }

    @Override
    public Future<Void> reserveOwn(PreparedCertificate certificate, String requestId, Deadline deadline) {
        calls.add("reserveOwn " + certificate.serial());
        return Future.succeededFuture();
    }

    @Override
    public Future<Optional<String>> recordedProvisioner(SerialNumber serial, Deadline deadline) {
        calls.add("provisioner " + serial);
        return Future.succeededFuture(Optional.empty());
    }

    @Override
    public Future<Der> finish(SerialNumber serial, Der certificate, String requestId, Deadline deadline) {
        calls.add("finish " + serial);
        return finishing.map(done -> stored.orElse(certificate));
    }

    @Override
    public Future<Boolean> release(SerialNumber serial, String requestId, String reason, Deadline deadline) {
        calls.add("release " + serial);
        return releasing;
    }
}
