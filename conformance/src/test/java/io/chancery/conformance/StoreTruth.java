package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.StoreRows.Row;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import javax.security.auth.x500.X500Principal;

/** What must hold of store, signer's log and clients together, whatever has happened (issuance protocol, P1 to P3). */
final class StoreTruth {
    private StoreTruth() {}

    /**
     * @param signatures the log of each signer
     * @param issuer PEM file of its certificate, or of those of several
     * @param held DER of every certificate that a client holds, in hex
     */
    static void check(StoreRows store, Collection<Path> signatures, Path issuer, Collection<String> held)
            throws Exception {
        List<String> missing = missing(store, signatures, issuer, held);
        assertThat(missing)
                .as("serials that were signed or are held by a client, and not recorded so")
                .isEmpty();
    }

    /**
     * As above, but for what a failover may have lost.
     *
     * @return serials of certificates that clients hold or signers have signed, and that are not recorded so
     */
    static List<String> missing(StoreRows store, Collection<Path> signatures, Path issuer, Collection<String> held)
            throws Exception {
        assertThat(store.boughtTwice())
                .as("tokens that bought two certificates")
                .isEmpty();
        Map<X500Principal, X509Certificate> issuers = new HashMap<>();
        for (X509Certificate each : Certificates.readAll(issuer)) {
            issuers.put(each.getSubjectX500Principal(), each);
        }
        // First: a row may be given up at any moment, but what was given up before the rows are read is so in them.
        Map<String, String> ends = store.ends();
        Collection<Row> rows = store.all();
        for (Row row : rows) {
            if (row.state().equals("issued")) {
                X509Certificate certificate = Certificates.ofHex(row.der());
                certificate.verify(Objects.requireNonNull(issuers.get(certificate.getIssuerX500Principal()))
                        .getPublicKey());
                assertThat(certificate.getSerialNumber()).hasToString(row.serial());
                assertThat(Certificates.tbs(certificate))
                        .as("the recorded bytes")
                        .isEqualTo(row.tbs());
            } else {
                assertThat(row.der()).as("DER of a row %s", row.state()).isEmpty();
            }
        }
        endsAreFinal(ends, rows);
        Map<String, Set<String>> signed = new HashMap<>();
        for (Path log : signatures) {
            SignatureLines.bySerial(log)
                    .forEach((serial, contents) -> signed.computeIfAbsent(serial, first -> new TreeSet<>())
                            .addAll(contents));
        }
        Set<String> missing = new TreeSet<>(signedWithoutRow(rows, signed));
        Map<String, String> issued = store.issued();
        for (String der : held) {
            String serial = Certificates.ofHex(der).getSerialNumber().toString();
            if (!issued.containsKey(serial)) {
                missing.add(serial);
            } else {
                assertThat(issued.get(serial))
                        .as("certificate %s, held by a client", serial)
                        .isEqualTo(der);
            }
        }
        return List.copyOf(missing);
    }

    /** What was given up stays given up: its serial is revoked, or its token is free again. */
    private static void endsAreFinal(Map<String, String> ends, Collection<Row> rows) {
        for (Row row : rows) {
            String end = ends.get(row.serial());
            if (end != null) {
                assertThat(row.state())
                        .as("state of %s, which was %s once", row.serial(), end)
                        .isEqualTo(end);
            }
        }
    }

    /** No other bytes were signed than those recorded; nothing is issued that the signer did not log. */
    private static List<String> signedWithoutRow(Collection<Row> rows, Map<String, Set<String>> signed)
            throws Exception {
        Map<String, Row> bySerial = new HashMap<>();
        for (Row row : rows) {
            bySerial.put(row.serial(), row);
            if (row.state().equals("issued")) {
                assertThat(signed).as("issued, so signed").containsKey(row.serial());
            }
        }
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, Set<String>> line : signed.entrySet()) {
            Row row = bySerial.get(line.getKey());
            if (row == null) {
                missing.add(line.getKey());
                continue;
            }
            assertThat(row.state())
                    .as("a token is free only if nothing was signed")
                    .isNotEqualTo("voided");
            assertThat(line.getValue()).containsExactly(Certificates.sha256(row.tbs()));
        }
        return missing;
    }
}
