package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real step-ca under remote management, whose policies the real step has set, and Chancery with what step shows of them:
 * every name fares alike at both. NamePolicyIT asks the same of a step-ca that has them in its ca.json, in less time.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("long")
@SuppressWarnings("NullAway.Init")
class RemotePolicyIT {
    /** step-ca's first admin: a policy that would not give him certificates is refused. */
    private static final String ADMIN = "step";

    /** The kinds of names in ca.json and in step's commands, and as step-ca's database has them; first the admin's. */
    private static final Map<String, String> KINDS = kinds();

    @TempDir
    private static Path folder;

    private static StepCaPeerPki pki;
    private static StepCaPeer stepCa;
    private static PolicedChancery chancery;
    private static StepCaPeerIdentity admin;

    @BeforeAll
    static void start() throws Exception {
        pki = PolicedChancery.pki(folder);
        pki.setInAuthority("step-ca", "enableAdmin", true);
        stepCa = StepCaPeer.start(pki.stepPath("step-ca"), pki.password());
        step("ca certificate " + ADMIN + " admin.crt admin.key --provisioner " + StepCaPeerPki.PLAIN
                        + " --provisioner-password-file password")
                .succeeded();
        admin = StepCaPeerIdentity.read(folder.resolve("admin.crt"), folder.resolve("admin.key"));
        setByStep();
        Map<String, Map<String, Object>> provisioners = NamePolicyRows.remotePolicies();
        for (Map.Entry<String, Map<String, Object>> each : provisioners.entrySet()) {
            putByAdmin(each.getKey(), each.getValue());
        }
        chancery = PolicedChancery.start(pki, shownByStep(), provisioners);
        chancery.awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {chancery, stepCa}) {
            if (each != null) {
                each.close();
            }
        }
    }

    private static Map<String, String> kinds() {
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("dns", "dns");
        kinds.put("ip", "ips");
        kinds.put("email", "emails");
        kinds.put("uri", "uris");
        kinds.put("cn", "commonNames");
        return kinds;
    }

    private static Commands.Result step(String words) throws Exception {
        return pki.step("step-ca", folder, words.split(" "));
    }

    /** The policy of {@link NamePolicyRows}, and wildcards besides; a script, for what is not ASCII reaches step from it. */
    private static void setByStep() throws Exception {
        StringBuilder script = new StringBuilder("#!/bin/sh\nset -e\n");
        String command = "\"$STEP\" ca policy authority x509 ";
        String by = " --admin-cert admin.crt --admin-key admin.key\n";
        script.append(command).append("allow dns ").append(ADMIN).append(by);
        for (String kind : KINDS.keySet()) {
            for (String list : List.of("allow", "deny")) {
                List<?> names = (List<?>) ((Map<?, ?>) NamePolicyRows.AUTHORITY.get(list)).get(kind);
                script.append(command).append(list).append(' ').append(kind);
                names.forEach(name -> script.append(" '").append((String) name).append('\''));
                script.append(by);
            }
        }
        script.append(command).append("wildcards allow").append(by);
        Path file = Executable.write(folder.resolve("policies.sh"), script.toString());
        Commands.run(
                        folder,
                        Map.of(
                                "STEP",
                                Commands.step(),
                                "STEPPATH",
                                pki.stepPath("step-ca").toString()),
                        file.toString())
                .succeeded();
    }

    /** The policy of the authority as {@code step ca policy authority view} prints it, in the words of ca.json. */
    private static Map<String, Object> shownByStep() throws Exception {
        Map<String, Object> shown = JSONObjectUtils.getJSONObject(
                JSONObjectUtils.parse(step("ca policy authority view --admin-cert admin.crt --admin-key admin.key")
                        .succeeded()
                        .output()),
                "x509");
        Map<String, Object> policy = new LinkedHashMap<>();
        for (String list : List.of("allow", "deny")) {
            Map<String, Object> names = new LinkedHashMap<>();
            KINDS.forEach((kind, inDatabase) -> names.put(kind, ((Map<?, ?>) shown.get(list)).get(inDatabase)));
            policy.put(list, names);
        }
        policy.put("allowWildcardNames", shown.get("allowWildcardNames"));
        return policy;
    }

    /** step-ca refuses step's command for it, but takes a provisioner with a policy in it, by the API behind the commands. */
    private static void putByAdmin(String provisioner, Map<String, Object> policy) throws Exception {
        Map<String, Object> x509 = new LinkedHashMap<>();
        policy.forEach((list, rules) -> {
            Map<String, Object> names = new LinkedHashMap<>();
            ((Map<?, ?>) rules).forEach((kind, each) -> names.put(KINDS.get((String) kind), each));
            x509.put(list, names);
        });
        String path = "/admin/provisioners/" + provisioner;
        StepCaPeerClient client = new StepCaPeerClient(pki.root());
        StepCaPeerAnswer found =
                client.send(pki.stepCaPort(), StepCaPeerRequest.get(path).with("Authorization", adminToken(path)));
        assertThat(found.status()).as(found.body()).isEqualTo(200);
        Map<String, Object> changed = JSONObjectUtils.parse(found.body());
        changed.put("policy", Map.of("x509", x509));
        StepCaPeerAnswer answer = client.send(
                pki.stepCaPort(),
                new StepCaPeerRequest(
                        "PUT",
                        path,
                        Map.of("Content-Type", "application/json", "Authorization", adminToken(path)),
                        JSONObjectUtils.toJSONString(changed)));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    /** As step makes one for each of its requests to the API. */
    private static String adminToken(String path) throws Exception {
        Map<String, Object> claims = new StepCaPeerTokens(pki).claims("step-admin-client/1.0", ADMIN);
        claims.put("aud", "https://localhost" + path);
        String header = JSONObjectUtils.toJSONString(Map.of("alg", "ES256", "typ", "JWT", "x5c", admin.inHeader()));
        return admin.signed(StepCaPeerTokens.encode(header.getBytes(StandardCharsets.UTF_8))
                + "."
                + StepCaPeerTokens.encode(JSONObjectUtils.toJSONString(claims).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void step_shows_the_policy_that_it_has_set() throws Exception {
        Map<String, Object> shown = shownByStep();
        Map<Object, Object> allow = new LinkedHashMap<>((Map<?, ?>) shown.get("allow"));
        assertThat((List<?>) allow.get("dns")).first().isEqualTo(ADMIN);
        allow.put("dns", ((List<?>) allow.get("dns")).stream().skip(1).toList());
        assertThat(allow).isEqualTo(NamePolicyRows.AUTHORITY.get("allow"));
        assertThat(shown.get("deny")).isEqualTo(NamePolicyRows.AUTHORITY.get("deny"));
        assertThat(shown).containsEntry("allowWildcardNames", true);
    }

    @TestFactory
    Stream<DynamicTest> the_policy_of_the_authority_is_kept_alike() throws Exception {
        return compared(new NamePolicyRows(new StepCaPeerTokens(pki)).ofAuthority());
    }

    @TestFactory
    Stream<DynamicTest> the_policies_of_provisioners_are_kept_alike() throws Exception {
        return compared(new NamePolicyRows(new StepCaPeerTokens(pki)).ofRemoteProvisioners());
    }

    private static Stream<DynamicTest> compared(List<StepCaPeerRow> rows) {
        return rows.stream()
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> chancery.compare(pki.stepCaPort(), row)));
    }

    /** Two servers that grant everything, or nothing, would be alike, too. */
    @Test
    void what_the_policies_allow_is_granted_and_what_they_deny_is_not() throws Exception {
        NamePolicyRows rows = new NamePolicyRows(new StepCaPeerTokens(pki));
        Map<String, Boolean> allowed = Map.of(
                "admin: Jane Doe, *.corp.example", true,
                "admin: Jane Doe, vault.corp.example", false,
                "admin: Jane Doe, a.xn--bcher-kva.example", true,
                "long: a.corp.example, vault.corp.example", false,
                "long: a.corp.example, web.corp.example", true,
                "long: a.corp.example, corp.example", false,
                "lifted: a.corp.example, corp.example", true,
                "lifted: a.corp.example, web.corp.example", false,
                "after-expiry: me@corp.example, https://web.corp.example/x", true,
                "after-expiry: me@corp.example, boss@example.com", false);
        List<StepCaPeerRow> all = Stream.concat(rows.ofAuthority().stream(), rows.ofRemoteProvisioners().stream())
                .filter(row -> allowed.containsKey(row.name()))
                .toList();
        assertThat(all).hasSameSizeAs(allowed.keySet());
        for (StepCaPeerRow row : all) {
            assertThat(chancery.answer(pki.stepCaPort(), row).status() == 201)
                    .as(row.name())
                    .isEqualTo(allowed.get(row.name()));
        }
    }

    /** Should a step-ca take them one day, this test says that {@link #putByAdmin} may give way to step. */
    @Test
    void step_ca_with_a_database_of_its_own_takes_no_policies_of_provisioners_from_step() throws Exception {
        Commands.Result refused = step("ca policy provisioner x509 allow dns a.example --provisioner "
                + StepCaPeerPki.LONG + " --admin-cert admin.crt --admin-key admin.key");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.output()).contains("operation not supported in standalone mode");
    }
}
