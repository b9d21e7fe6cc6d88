package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.testing.PostgresProcess;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What needs no writes is served while the database is away, also by a node that starts meanwhile. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DatabaseAwayIT {
    @Test
    void a_node_that_starts_meanwhile_serves_roots_provisioners_and_the_list_and_goes_on_when_it_is_back(
            @TempDir Path folder) throws Exception {
        StepPki pki = StepPki.init(folder);
        pki.set("crl", Map.of("enabled", true, "generateOnRevoke", true));
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(pki, server, 1, Map.of())) {
            nodes.startAll();
            BigInteger revoked = revoke(nodes.api("n1"));
            X509CRL before = list(nodes, revoked);
            ClusterJudge.await("the list is kept", 30, () -> isKept(nodes, before));
            nodes.process("n1").kill();
            server.kill();

            ChanceryProcess unused = nodes.start("n1");
            ClusterJudge.await(
                    "it serves", 60, () -> nodes.management("n1", "/can-read").statusCode() == 200);
            ApiClient started = nodes.api("n1");
            assertThat(started.get("/roots").status()).isEqualTo(201);
            assertThat(started.get("/provisioners").status()).isEqualTo(200);
            ClusterJudge.await("the list", 10, () -> started.get("/crl?pem").status() == 200);
            assertThat(read(started.get("/crl?pem"))).isEqualTo(before);
            assertThat(started.get("/health").status()).isEqualTo(503);

            server.startAgain();
            ClusterJudge.await("it issues", 60, () -> nodes.canIssue("n1"));
            X509CRL after = list(nodes, revoke(started));
            assertThat(after.getRevokedCertificate(revoked)).isNotNull();
            assertThat(number(after)).isGreaterThan(number(before));
        }
    }

    private static boolean isKept(EqualNodes nodes, X509CRL list) throws Exception {
        try (Stream<Path> files = Files.list(nodes.file("n1", "ca.json").getParent())) {
            for (Path each :
                    files.filter(file -> file.toString().endsWith(".crl")).toList()) {
                return Arrays.equals(Files.readAllBytes(each), list.getEncoded());
            }
            return false;
        }
    }

    private static BigInteger revoke(ApiClient api) throws Exception {
        Answer issued = api.sign(api.csr("revoked.example"), api.token("revoked.example"));
        assertThat(issued.status()).as(issued.body()).isEqualTo(201);
        BigInteger serial = ApiClient.certificate(issued.member("crt")).getSerialNumber();
        Answer revoked = api.revoke(serial.toString());
        assertThat(revoked.status()).as(revoked.body()).isEqualTo(200);
        return serial;
    }

    /** The list, once it names a serial. */
    private static X509CRL list(EqualNodes nodes, BigInteger serial) throws Exception {
        ApiClient api = nodes.api("n1");
        ClusterJudge.await(
                "the revocation is listed", 30, () -> read(api.get("/crl?pem")).getRevokedCertificate(serial) != null);
        X509CRL list = read(api.get("/crl?pem"));
        list.verify(
                ApiClient.certificate(StepPki.text(nodes.pki().intermediate())).getPublicKey());
        return list;
    }

    private static X509CRL read(Answer answer) throws Exception {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(answer.body().getBytes(StandardCharsets.US_ASCII)));
    }

    private static BigInteger number(X509CRL list) {
        byte[] value = list.getExtensionValue("2.5.29.20");
        return ASN1Integer.getInstance(ASN1OctetString.getInstance(value).getOctets())
                .getValue();
    }
}
