package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.cli.ProcessEnd;
import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.certificate.KeyId;
import io.chancery.testing.MutableInstantSource;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import picocli.CommandLine;

/** {@code start --check-config}: what it calls fine starts. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class StartCheckTest {
    @TempDir
    private Path folder;

    private final Map<String, Object> caJson = new HashMap<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private IssuerPlace place;

    @BeforeEach
    void configure() throws Exception {
        place = new IssuerPlace(folder);
        place.make("first");
        place.make("other");
        caJson.putAll(
                Map.of("root", file("root.crt"), "crt", file("first.crt"), "key", file("first.key"), "address", ":0"));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private int check(String... options) throws Exception {
        return start(
                Stream.concat(Stream.of("--check-config"), Stream.of(options)).toArray(String[]::new));
    }

    private int start(String... options) throws Exception {
        printed.reset();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        Path written = Files.writeString(folder.resolve("ca.json"), JSONObjectUtils.toJSONString(caJson));
        CommandLine command = new CommandLine(new StartCommand(new Surroundings(
                out,
                out,
                new MutableInstantSource(Instant.parse("2026-06-01T12:00:00Z")),
                new SecureRandom(),
                new ProcessEnd())));
        command.setErr(new PrintWriter(out, true, StandardCharsets.UTF_8));
        command.setExecutionExceptionHandler((failure, line, parsed) -> {
            out.println(failure.getMessage());
            return failure instanceof UsageException ? 2 : 1;
        });
        return command.execute(
                Stream.concat(Stream.of(written.toString()), Stream.of(options)).toArray(String[]::new));
    }

    private String said() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_key_that_is_not_the_certificate_s_is_told() throws Exception {
        assertThat(check()).as(said()).isZero();
        assertThat(said()).contains("the configuration is fine").doesNotContain("not checked");
        caJson.put("key", file("other.key"));
        assertThat(check()).isEqualTo(2);
        assertThat(said()).contains("ca.json#/key: ", "does not belong").doesNotContain("fine");
        assertThat(check("--role", "signer")).isEqualTo(2);
    }

    @Test
    void an_issuer_that_is_given_up_is_none_of_the_configuration() throws Exception {
        for (String name : List.of("first", "other")) {
            KeyId key;
            try (InputStream file = Files.newInputStream(folder.resolve(name + ".crt"))) {
                key = KeyId.of(CertificateFactory.getInstance("X.509")
                        .generateCertificate(file)
                        .getPublicKey());
            }
            Map<String, Object> own =
                    Map.of("issuers", List.of(place.entry("other")), "abandonedIssuers", List.of(key.value()));
            Files.writeString(folder.resolve("chancery.json"), JSONObjectUtils.toJSONString(own));
            assertThat(check()).isEqualTo(2);
            assertThat(said())
                    .contains(
                            "chancery.json#/abandonedIssuers: found the key of ",
                            "take it out of issuers",
                            "1 problem(s)");
        }
    }

    @Test
    void all_keys_that_are_another_certificate_s_are_told_in_one_run_each_where_it_stands() throws Exception {
        place.make("third");
        Map<String, Object> one = place.entry("other");
        one.put("key", file("third.key"));
        Map<String, Object> two = place.entry("third");
        two.put("key", file("other.key"));
        own(Map.of("issuers", List.of(one, two), "kms", Map.of("key", file("other.key"))));
        caJson.put("dnsName", "misspelt");
        assertThat(check()).isEqualTo(2);
        assertThat(said())
                .contains(
                        "chancery.json#/kms/key: found ",
                        "chancery.json#/issuers/0/key: found ",
                        "chancery.json#/issuers/1/key: found ",
                        "; allowed: a file with the issuer's key",
                        "ca.json#/dnsName: found ",
                        "3 problem(s)")
                .doesNotContain("ca.json#/key: ", "fine");
    }

    @Test
    void a_key_that_an_entry_gives_ca_json_s_issuer_is_told_at_the_entry() throws Exception {
        Map<String, Object> standing = place.entry("first");
        standing.put("key", file("other.key"));
        listed(standing);
        assertThat(check()).isEqualTo(2);
        assertThat(said())
                .contains("chancery.json#/issuers/0/key: found ", "1 problem(s)")
                .doesNotContain("ca.json#/key: ");
    }

    /** What a pipe holds is there once, and a look at one would wait for somebody to write. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    @Timeout(60)
    void a_key_or_its_password_in_a_pipe_is_said_to_be_unchecked() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        for (String member : List.of("key", "passwordFile")) {
            Map<String, Object> entry = place.entry("other");
            entry.put(member, pipe.toString());
            listed(entry);
            assertThat(check()).as(said()).isZero();
            assertThat(said()).contains("not checked: the key of other, which comes from a pipe");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"api", "signer"})
    @Timeout(60)
    void one_role_alone_needs_a_cluster_and_a_check_says_so_as_a_start_does(String role) throws Exception {
        for (String check : List.of("--check-config", "--strict")) {
            assertThat(start(check, "--role", role)).isEqualTo(2);
            assertThat(said())
                    .contains("chancery.json#/cluster: found nothing, and --role " + role + " needs other nodes")
                    .contains("chancery cluster init", "1 problem(s)")
                    .doesNotContain("fine");
        }
    }

    @Test
    void a_password_that_is_given_wins_over_the_one_in_ca_json() throws Exception {
        place.encrypt("first", "right");
        Path right = Files.writeString(folder.resolve("right"), "right\n");
        Path wrong = Files.writeString(folder.resolve("wrong"), "wrong\n");
        caJson.put("password", "wrong");
        assertThat(check()).isEqualTo(2);
        assertThat(said()).contains("ca.json#/key: found the password does not open");
        assertThat(check("--password-file", right.toString())).as(said()).isZero();
        assertThat(said()).contains("fine").doesNotContain("not checked");
        caJson.put("password", "right");
        assertThat(check()).as(said()).isZero();
        assertThat(check("--password-file", wrong.toString())).isEqualTo(2);
    }

    @Test
    void a_template_that_makes_CAs_is_told_with_the_line_that_allows_it_until_that_is_there() throws Exception {
        String template = "{\"subject\":{{ toJson .Subject }},\"basicConstraints\":{\"isCA\":true,\"maxPathLen\":0}}";
        String leaf = template.replace("true", "false");
        Path file = Files.writeString(folder.resolve("ca.tpl"), template);
        caJson.put(
                "authority",
                Map.of(
                        "provisioners",
                        List.of(
                                serving("leaf", Map.of("template", leaf)),
                                serving("inline", Map.of("template", template)),
                                serving("named", Map.of("templateFile", file.toString())))));
        assertThat(check()).as(said()).isZero();
        assertThat(said())
                .contains(
                        "#/authority/provisioners/1/options/x509: found a template of provisioner \"inline\"",
                        "#/authority/provisioners/2/options/x509: found a template of provisioner \"named\"",
                        "chancery.json says \"keyRules\": {\"allowCa\": true}")
                .doesNotContain("provisioners/0");
        assertThat(check("--strict")).isEqualTo(2);
        own(Map.of("keyRules", Map.of("allowCa", true)));
        assertThat(check("--strict")).as(said()).isZero();
        assertThat(said()).doesNotContain("warning");
    }

    @Test
    @Timeout(60)
    void a_provisioner_that_is_listed_and_refuses_is_a_warning_and_strict_stops_there() throws Exception {
        caJson.put("authority", Map.of("provisioners", List.of(Map.of("type", "ACME", "name", "acme"))));
        assertThat(check()).as(said()).isZero();
        assertThat(said())
                .contains(
                        "#/authority/provisioners/0: found provisioner \"acme\", which cannot serve: ",
                        "not supported");
        for (int code : List.of(check("--strict"), start("--strict"))) {
            assertThat(code).isEqualTo(2);
            assertThat(said()).contains("1 problem(s)");
        }
    }

    @Test
    void a_key_that_only_a_password_opens_is_said_to_be_unchecked_and_is_checked_with_it() throws Exception {
        Files.writeString(
                folder.resolve("locked.key"),
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n");
        caJson.put("key", file("locked.key"));
        assertThat(check()).as(said()).isZero();
        assertThat(said()).contains("not checked: the key of ca.json", "--password-file", "fine");
        Files.writeString(folder.resolve("password"), "some\n");
        assertThat(check("--password-file", file("password"))).isEqualTo(2);
        assertThat(said()).contains("ca.json#/key: ");
    }

    @Test
    void files_that_cannot_be_read_are_listed_together_each_with_its_place_and_the_reason() throws Exception {
        Files.writeString(folder.resolve("empty.crt"), "");
        caJson.put("root", List.of(file("root.crt"), file("empty.crt")));
        caJson.put("federatedRoots", List.of("/nope"));
        caJson.put("crt", folder.toString());
        caJson.put("key", file("no.key"));
        assertThat(check()).isEqualTo(2);
        assertThat(said())
                .contains(
                        "ca.json#/root/1: found " + file("empty.crt") + " holds no PEM block",
                        "ca.json#/federatedRoots/0: found cannot read certificates from /nope: there is no such file",
                        "ca.json#/crt: found cannot read certificates from " + folder + ": it is a folder",
                        "ca.json#/key: found cannot read the key " + file("no.key") + ": there is no such file",
                        "4 problem(s)");
    }

    @Test
    void a_chancery_json_that_cannot_be_looked_at_is_not_taken_for_none() throws Exception {
        Path own = folder.resolve("chancery.json");
        for (String target : List.of("missing.json", "chancery.json")) {
            Path link = Files.createSymbolicLink(own, Path.of(target));
            assertThat(check()).as(target).isEqualTo(2);
            assertThat(said()).contains("found cannot read " + own + ": ", "or none");
            Files.delete(link);
        }
        assertThat(check()).as(said()).isZero();
    }

    @Test
    void limits_that_make_a_provisioner_refuse_everything_are_warned_of_and_strict_stops_there() throws Exception {
        caJson.put(
                "authority",
                Map.of(
                        "provisioners",
                        List.of(Map.of(
                                "type",
                                "ACME",
                                "name",
                                "acme",
                                "claims",
                                Map.of("defaultTLSCertDuration", "3h", "maxTLSCertDuration", "2h")))));
        assertThat(check()).as(said()).isZero();
        assertThat(said()).contains("warning: ", "#/authority/provisioners/0/claims: ");
        assertThat(check("--strict")).isEqualTo(2);
        Map<String, Object> web = serving("web", Map.of());
        web.put("claims", Map.of("defaultTLSCertDuration", "3h", "maxTLSCertDuration", "2h"));
        caJson.put("authority", Map.of("provisioners", List.of(web)));
        assertThat(check("--strict")).isEqualTo(2);
        assertThat(said()).contains("#/authority/provisioners/0/claims: ", "1 problem(s)");
        web.put("claims", Map.of("defaultTLSCertDuration", "48h"));
        caJson.put(
                "authority", Map.of("claims", Map.of("maxTLSCertDuration", "72hours"), "provisioners", List.of(web)));
        assertThat(check("--strict")).isEqualTo(2);
        assertThat(said()).contains("#/authority/claims/maxTLSCertDuration: ", "1 problem(s)");
    }

    @Test
    void a_template_that_is_none_is_told_with_line_and_column() throws Exception {
        Path template = Files.writeString(folder.resolve("leaf.tpl"), "{\n  \"subject\": {{ nobody . }}\n}\n");
        caJson.put(
                "authority",
                Map.of("provisioners", List.of(provisioner("web", Map.of("templateFile", template.toString())))));
        assertThat(check()).isEqualTo(2);
        assertThat(said())
                .contains("ca.json#/authority/provisioners/0", "templateFile: found line 2, column ", "nobody");
        Files.delete(template);
        assertThat(check()).isEqualTo(2);
        assertThat(said()).contains(template.toString());
    }

    @Test
    void names_of_the_server_that_no_issuer_may_sign_for_are_told_since_its_port_would_stay_closed() throws Exception {
        place.makeFor("bound", "inside.example");
        caJson.put("crt", file("bound.crt"));
        caJson.put("key", file("bound.key"));
        caJson.put("dnsNames", List.of("ca.inside.example"));
        assertThat(check()).as(said()).isZero();
        caJson.put("dnsNames", List.of("ca.inside.example", "localhost"));
        assertThat(check()).isEqualTo(2);
        assertThat(said())
                .contains(
                        "ca.json#/dnsNames: found the name \"localhost\" is outside the name constraints of this CA",
                        "no certificate")
                .doesNotContain("fine");
        Map<String, Object> another = place.entry("first");
        listed(another);
        assertThat(check()).as("with one that signs nothing yet").isEqualTo(2);
        another.put("issues", Map.of("keyTypes", List.of("RSA")));
        listed(another);
        assertThat(check()).as("with one that never signs for the server").isEqualTo(2);
        another.put("issues", Map.of());
        listed(another);
        assertThat(check()).as(said()).isZero();
    }

    @Test
    void an_issuer_that_signs_for_the_server_must_be_one_that_may_have_its_names() throws Exception {
        place.makeFor("bound", "inside.example");
        caJson.put("dnsNames", List.of("localhost"));
        Map<String, Object> bound = place.entry("bound");
        bound.put("issues", Map.of("keyTypes", List.of("RSA")));
        listed(bound);
        assertThat(check()).as(said()).isZero();
        bound.put("issues", Map.of());
        listed(bound);
        assertThat(check()).isEqualTo(2);
        assertThat(said()).contains("ca.json#/dnsNames: found the name \"localhost\" is outside", "by issuer bound");
    }

    private static Map<String, Object> provisioner(String name, Map<String, Object> x509) {
        return Map.of("type", "JWK", "name", name, "key", Map.of(), "options", Map.of("x509", x509));
    }

    @Test
    void all_that_is_wrong_with_either_file_and_with_what_ca_json_names_is_told_in_one_run() throws Exception {
        place.makeFor("bound", "inside.example");
        caJson.put("address", "9000");
        caJson.put("root", file("nowhere.crt"));
        caJson.put("crt", file("bound.crt"));
        caJson.put("dnsNames", List.of("localhost"));
        caJson.put(
                "authority",
                Map.of(
                        "provisioners",
                        List.of(
                                provisioner("a", Map.of("template", "{{ nope")),
                                provisioner("b", Map.of("templateFile", file("no.tpl"))))));
        Files.createDirectory(folder.resolve("chancery.json"));
        assertThat(check()).isEqualTo(2);
        assertThat(said())
                .contains(
                        "ca.json#/address: found \"9000\"; allowed: host:port",
                        "chancery.json#: found cannot read " + file("chancery.json") + ": it is a folder; allowed: ",
                        "ca.json#/root: found cannot read certificates from " + file("nowhere.crt"),
                        "ca.json#/authority/provisioners/0/options/x509/template: found line 1",
                        "ca.json#/authority/provisioners/1/options/x509/templateFile: found cannot read",
                        "ca.json#/dnsNames: found the name \"localhost\" is outside the name constraints",
                        "6 problem(s)")
                .doesNotContain("was not read", "Exception");
    }

    @Test
    void all_that_is_wrong_with_what_chancery_json_names_is_told_in_one_run() throws Exception {
        caJson.put("federatedRoots", List.of(file("nowhere.crt")));
        caJson.put(
                "authority",
                Map.of(
                        "provisioners",
                        List.of(Map.of(
                                "type",
                                "JWK",
                                "name",
                                "web",
                                "options",
                                Map.of(
                                        "webhooks",
                                        List.of(Map.of(
                                                "name", "h", "url", "https://h.example", "kind", "ENRICHING")))))));
        Map<String, Object> misnamed = place.entry("other");
        misnamed.put("issues", Map.of("provisioners", List.of("wbe")));
        misnamed.put("key", file("no.key"));
        Map<String, Object> unread = place.entry("first");
        unread.put("name", "third");
        unread.put("crt", "no.crt");
        Files.writeString(
                folder.resolve("chancery.json"),
                JSONObjectUtils.toJSONString(Map.of(
                        "issuers",
                        List.of(misnamed, unread),
                        "limits",
                        Map.of("inFlight", 0),
                        "certificates",
                        Map.of("signatureAlgorithm", "SHA256-RSAPSS"),
                        "provisioners",
                        Map.of(
                                "web",
                                Map.of(
                                        "webhooks",
                                        Map.of(
                                                "g",
                                                Map.of("secretFile", "s"),
                                                "h",
                                                Map.of("secretFile", "no.secret")))))));
        assertThat(check()).isEqualTo(2);
        assertThat(said())
                .contains(
                        "ca.json#/federatedRoots/0: found ",
                        "chancery.json#/issuers/0/issues/provisioners: found \"wbe\", the name of no provisioner in"
                                + " ca.json; allowed: did you mean \"web\"?",
                        "chancery.json#/issuers/0/key: found cannot read the key " + file("no.key"),
                        "chancery.json#/issuers/1/crt: found cannot read certificates from " + file("no.crt"),
                        "chancery.json#/limits/inFlight: found 0; allowed: ",
                        "chancery.json#/certificates/signatureAlgorithm: found SHA256-RSAPSS, which does not fit",
                        "chancery.json#/provisioners/web/webhooks/g: found the name of no webhook",
                        "chancery.json#/provisioners/web/webhooks/h/secretFile: found " + file("no.secret"),
                        "8 problem(s)");
    }

    private static Map<String, Object> serving(String name, Map<String, Object> x509) throws Exception {
        Map<String, Object> all = new HashMap<>(provisioner(name, x509));
        all.put(
                "key",
                new ECKeyGenerator(Curve.P_256)
                        .keyID(name)
                        .generate()
                        .toPublicJWK()
                        .toJSONObject());
        return all;
    }

    private void listed(Map<String, Object> issuer) throws Exception {
        own(Map.of("issuers", List.of(issuer)));
    }

    private void own(Map<String, Object> chancery) throws Exception {
        Files.writeString(folder.resolve("chancery.json"), JSONObjectUtils.toJSONString(chancery));
    }

    @Test
    void a_key_that_ca_json_has_elsewhere_than_the_entry_of_its_issuer_is_warned_of() throws Exception {
        Map<String, Object> entry = place.entry("first");
        listed(entry);
        assertThat(check("--strict")).as(said()).isZero();
        caJson.put("key", file("no.key"));
        assertThat(check()).as(said()).isZero();
        assertThat(said())
                .contains("warning: ", "chancery.json#/issuers/0/key: found another place", "ca.json#/key", "fine");
        assertThat(check("--strict")).isEqualTo(2);
        entry.put("key", file("no.key"));
        listed(entry);
        caJson.put("key", file("first.key"));
        assertThat(check()).isEqualTo(2);
        assertThat(said()).contains("chancery.json#/issuers/0/key: found cannot read the key " + file("no.key"));
    }

    @Test
    void a_key_on_a_token_is_in_one_place_however_its_two_URIs_are_written() throws Exception {
        String token = "pkcs11:module-path=/nowhere/library.so;token=t";
        caJson.put("key", "pkcs11:id=01;object=first");
        caJson.put("kms", Map.of("type", "pkcs11", "uri", token + "?pin-source=/a/pin"));
        Map<String, Object> entry = place.entry("first");
        entry.put("key", token + ";object=first?pin-source=/another/pin");
        listed(entry);
        assertThat(check("--strict")).as(said()).isZero();
        entry.put("key", token + ";object=other?pin-source=/a/pin");
        listed(entry);
        assertThat(check("--strict")).isEqualTo(2);
        assertThat(said()).contains("#/issuers/0/key: found another place");
    }

    @Test
    void a_key_or_a_library_that_a_link_leads_to_is_the_same_one() throws Exception {
        Map<String, Object> entry = place.entry("first");
        Files.createSymbolicLink(folder.resolve("link.key"), folder.resolve("first.key"));
        entry.put("key", file("link.key"));
        listed(entry);
        assertThat(check("--strict")).as(said()).isZero();
        Path library = Files.createFile(folder.resolve("library.so"));
        Files.createSymbolicLink(folder.resolve("link.so"), library);
        Files.createFile(folder.resolve("another.so"));
        caJson.put("kms", Map.of("type", "pkcs11", "uri", "pkcs11:module-path=" + library + ";token=t"));
        caJson.put("key", "pkcs11:object=first?pin-value=1234");
        for (String same : List.of("link.so", "library.so")) {
            entry.put("key", "pkcs11:module-path=" + file(same) + ";token=t;object=first?pin-value=1234");
            listed(entry);
            assertThat(check("--strict")).as(said()).isZero();
        }
        entry.put("key", "pkcs11:module-path=" + file("another.so") + ";token=t;object=first?pin-value=1234");
        listed(entry);
        assertThat(check("--strict")).isEqualTo(2);
        assertThat(said()).contains("#/issuers/0/key: found another place");
    }

    @Test
    void a_place_of_the_key_that_cannot_be_read_does_not_lead_to_another_one_being_looked_at() throws Exception {
        caJson.put("key", file("no.key"));
        own(Map.of("kms", Map.of("key", " pkcs11:object=x")));
        assertThat(check()).isEqualTo(2);
        assertThat(said()).contains("chancery.json#/kms/key: found ", "1 problem(s)");
        Map<String, Object> entry = place.entry("first");
        entry.put("key", " pkcs11:object=x");
        listed(entry);
        assertThat(check()).isEqualTo(2);
        assertThat(said()).contains("chancery.json#/issuers/0/key: found ", "1 problem(s)");
    }

    @Test
    void an_encrypted_key_of_an_entry_without_a_password_file_is_an_error_before_anything_starts() throws Exception {
        Files.writeString(
                folder.resolve("locked.key"),
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n");
        Map<String, Object> entry = place.entry("other");
        entry.put("key", file("locked.key"));
        listed(entry);
        for (int code : List.of(check(), start())) {
            assertThat(code).isEqualTo(2);
            assertThat(said()).contains("#/issuers/0/key: found ", "is encrypted, and its entry has no passwordFile");
        }
    }

    @Test
    void a_password_file_that_cannot_be_read_is_told_together_with_what_is_wrong_in_the_files() throws Exception {
        assertThat(check("--password-file", file("no.password"))).isEqualTo(2);
        assertThat(said()).contains("cannot read the password file " + file("no.password"));
        caJson.put("address", 5);
        assertThat(check("--password-file", file("no.password"))).isEqualTo(2);
        assertThat(said()).contains("cannot read the password file " + file("no.password"), "ca.json#/address: ");
        place.encrypt("first", "right");
        caJson.put("password", "wrong");
        assertThat(check("--password-file", file("no.password"))).isEqualTo(2);
        assertThat(said())
                .contains("cannot read the password file " + file("no.password"), "1 problem(s)")
                .doesNotContain("ca.json#/key: ", "not checked");
    }

    @Test
    void a_provisioner_whose_tokens_can_be_used_again_and_again_is_warned_of_by_name() throws Exception {
        KeyPair pods = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getEncoder().encodeToString(pods.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
        String keys = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
        caJson.put(
                "authority",
                Map.of(
                        "provisioners",
                        List.of(
                                Map.of("type", "ACME", "name", "acme"),
                                Map.of("type", "K8sSA", "name", "pods", "publicKeys", keys))));
        Logger log = (Logger) LoggerFactory.getLogger(LoadedConfig.class);
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        log.addAppender(told);
        try {
            assertThat(check()).as(said()).isZero();
        } finally {
            log.detachAppender(told);
        }
        assertThat(told.list)
                .filteredOn(line -> line.getMessage().contains("any number of times"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.getLevel()).isEqualTo(Level.WARN);
                    assertThat(line.getKeyValuePairs()).containsExactly(new KeyValuePair("provisioner", "pods"));
                });
    }
}
