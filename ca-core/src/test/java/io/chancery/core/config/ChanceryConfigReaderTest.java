package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.issuer.KeyType;
import io.chancery.core.lint.Lint;
import io.chancery.core.name.AddressRange;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChanceryConfigReaderTest {
    private static ConfigResult<ChanceryConfig> read(String json) {
        return ChanceryConfigReader.read("chancery.json", json, Path.of("/etc/ca"));
    }

    @Test
    void every_member_is_optional() {
        ChanceryConfig config = ChanceryConfigReader.defaults();
        assertThat(config.cluster()).isEmpty();
        assertThat(config.keyRules()).isEqualTo(new ChanceryConfig.KeyRules(Optional.empty(), false, 0, false));
        assertThat(config.management())
                .isEqualTo(new ChanceryConfig.Management(new CaConfig.HostPort("127.0.0.1", 9090), false));
        assertThat(config.limits())
                .isEqualTo(new ChanceryConfig.Limits(1_000, 1_000, Duration.ofSeconds(10), 4, Duration.ZERO));
        assertThat(config.proxies()).isEqualTo(new ChanceryConfig.Proxies(Optional.empty(), List.of()));
        assertThat(config.kms())
                .isEqualTo(new ChanceryConfig.KmsOverride(Optional.empty(), Optional.empty(), false, false));
    }

    @Test
    void rules_for_certificates_are_chosen_by_their_names() {
        assertThat(ChanceryConfigReader.defaults().certificates().lint()).isEqualTo(Lint.STANDARD);
        Lint lint =
                read("{\"certificates\":{\"lint\":{\"strict\":true,\"also\":\"dns-names\",\"except\":[\"uri-names\"]}}}")
                        .config()
                        .orElseThrow()
                        .certificates()
                        .lint();
        assertThat(lint).isEqualTo(Lint.of(true, List.of(), List.of("uri-names")));
        assertThat(lint).isNotEqualTo(Lint.STANDARD);
    }

    @ParameterizedTest
    @CsvSource({"2m, 1m59s, 1", "2m, 2m, 1", "2m, 2m1s, 0", "0s, 1s, 0"})
    void the_longest_certificate_is_longer_than_its_backdate(String backdate, String longest, int problems) {
        CaConfig ca = CaConfigReader.read(
                        "ca.json",
                        "{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":1\",\"authority\":{\"backdate\":\""
                                + backdate + "\"}}",
                        Path.of("/work"),
                        Path.of("/etc/ca"))
                .config()
                .orElseThrow();
        ChanceryConfig chancery = read("{\"keyRules\":{\"maxValidity\":\"" + longest + "\"}}")
                .config()
                .orElseThrow();
        assertThat(LongestValidity.check("chancery.json", ca, chancery))
                .hasSize(problems)
                .allSatisfy(problem -> {
                    assertThat(problem.severity()).isEqualTo(ConfigProblem.Severity.ERROR);
                    assertThat(problem.pointer()).isEqualTo("/keyRules/maxValidity");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"enabled\":true} | {\"certificates\":{\"crlUrls\":[\"http://x/a\"]}} | lists that say they are had at https://localhost/1.0/crl",
                "{\"enabled\":true,\"idpURL\":\"http://x/c\"} | {\"certificates\":{\"crlUrls\":[\"http://x/a\",\"http://x/b\"]}} | lists that say they are had at http://x/c",
                "{\"enabled\":true,\"idpURL\":\"http://x/b\"} | {\"certificates\":{\"crlUrls\":[\"http://x/a\",\"http://x/b\"]}} | ",
                "{\"enabled\":true} | {} | ",
                "{} | {\"certificates\":{\"crlUrls\":[\"http://x/a\"]}} | ",
                "{\"enabled\":true} | {\"certificates\":{\"crlUrls\":[\"http://x/a\"]},\"issuers\":[{\"name\":\"n\",\"crt\":\"/work/c\"}]} | "
            })
    void a_list_that_says_another_place_than_certificates_do_is_a_warning(String crl, String chancery, String found) {
        CaConfig ca = CaConfigReader.read(
                        "ca.json",
                        "{\"root\":\"r\",\"crt\":\"c\",\"key\":\"k\",\"address\":\":1\",\"dnsNames\":[\"localhost\"],\"crl\":"
                                + crl + "}",
                        Path.of("/work"),
                        Path.of("/etc/ca"))
                .config()
                .orElseThrow();
        List<ConfigProblem> problems =
                ListPlaces.check("ca.json", ca, read(chancery).config().orElseThrow());
        if (found == null) {
            assertThat(problems).isEmpty();
        } else {
            assertThat(problems).singleElement().satisfies(problem -> {
                assertThat(problem.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
                assertThat(problem.pointer()).isEqualTo("/crl/idpURL");
                assertThat(problem.found()).isEqualTo(found);
                assertThat(problem.allowed()).contains("http://x/a");
            });
        }
    }

    @Test
    void every_member_is_read() {
        ChanceryConfig config =
                read("{\"$schema\":\"x\",\"cluster\":{\"node\":\"n1\",\"name\":\"c\",\"apiNode\":\"n1\",\"members\":[\"a:1\",\"b:2\"],\"size\":3,"
                                + "\"hazelcast\":\"10.0.0.1:5701\",\"bus\":\"[::1]:5702\",\"certificate\":\"c.pem\",\"key\":\"/k.pem\",\"ca\":\"../ca.pem\"},"
                                + "\"keyRules\":{\"maxValidity\":\"48h\",\"allowCa\":true,\"maxPathLength\":1,\"allowOcspSigning\":true},\"management\":{\"address\":\":1\"},"
                                + "\"limits\":{\"inFlight\":1,\"storeQueue\":2,\"requestDeadline\":\"5s\",\"pkcs11Sessions\":8.0,\"drain\":\"1m\"},"
                                + "\"listeners\":{\"proxyAddress\":\":9443\"},\"trustedProxies\":[\"10.0.0.7\",\"fd00::/8\"],"
                                + "\"issuers\":[{\"name\":\"2027\",\"crt\":\"a.crt\",\"key\":\"a.key\",\"kms\":{\"uri\":\"pkcs11:c\"},"
                                + "\"passwordFile\":\"/p\",\"certificates\":{\"crlUrls\":[\"http://x/\"],\"signatureAlgorithm\":\"SHA384-RSAPSS\"},"
                                + "\"issues\":{\"from\":\"2027-01-01T01:00:00+01:00\",\"provisioners\":[\"p\"],\"keyTypes\":[\"RSA\"]}}],"
                                + "\"abandonedIssuers\":[\"" + "CD".repeat(16) + "\",\"" + "AB".repeat(32) + "\"],"
                                + "\"kms\":{\"uri\":\"pkcs11:a\",\"key\":\"pkcs11:b\"}}")
                        .config()
                        .orElseThrow();
        assertThat(config.cluster().orElseThrow())
                .isEqualTo(new ChanceryConfig.Cluster(
                        "n1",
                        "c",
                        java.util.Optional.of("n1"),
                        List.of("a:1", "b:2"),
                        3,
                        new CaConfig.HostPort("10.0.0.1", 5701),
                        new CaConfig.HostPort("::1", 5702),
                        Path.of("/etc/ca/c.pem"),
                        Path.of("/k.pem"),
                        Path.of("/etc/ca.pem")));
        assertThat(config.keyRules())
                .isEqualTo(new ChanceryConfig.KeyRules(Optional.of(Duration.ofDays(2)), true, 1, true));
        assertThat(config.limits())
                .isEqualTo(new ChanceryConfig.Limits(1, 2, Duration.ofSeconds(5), 8, Duration.ofMinutes(1)));
        assertThat(config.proxies())
                .isEqualTo(new ChanceryConfig.Proxies(
                        Optional.of(new CaConfig.HostPort("", 9443)),
                        List.of(AddressRange.parse("10.0.0.7"), AddressRange.parse("fd00::/8"))));
        assertThat(config.kms().key()).contains("pkcs11:b");
        assertThat(config.issuers())
                .containsExactly(new ChanceryConfig.IssuerEntry(
                        "2027",
                        Path.of("/etc/ca/a.crt"),
                        Optional.of("/etc/ca/a.key"),
                        Optional.of("pkcs11:c"),
                        Optional.of(Path.of("/p")),
                        Optional.of(new ChanceryConfig.Certificates(
                                List.of("http://x/"),
                                List.of(),
                                Optional.of(SignatureScheme.RSA_PSS_SHA384),
                                Lint.STANDARD)),
                        Optional.of(new IssuingRule(
                                Optional.of(Instant.parse("2027-01-01T00:00:00Z")),
                                Set.of("p"),
                                Set.of(KeyType.RSA)))));
        assertThat(config.abandonedIssuers().keys()).containsExactly(new KeyId("cd".repeat(16)));
        assertThat(config.abandonedIssuers().certificates())
                .extracting(Sha256::hex)
                .containsExactly("ab".repeat(32));
    }

    @Test
    void an_issuer_that_is_given_up_by_its_certificate_alone_is_a_warning() {
        assertThat(read("{\"abandonedIssuers\":[\"" + "ab".repeat(32) + "\"]}").problems())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
                    assertThat(problem.pointer()).isEqualTo("/abandonedIssuers");
                    assertThat(problem.found()).contains("whoever has the key comes with another one of it");
                    assertThat(problem.allowed()).contains("the id of an issuer's key, 32 hex digits");
                });
        assertThat(read("{\"abandonedIssuers\":[\"" + "ab".repeat(16) + "\"]}").problems())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"managment\":{}} | /managment",
                "{\"limits\":{\"inflihgt\":1}} | /limits/inflihgt",
                "{\"keyRules\":{\"allowCA\":1}} | /keyRules/allowCa",
                "{\"keyRules\":{\"maxPathLength\":11}} | /keyRules/maxPathLength",
                "{\"keyRules\":{\"maxPathLength\":1.5}} | /keyRules/maxPathLength",
                "{\"keyRules\":{\"maxValidity\":\"-1h\"}} | /keyRules/maxValidity",
                "{\"keyRules\":{\"maxValidity\":\"0s\"}} | /keyRules/maxValidity",
                "{\"keyRules\":{\"maxValidity\":\"1d\"}} | /keyRules/maxValidity",
                "{\"limits\":{\"inFlight\":0}} | /limits/inFlight",
                "{\"limits\":{\"inFlight\":1e2147483647}} | /limits/inFlight",
                "{\"limits\":{\"storeQueue\":\"1\"}} | /limits/storeQueue",
                "{\"limits\":{\"pkcs11Sessions\":257}} | /limits/pkcs11Sessions",
                "{\"limits\":{\"requestDeadline\":\"99ms\"}} | /limits/requestDeadline",
                "{\"limits\":{\"requestDeadline\":\"1m1s\"}} | /limits/requestDeadline",
                "{\"limits\":{\"drain\":\"-1s\"}} | /limits/drain",
                "{\"limits\":{\"drain\":\"5m1s\"}} | /limits/drain",
                "{\"management\":{\"address\":\"x\"}} | /management/address",
                "{\"store\":{\"replication\":\"sync\"}} | /store/replication",
                "{\"store\":{\"keepExpired\":\"23h59m\"}} | /store/keepExpired",
                "{\"store\":{\"keepExpired\":\"30d\"}} | /store/keepExpired",
                "{\"kms\":{\"pin\":\"1\"}} | /kms/pin",
                "{\"certificates\":{\"lint\":{\"also\":[\"dns-names\",\"dns-name\"]}}} | /certificates/lint/also/1",
                "{\"certificates\":{\"lint\":{\"except\":\"der\"}}} | /certificates/lint/except/0",
                "{\"certificates\":{\"lint\":{\"except\":[\"rsa-roca\",\"serial-entropy\"]}}} | /certificates/lint/except/1",
                "{\"certificates\":{\"lint\":{\"strict\":\"yes\"}}} | /certificates/lint/strict",
                "{\"certificates\":{\"signatureAlgorithm\":\"SHA1-RSA\"}} | /certificates/signatureAlgorithm",
                "{\"certificates\":{\"signatureAlgorithm\":[]}} | /certificates/signatureAlgorithm",
                "{\"issuers\":[{\"name\":\"a\",\"crt\":\"a\",\"certificates\":{\"signatureAlgorithm\":\"PSS\"}}]}"
                        + " | /issuers/0/certificates/signatureAlgorithm",
                "{\"kms\":[]} | /kms",
                "{\"issuers\":{}} | /issuers",
                "{\"issuers\":[{\"crt\":\"a.crt\"}]} | /issuers/0/name",
                "{\"issuers\":[{\"name\":\"A b\",\"crt\":\"a.crt\"}]} | /issuers/0/name",
                "{\"issuers\":[{\"name\":\"a\"}]} | /issuers/0/crt",
                "{\"issuers\":[{\"name\":\"a\",\"crt\":\"a\"},{\"name\":\"a\",\"crt\":\"b\"}]} | /issuers/1/name",
                "{\"issuers\":[{\"name\":\"a\",\"crt\":\"a\",\"state\":\"next\"}]} | /issuers/0/state",
                "{\"issuers\":[{\"name\":\"a\",\"crt\":\"a\",\"kms\":{\"pin\":\"1\"}}]} | /issuers/0/kms/pin",
                "{\"issuers\":[{\"name\":\"a\",\"crt\":\"a\",\"issues\":{\"from\":\"tomorrow\"}}]} | /issuers/0/issues/from",
                "{\"issuers\":[{\"name\":\"a\",\"crt\":\"a\",\"issues\":{\"keyTypes\":[\"DSA\"]}}]} | /issuers/0/issues/keyTypes",
                "{\"abandonedIssuers\":[\"ab\"]} | /abandonedIssuers",
                "{\"listeners\":{\"proxyAddress\":\":1\"}} | /trustedProxies",
                "{\"listeners\":{\"proxyAddress\":\"1\"},\"trustedProxies\":\"10.0.0.1\"} | /listeners/proxyAddress",
                "{\"trustedProxies\":[\"10.0.0.1\"]} | /listeners/proxyAddress",
                "{\"listeners\":{\"proxyAddress\":\":1\"},\"trustedProxies\":[\"::1\",\"lb.example\"]} | /trustedProxies/1",
                "{\"listeners\":{\"proxyAddress\":\":1\"},\"trustedProxies\":[\"10.0.0.1/8\"]} | /trustedProxies/0"
            })
    void a_member_that_is_wrong_or_unknown_is_an_error(String json, String pointer) {
        assertThat(read(json).config()).isEmpty();
        assertThat(read(json).problems()).singleElement().satisfies(p -> {
            assertThat(p.pointer()).isEqualTo(pointer);
            assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.ERROR);
        });
    }

    @Test
    void a_signature_algorithm_that_is_none_is_told_with_those_there_are() {
        assertThat(read("{\"certificates\":{\"signatureAlgorithm\":\"PSS\"}}").problems())
                .singleElement()
                .satisfies(p -> assertThat(p.found()).isEqualTo("\"PSS\""))
                .satisfies(p -> assertThat(p.allowed()).isEqualTo(SignatureScheme.names()));
    }

    @Test
    void all_that_a_cluster_lacks_is_told_at_once() {
        assertThat(read("{\"cluster\":{\"node\":\"N 1\",\"bus\":\":5702\"}}").problems().stream()
                        .map(ConfigProblem::pointer))
                .containsExactlyInAnyOrder(
                        "/cluster/node",
                        "/cluster/members",
                        "/cluster/name",
                        "/cluster/hazelcast",
                        "/cluster/bus",
                        "/cluster/certificate",
                        "/cluster/key",
                        "/cluster/ca");
    }

    @Test
    void a_duration_out_of_bounds_is_told_as_it_is_written() {
        assertThat(read("{\"limits\":{\"requestDeadline\":\"90s\"}}").problems())
                .singleElement()
                .satisfies(p -> assertThat(p.found()).isEqualTo("1m30s"));
    }

    @Test
    void secrets_of_webhooks_are_named_by_file() {
        ChanceryConfig config = read("{\"provisioners\":{\"a b\":{\"webhooks\":{\"one\":{\"secretFile\":\"s\","
                        + "\"bearerTokenFile\":\"/b\"},\"two\":{\"basicAuth\":{\"username\":\"u\",\"passwordFile\":\"p\"}}}}}}")
                .config()
                .orElseThrow();
        assertThat(config.provisioners().get("a b").webhooks())
                .containsOnly(
                        java.util.Map.entry(
                                "one",
                                new ProvisionerSettings.Webhook(
                                        Optional.of(Path.of("/etc/ca/s")),
                                        Optional.of(Path.of("/b")),
                                        Optional.empty())),
                        java.util.Map.entry(
                                "two",
                                new ProvisionerSettings.Webhook(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(new ProvisionerSettings.BasicAuth("u", Path.of("/etc/ca/p"))))));
    }

    @Test
    void a_webhook_cannot_have_two_kinds_of_authorization_nor_a_secret_in_the_file_itself() {
        assertThat(read("{\"provisioners\":{\"a\":{\"webhooks\":{\"h\":{\"secret\":\"x\",\"bearerTokenFile\":\"b\","
                                + "\"basicAuth\":{\"username\":\"u:v\",\"passwordFile\":\"p\"}}}}}}")
                        .problems())
                .extracting(ConfigProblem::pointer)
                .containsExactlyInAnyOrder(
                        "/provisioners/a/webhooks/h/basicAuth/username",
                        "/provisioners/a/webhooks/h/basicAuth",
                        "/provisioners/a/webhooks/h/secret");
    }
}
