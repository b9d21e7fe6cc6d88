package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL's own backup, put back under two nodes: what it has forgotten buys nothing again, and is named. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PostgresBackupIT {
    /** As if the new epoch's minute had passed: still within the leeway of the future. */
    private static final Duration AHEAD = Duration.ofSeconds(57);

    private static final long EPOCH_SECONDS = 60;
    private static final String NAME = "backup.example";
    private static final int SOME = 20;

    private EqualNodes nodes;

    private Commands.Result reconcile() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "store",
                "reconcile",
                nodes.file("n1", "ca.json").toString()));
        for (Path log : nodes.signatures()) {
            command.addAll(List.of("--signatures", log.toString()));
        }
        return Commands.run(nodes.pki().folder(), Map.of(), command.toArray(String[]::new));
    }

    private BigInteger listNumber() throws Exception {
        Answer list = nodes.api("n1").get("/crl?pem");
        assertThat(list.status()).as(list.body()).isEqualTo(200);
        X509CRL crl = (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(list.body().getBytes(StandardCharsets.US_ASCII)));
        byte[] value = crl.getExtensionValue("2.5.29.20");
        return ASN1Integer.getInstance(ASN1OctetString.getInstance(value).getOctets())
                .getValue();
    }

    private String issue(ApiClient api, String token) throws Exception {
        Answer answer = api.sign(api.csr(NAME), token);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return Certificates.ofHex(Certificates.hex(answer.member("crt")))
                .getSerialNumber()
                .toString();
    }

    /** Serial → what was signed under it, by every signer's log. */
    private Map<String, Set<String>> signed() throws Exception {
        Map<String, Set<String>> signed = new TreeMap<>();
        for (Path log : nodes.signatures()) {
            SignatureLines.bySerial(log)
                    .forEach((serial, contents) -> signed.computeIfAbsent(serial, first -> new TreeSet<>())
                            .addAll(contents));
        }
        return signed;
    }

    private Set<String> recorded() throws Exception {
        return nodes.store().all().stream().map(StoreRows.Row::serial).collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the store has recorded since it was restored has serials that nothing was signed under before. */
    private void noSerialComesAgain(Set<String> restored, Map<String, Set<String>> signedBefore) throws Exception {
        ApiClient api = nodes.api("n2");
        List<String> again = new ArrayList<>();
        for (int i = 0; i < SOME; i++) {
            again.add(issue(api, api.token(NAME, AHEAD)));
        }
        Set<String> since = recorded();
        since.removeAll(restored);
        assertThat(since).containsAll(again).doesNotContainAnyElementsOf(signedBefore.keySet());
        assertThat(signed().values()).as("contents of each serial").allMatch(contents -> contents.size() == 1);
    }

    private void stopAll() throws Exception {
        for (String name : nodes.names()) {
            nodes.process(name).close();
        }
    }

    @Test
    void tokens_of_before_buy_nothing_certificates_since_are_named_and_no_serial_or_number_of_a_list_comes_again(
            @TempDir Path folder) throws Exception {
        StepPki pki = StepPki.init(folder);
        pki.set("crl", Map.of("enabled", true, "generateOnRevoke", true));
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes made = EqualNodes.make(pki, server, 2, Map.of())) {
            nodes = made;
            nodes.startAll();
            ApiClient api = nodes.api("n1");
            String before = issue(api, api.token(NAME));
            String used = api.token(NAME);
            String unused = api.token(NAME);
            String dump = folder.resolve("chancery.dump").toString();
            server.dump(EqualNodes.DATABASE, dump);
            String since = issue(nodes.api("n2"), used);
            BigInteger first = listNumber();
            assertThat(api.revoke(before, Duration.ZERO).status()).isEqualTo(200);
            ClusterJudge.await("a list after the backup", 60, () -> listNumber().compareTo(first) > 0);
            BigInteger number = listNumber();
            Commands.Result agree = reconcile();
            assertThat(agree.exitCode()).as(agree.output()).isZero();
            stopAll();
            Map<String, Set<String>> signedBefore = signed();
            assertThat(signedBefore).containsKeys(before, since);

            String unusedDrop = server.sql("postgres", "DROP DATABASE " + EqualNodes.DATABASE);
            String unusedMade = server.createDatabase(EqualNodes.DATABASE);
            server.restore(EqualNodes.DATABASE, dump);
            Set<String> restored = recorded();
            assertThat(restored).contains(before).doesNotContain(since);
            nodes.startAll();
            for (String name : nodes.names()) {
                ApiClient each = nodes.api(name);
                for (String token : List.of(used, unused)) {
                    Answer answer = each.sign(each.csr(NAME), token);
                    assertThat(answer.status())
                            .as("%s: %s", name, answer.body())
                            .isEqualTo(401);
                }
            }
            ClusterJudge judge = new ClusterJudge(nodes);
            judge.awaitIssuing(nodes.names(), System.nanoTime(), ClusterJudge.RECOVERY_SECONDS + EPOCH_SECONDS, AHEAD);

            Commands.Result differ = reconcile();
            assertThat(differ.exitCode()).as(differ.output()).isEqualTo(1);
            assertThat(differ.output()).contains("not-recorded\t" + since).doesNotContain(before);
            assertThat(nodes.api("n1").revoke(before, AHEAD).status())
                    .as("forgotten, so done again")
                    .isEqualTo(200);
            ClusterJudge.await(
                    "a list with a new number", 60, () -> listNumber().compareTo(number) > 0);
            assertThat(nodes.store().boughtTwice()).isEmpty();
            noSerialComesAgain(restored, signedBefore);
        }
    }
}
