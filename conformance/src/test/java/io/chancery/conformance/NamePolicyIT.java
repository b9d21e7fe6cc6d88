package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Under the same policies and name constraints, every name fares at Chancery as it does at step-ca: at the real one by the
 * policy of the authority, at one whose provisioners were given policies by those too.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class NamePolicyIT {
    @TempDir
    private static Path folder;

    private static StepCaPeerPki pki;
    private static StepCaPeer stepCa;
    private static StepCaPeer stepCaWithPolicies;
    private static PolicedChancery chancery;
    private static final int PORT_WITH_POLICIES = FreePorts.take();

    @BeforeAll
    static void start() throws Exception {
        pki = PolicedChancery.pki(folder);
        pki.setInAuthority("step-ca", "policy", Map.of("x509", NamePolicyRows.AUTHORITY));
        copyWithPolicies();
        chancery = PolicedChancery.start(pki, NamePolicyRows.AUTHORITY, NamePolicyRows.PROVISIONERS);
        stepCa = StepCaPeer.start(pki.stepPath("step-ca"), pki.password());
        stepCaWithPolicies =
                StepCaPeer.startWithPolicies(pki.stepPath("with-policies"), pki.password(), folder.resolve("policies"));
        chancery.awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {chancery, stepCa, stepCaWithPolicies}) {
            if (each != null) {
                each.close();
            }
        }
    }

    private static void copyWithPolicies() throws Exception {
        Files.writeString(folder.resolve("policies"), JSONObjectUtils.toJSONString(NamePolicyRows.PROVISIONERS));
        Path copy = Files.createDirectories(pki.stepPath("with-policies").resolve("config"));
        Files.createDirectories(pki.stepPath("with-policies").resolve("db"));
        Files.writeString(
                copy.resolve("ca.json"),
                Files.readString(pki.stepPath("step-ca").resolve("config/ca.json"))
                        .replace("127.0.0.1:" + pki.stepCaPort(), "127.0.0.1:" + PORT_WITH_POLICIES)
                        .replace("step-ca\\/db", "with-policies\\/db")
                        .replace("step-ca/db", "with-policies/db"));
    }

    @TestFactory
    Stream<DynamicTest> the_policy_of_the_authority_and_the_constraints_of_its_issuer_are_kept_alike()
            throws Exception {
        return compared(pki.stepCaPort(), new NamePolicyRows(new StepCaPeerTokens(pki)).ofAuthority());
    }

    @TestFactory
    Stream<DynamicTest> the_policies_of_provisioners_are_kept_alike() throws Exception {
        return compared(PORT_WITH_POLICIES, new NamePolicyRows(new StepCaPeerTokens(pki)).ofProvisioners());
    }

    private static Stream<DynamicTest> compared(int port, List<StepCaPeerRow> rows) {
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> chancery.compare(port, row)));
    }

    @TestFactory
    Stream<DynamicTest> a_renewal_is_held_against_the_constraints_and_not_against_policies() throws Exception {
        List<StepCaPeerRow> rows = NamePolicyRows.ofRenewals(pki);
        StepCaPeerRow unwanted = rows.stream()
                .filter(row -> row.name().equals("renew evil.example"))
                .findFirst()
                .orElseThrow();
        assertThat(chancery.answer(unwanted).status())
                .as("what no policy allows")
                .isEqualTo(201);
        return compared(pki.stepCaPort(), rows);
    }

    @Test
    void a_refusal_stands_in_the_log_with_the_name_and_the_rule() throws Exception {
        StepCaPeerRow unwanted = new NamePolicyRows(new StepCaPeerTokens(pki))
                .ofAuthority().stream()
                        .filter(row -> row.name().endsWith(", xcorp.example"))
                        .findFirst()
                        .orElseThrow();
        ChanceryProcess process = chancery.process();
        int before = process.lines().size();
        assertThat(chancery.answer(unwanted).status()).isEqualTo(403);
        process.awaitLine("none of allow.dns", before);
        assertThat(process.lines().stream().skip(before))
                .anyMatch(line -> line.contains("none of allow.dns")
                        && line.contains("authority.policy")
                        && line.contains("xcorp.example"));
    }
}
