package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.softhsm.Pkcs11Shim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One issuing key on two HSMs, of two libraries and under two names; each signer's own chancery.json says where. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class SeveralHsmsIT {
    private static final String NAME = "several.example";
    private static final int REQUESTS = 5;
    private static final long DEVICE_ERROR = 0x30; // CKR_DEVICE_ERROR

    @TempDir
    private Path folder;

    private StepPki pki;
    private HsmTokens tokens;
    private Pkcs11Shim west;
    private ClusterPki cluster;

    @BeforeEach
    void hsms() throws Exception {
        pki = StepPki.init(folder);
        tokens = HsmTokens.beside(pki);
        west = Pkcs11Shim.around(TokenPki.library());
        Path key = pki.file("step/secrets/intermediate_ca_key");
        for (String place : List.of("east", "west")) {
            tokens.init(place);
            tokens.hsm(
                            "import",
                            "--kms",
                            tokens.kms(place, "key-" + place),
                            key.toString(),
                            "--password=file:" + pki.password(),
                            "--cert",
                            pki.intermediate().toString())
                    .succeeded();
        }
        Files.delete(key);
        tokens.issueWith("nowhere", "nothing", pki.intermediate());
        cluster = ClusterPki.make(pki, "cluster", Map.of());
        cluster.set("signer", Map.of("kms", kms("east", "key-east", TokenPki.library())));
        cluster.set("third", Map.of("kms", kms("west", "key-west", west.modulePath())));
    }

    @AfterEach
    void end() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
        west.close();
    }

    private Map<String, Object> kms(String token, String object, Path library) {
        String uri = tokens.kms(token, object).replace(TokenPki.library().toString(), library.toString());
        return Map.of("uri", uri.replace(";object=" + object, ""), "key", "pkcs11:object=" + object);
    }

    private ChanceryProcess signer(String node) throws Exception {
        ChanceryProcess process = cluster.start(node, "signer");
        process.awaitReady();
        return process;
    }

    private Answer issue() throws Exception {
        ApiClient api = ApiClient.of(pki);
        return api.sign(api.csr(NAME), api.token(NAME));
    }

    private void awaitIssued() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Answer last = issue();
        while (last.status() != 201) {
            assertThat(System.nanoTime() - end).as(last.body()).isNegative();
            last = issue();
        }
        IssuerFiles.verify(pki, List.of(IssuerFiles.chain(last)));
    }

    /** How many signatures the node's own log has. */
    private long signed(String node) throws Exception {
        Path log = cluster.node(node, "data/signatures.log");
        return Files.exists(log) ? Files.readAllLines(log).size() : 0;
    }

    @Test
    void each_signs_with_its_own_and_while_one_is_away_the_other_serves() throws Exception {
        ChanceryProcess east = signer("signer");
        cluster.start("api", "api").awaitReady();
        awaitIssued();
        assertThat(signed("signer")).isPositive();

        ChanceryProcess other = signer("third");
        east.kill();
        awaitIssued();
        assertThat(signed("third")).isPositive();

        west.failAll(DEVICE_ERROR);
        assertThat(issue().status()).as("no HSM is there").isEqualTo(503);
        long before = signed("signer");
        ChanceryProcess unused = signer("signer");
        awaitIssued();
        assertThat(signed("signer")).isGreaterThan(before);
        int lines = other.lines().size();
        west.well();
        other.awaitLine("signing key healed", lines);
        whileOneHangsTheOtherTakesOver(other);
    }

    /** The request that finds out goes to both, within its own time; those after it to the other one alone. */
    private void whileOneHangsTheOtherTakesOver(ChanceryProcess other) throws Exception {
        awaitIssued();
        int lines = other.lines().size();
        long before = signed("signer");
        west.hangAll();
        for (int i = 0; i < REQUESTS; i++) {
            Answer answer = issue();
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        }
        assertThat(signed("signer") - before).isEqualTo(REQUESTS);
        other.awaitLine("signing key lost", lines);
        west.well();
        other.awaitLine("signing key healed", lines);
    }

    private Commands.Result doctor(ChanceryProcess api) throws Exception {
        return Commands.run(
                folder,
                Map.of(),
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "cluster",
                "doctor",
                "--config",
                cluster.node("api", "ca.json").toString(),
                "--management",
                api.awaitManagement().substring("http://".length()));
    }

    @Test
    void the_doctor_of_the_cluster_compares_the_tokens_of_both() throws Exception {
        ChanceryProcess unused = signer("signer");
        ChanceryProcess other = signer("third");
        ChanceryProcess api = cluster.start("api", "api");
        api.awaitReady();
        awaitIssued();
        Commands.Result alike = doctor(api);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!alike.output().contains("signed for by signer and third")) {
            assertThat(System.nanoTime() - end).as(alike.output()).isNegative();
            alike = doctor(api);
        }
        assertThat(alike.output())
                .containsPattern(
                        "ok\ttoken\t.*token east \\(serial [0-9a-f]+\\) on signer, token west \\(.*\\) on third")
                .containsPattern("ok\tkey-attributes\t.* on signer and third imported, sensitive, not extractable")
                .containsPattern(
                        "ok\tsessions\t.*signer: [0-9]+ signatures at once, an untold number of session\\(s\\) open")
                .containsPattern("ok\tmechanisms\tthe same .* on signer and third");

        west.tellMaxSessions(4);
        west.tellNoSigning(0xd); // CKM_RSA_PKCS_PSS
        Commands.Result different = doctor(api);
        assertThat(different.exitCode()).as(different.output()).isEqualTo(1);
        assertThat(different.output())
                .containsPattern("failed\tsessions\tthe token .* on third: .* a limit of 4")
                .containsPattern("warning\tsessions\tnodes sign .* with different limits: .* on signer")
                .containsPattern("warning\tmechanisms\tthe token .* on third lacks .*: CKM_RSA_PKCS_PSS to sign");

        west.failAll(DEVICE_ERROR);
        other.awaitLine("signing key lost");
        assertThat(doctor(api).output())
                .contains("failed\tkeys\t")
                .containsPattern(
                        "(skipped|failed)\ttest-signature\t.* on third: .*the key is (healing|being brought back)")
                .doesNotContainPattern("\t(token|key-attributes|sessions|mechanisms)\t.*third");
    }

    @Test
    void a_signer_whose_own_HSM_holds_another_key_does_not_start() throws Exception {
        tokens.hsm("keygen", "--kms", tokens.kms("west", "stranger")).succeeded();
        tokens.hsm("selfsign", "--kms", tokens.kms("west", "stranger"), "--subject", "Stranger")
                .succeeded();
        cluster.set("third", Map.of("kms", kms("west", "stranger", west.modulePath())));
        ChanceryProcess refused = cluster.start("third", "signer");
        assertThat(refused.awaitEnd()).isNotZero();
        assertThat(refused.lines()).anyMatch(line -> line.contains("does not belong to the certificate of"));
    }
}
