package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.StoreRows.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** What must hold of store, signer's log and clients together, whatever has happened (issuance protocol, P1 to P3). */
final class StoreTruth {
    private final Set<String> lost = new TreeSet<>();
    private final List<String> wrong = new ArrayList<>();
    private final Map<String, Row> rows = new HashMap<>();

    private StoreTruth() {}

    /**
     * What does not hold.
     *
     * @param lost serials of certificates that clients hold or signers have signed, and that are not recorded so
     * @param doubled keys of tokens that bought more than one certificate
     * @param wrong all else, in words
     */
    record Findings(Set<String> lost, Set<String> doubled, List<String> wrong) {
        boolean none() {
            return lost.isEmpty() && doubled.isEmpty() && wrong.isEmpty();
        }

        void mustBeNone() {
            assertThat(doubled).as("tokens that bought two certificates").isEmpty();
            assertThat(lost)
                    .as("serials that were signed or are held by a client, and not recorded so")
                    .isEmpty();
            assertThat(wrong).as("what does not fit together").isEmpty();
        }
    }

    /**
     * Fails, and says how much is lost and doubled in a line that the report counts, unless all holds.
     *
     * @param signatures the log of each signer
     * @param issuer PEM file of its certificate, or of those of several
     * @param held DER of every certificate that a client holds, in hex
     */
    static void check(StoreRows store, Collection<Path> signatures, Path issuer, Collection<String> held)
            throws Exception {
        Map<String, String> bought = new HashMap<>();
        held.forEach(der -> bought.put(der, ""));
        Findings findings = find(store, signatures, issuer, bought);
        if (!findings.none()) {
            print(findings);
        }
        findings.mustBeNone();
    }

    static void print(Findings findings) {
        System.out.println(line(findings));
    }

    /** What {@code ./run faults} sums up by the words beside the numbers. */
    static String line(Findings findings) {
        return String.format(
                Locale.ROOT,
                "checker: lost %d, doubled %d, wrong %d",
                findings.lost.size(),
                findings.doubled.size(),
                findings.wrong.size());
    }

    /**
     * @param held by the DER of every certificate that a client holds, in hex, the key of the token that bought it, or
     *     nothing where that is not known
     */
    static Findings find(StoreRows store, Collection<Path> signatures, Path issuer, Map<String, String> held)
            throws Exception {
        StoreTruth truth = new StoreTruth();
        Set<String> doubled = store.boughtTwice().keySet();
        // First: a row may be given up at any moment, but what was given up before the rows are read is so in them.
        Map<String, String> ends = store.ends();
        // A row is there before its certificate is signed, and is issued after that: so what is in the logs by now must
        // have a row, and what is issued by then must be in the logs as they are afterwards.
        Map<String, Set<String>> signedBefore = signed(signatures);
        for (Row row : store.all()) {
            truth.mustBe(truth.rows.put(row.serial(), row) == null, "serial %s stands in two rows", row.serial());
        }
        truth.contents(issuer);
        truth.endsAreFinal(ends);
        truth.issuedIsSigned(signed(signatures).keySet());
        truth.signedIsRecorded(signedBefore);
        truth.held(held);
        return new Findings(truth.lost, doubled, truth.wrong);
    }

    /** By serial, what each signer says it has signed. */
    private static Map<String, Set<String>> signed(Collection<Path> signatures) throws IOException {
        Map<String, Set<String>> signed = new HashMap<>();
        for (Path log : signatures) {
            SignatureLines.bySerial(log)
                    .forEach((serial, contents) -> signed.computeIfAbsent(serial, first -> new TreeSet<>())
                            .addAll(contents));
        }
        return signed;
    }

    private void mustBe(boolean so, String what, Object... arguments) {
        if (!so) {
            wrong.add(String.format(Locale.ROOT, what, arguments));
        }
    }

    /** What is issued is a certificate over the recorded bytes; what is not is none. */
    private void contents(Path issuer) throws Exception {
        Map<X500Principal, X509Certificate> issuers = new HashMap<>();
        for (X509Certificate each : Certificates.readAll(issuer)) {
            issuers.put(each.getSubjectX500Principal(), each);
        }
        for (Row row : rows.values()) {
            if (!row.state().equals("issued")) {
                mustBe(row.der().isEmpty(), "row %s is %s and has a DER", row.serial(), row.state());
                continue;
            }
            X509Certificate certificate = Certificates.ofHex(row.der());
            mustBe(signedBy(issuers, certificate), "certificate %s has no good signature", row.serial());
            mustBe(
                    certificate.getSerialNumber().toString().equals(row.serial()),
                    "row %s has another's DER",
                    row.serial());
            mustBe(
                    Certificates.tbs(certificate).equals(row.tbs()),
                    "DER of %s is not of the recorded bytes",
                    row.serial());
        }
    }

    private static boolean signedBy(Map<X500Principal, X509Certificate> issuers, X509Certificate certificate) {
        X509Certificate issuer = issuers.get(certificate.getIssuerX500Principal());
        if (issuer == null) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** What was given up stays given up: its serial is revoked, or its token is free again. */
    private void endsAreFinal(Map<String, String> ends) {
        ends.forEach((serial, end) -> {
            Row row = rows.get(serial);
            mustBe(
                    row == null || row.state().equals(end),
                    "state of %s, which was %s once, is %s",
                    serial,
                    end,
                    row == null ? "" : row.state());
        });
    }

    /** Nothing is issued that no signer logged. */
    private void issuedIsSigned(Set<String> signed) {
        for (Row row : rows.values()) {
            mustBe(
                    !row.state().equals("issued") || signed.contains(row.serial()),
                    "%s is issued and was never signed",
                    row.serial());
        }
    }

    /** No other bytes were signed than those recorded. */
    private void signedIsRecorded(Map<String, Set<String>> signed) throws Exception {
        for (Map.Entry<String, Set<String>> line : signed.entrySet()) {
            Row row = rows.get(line.getKey());
            if (row == null) {
                lost.add(line.getKey());
                continue;
            }
            mustBe(!row.state().equals("voided"), "%s is voided and was signed", row.serial());
            mustBe(
                    line.getValue().equals(Set.of(Certificates.sha256(row.tbs()))),
                    "under %s other bytes than those recorded were signed",
                    row.serial());
        }
    }

    private void held(Map<String, String> held) throws Exception {
        for (Map.Entry<String, String> each : held.entrySet()) {
            String serial = Certificates.ofHex(each.getKey()).getSerialNumber().toString();
            @Nullable Row row = rows.get(serial);
            if (row == null || !row.state().equals("issued")) {
                lost.add(serial);
                continue;
            }
            mustBe(row.der().equals(each.getKey()), "a client holds another certificate %s than the store", serial);
            mustBe(
                    each.getValue().isEmpty() || each.getValue().equals(row.tokenKey()),
                    "row %s has token %s, but it was bought by %s",
                    serial,
                    row.tokenKey(),
                    each.getValue());
        }
    }
}
