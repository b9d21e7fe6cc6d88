package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.StepProvisionerExtension;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.json.Json;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.pem.PemBlock;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.revocation.PreparedRevocation;
import io.chancery.core.revocation.RevokeCommand;
import io.chancery.core.revocation.StepRevocation;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.Audiences;
import io.chancery.core.webhook.WebhookCall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that a certificate's holder signs: whose they are, and what they buy (wire contract s. 5.2, X5C). */
@DisplayNameGeneration(ReplaceUnderscores.class)
class X5cIssuanceTest {
    private static final SerialNumber SERIAL = SerialNumber.parseDecimal("123456789012345678901234567890");
    private static final Der ROOT = TestCertificate.ca("Root", "P-384").by("Root", "P-384");
    private static final Der UPPER =
            TestCertificate.ca("Upper", "P-521").serial(21).by("Root", "P-384");
    private static final Der LEAF = TestCertificate.client("worker", "Ed25519")
            .serial(22)
            .names("w.example")
            .by("Upper", "P-521");
    private static final Map<String, Object> PROVISIONER = provisioner(Map.of());

    private static Map<String, Object> provisioner(Map<String, Object> x509) {
        String pem = new PemBlock("CERTIFICATE", Map.of(), ROOT).encode();
        return Map.of(
                "type",
                "X5C",
                "name",
                "machines",
                "roots",
                Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)),
                "options",
                Map.of("x509", x509));
    }

    /** Of the leaf's key, with claims as JSON replaced or, when empty, left out. */
    private static String token(List<Der> chain, String... changes) {
        String x5c = chain.stream()
                .map(der -> "\"" + Base64.getEncoder().encodeToString(der.bytes()) + "\"")
                .collect(Collectors.joining(",", "[", "]"));
        return tokenWith("\"x5c\":" + x5c, changes);
    }

    private static String tokenWith(String header, String... changes) {
        long now = TestCa.NOW.getEpochSecond();
        Map<String, String> claims = new HashMap<>(Map.of(
                "iss", "\"machines\"",
                "aud", "\"https://ca.example/1.0/sign#x5c/machines\"",
                "sub", "\"a.example\"",
                "jti", "\"id\"",
                "iat", "" + now,
                "nbf", "" + now,
                "exp", "" + (now + 300)));
        for (int i = 0; i < changes.length; i += 2) {
            claims.put(changes[i], changes[i + 1]);
        }
        return TestCa.token(
                "{\"alg\":\"EdDSA\",\"kid\":\"leaf.key\"" + (header.isEmpty() ? "" : "," + header) + "}",
                claims.entrySet().stream()
                        .filter(each -> !each.getValue().isEmpty())
                        .map(each -> "\"" + each.getKey() + "\":" + each.getValue())
                        .collect(Collectors.joining(",", "{", "}")));
    }

    private static PreparedIssuance prepare(String token) {
        return prepare(PROVISIONER, csr(""), token, Optional.empty(), Optional.empty());
    }

    private static PreparedIssuance prepare(
            Map<String, Object> provisioner,
            Der csr,
            String token,
            Optional<TimeOrDuration> notBefore,
            Optional<TimeOrDuration> notAfter) {
        return TestCa.issuance(List.of(provisioner), Map.of())
                .prepare(new SignCommand(csr, token, notBefore, notAfter), TestCa.NOW, SERIAL);
    }

    private static Der csr(String commonName, String... names) {
        return TestCsr.of(
                "P-256", commonName, Stream.of(names).map(SubjectAltName::guess).toList());
    }

    private static void invalid(String token) {
        assertThatThrownBy(() -> prepare(token)).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.TOKEN_INVALID);
            assertThat(e.publicDetail()).isEmpty();
        });
    }

    private static void forbidden(String detail, Runnable attempt) {
        assertThatThrownBy(attempt::run).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(e.publicDetail()).isEqualTo(detail);
        });
    }

    @Test
    void whoever_holds_a_certificate_for_clients_has_certificates_for_any_name() {
        PreparedIssuance prepared = prepare(token(List.of(LEAF, UPPER), "sans", "[\"b.example\",\"10.0.0.1\"]"));
        PreparedCertificate made = prepared.certificate();
        assertThat(made.subject()).isEqualTo("a.example");
        assertThat(made.names()).containsExactly("b.example", "10.0.0.1");
        assertThat(made.notBefore()).isEqualTo(TestCa.NOW.minusSeconds(60));
        assertThat(made.notAfter()).isEqualTo(TestCa.NOW.plus(Duration.ofHours(24)));
        assertThat(TBSCertificate.getInstance(made.tbs().bytes())
                        .getExtensions()
                        .getExtensionParsedValue(StepProvisionerExtension.OID))
                .isEqualTo(StepProvisionerExtension.of(7, "machines", ""));
    }

    /** Member for member as step-ca tells it. */
    @Test
    void webhooks_are_told_of_the_certificate_that_signed_the_token() {
        Map<String, Object> provisioner = new HashMap<>(PROVISIONER);
        provisioner.put(
                "options",
                Map.of(
                        "webhooks",
                        List.of(
                                Map.of("name", "e", "kind", "ENRICHING", "url", "https://h.example/"),
                                Map.of("name", "a", "kind", "AUTHORIZING", "url", "https://h.example/"))));
        StepIssuance issuance = TestCa.issuance(List.of(provisioner), Map.of());
        VerifiedRequest verified = issuance.verify(
                new SignCommand(
                        csr("", "a.example"), token(List.of(LEAF, UPPER, ROOT)), Optional.empty(), Optional.empty()),
                TestCa.NOW);
        PresentedCertificate leaf = PresentedCertificate.parse(LEAF);
        for (WebhookCall call : List.of(
                verified.enrichment(verified.enriching().get(0), TestCa.NOW),
                issuance.prepare(verified, TestCa.NOW, SERIAL).approvals().get(0))) {
            Map<?, ?> body = (Map<?, ?>) Json.parse(call.body());
            assertThat(body.get("authorizationPrincipal")).isEqualTo("worker");
            Map<?, ?> told = (Map<?, ?>) body.get("x5cCertificate");
            assertThat(told.keySet())
                    .extracting(String::valueOf)
                    .containsExactlyInAnyOrder("raw", "publicKey", "publicKeyAlgorithm", "notBefore", "notAfter");
            assertThat(told.get("raw")).isEqualTo(Base64.getEncoder().encodeToString(LEAF.bytes()));
            assertThat(told.get("publicKeyAlgorithm")).isEqualTo("Ed25519");
            assertThat(told.get("notBefore")).isEqualTo(leaf.notBefore().toString());
            assertThat(told.get("notAfter")).isEqualTo(leaf.notAfter().toString());
        }
    }

    @Test
    void the_token_is_used_once_and_rests_on_certificates_that_must_not_be_revoked() {
        Grant grant = prepare(token(List.of(LEAF, ROOT, UPPER))).grant();
        assertThat(grant.token().orElseThrow().key()).isEqualTo(Sha256.digest("id".getBytes(StandardCharsets.UTF_8)));
        assertThat(grant.provisioner()).isEqualTo("machines");
        assertThat(grant.authorizedBy()).extracting(SerialNumber::decimal).containsExactly("22", "21");
        assertThat(grant.renews()).isEmpty();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "iss, '\"other\"'",
        "iss, ''",
        "sub, ''",
        "exp, 1",
        "nbf, 9999999999",
        "iat, 9999999999",
        "aud, '\"https://ca.example/1.0/sign\"'",
        "aud, '\"https://ca.example/1.0/revoke#x5c/machines\"'",
        "aud, '\"https://other.example/1.0/sign#x5c/machines\"'",
        "aud, '\"https://ca.example/1.0/sign#x5c/other\"'",
        "aud, '\"https://ca.example/1.0/sign#x5c%2Fmachines\"'",
        "aud, '\"step-certificate-authority#x5c/machines\"'",
        "aud, ''"
    })
    void a_token_of_another_or_for_another_place_or_time_is_refused_without_a_reason(String claim, String value) {
        invalid(token(List.of(LEAF, UPPER), claim, value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://ca.example:9000/sign#x5c/machines",
                "https://ca.example/ssh/sign#x5c/machines",
                "x\",\"https://ca.example/sign#x5c/machines"
            })
    void an_audience_may_have_a_port_or_stand_among_others(String audience) {
        assertThat(prepare(token(List.of(LEAF, UPPER), "aud", "[\"" + audience + "\"]")))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"x5c\":[]",
                "\"x5c\":null",
                "\"x5c\":{}",
                "\"x5c\":[5]",
                "\"x5c\":[\"!\"]",
                "\"x5c\":[\"\"]",
                "\"x5c\":[\"MAA=\"]",
                "\"x5c\":[\"AAAA\"]"
            })
    void a_header_without_certificates_is_refused(String header) {
        invalid(tokenWith(header));
    }

    @Test
    void certificates_in_the_header_that_renew_tokens_use_do_not_count() {
        invalid(tokenWith("\"x5cInsecure\":[\"" + Base64.getEncoder().encodeToString(LEAF.bytes()) + "\",\""
                + Base64.getEncoder().encodeToString(UPPER.bytes()) + "\"]"));
    }

    @Test
    void more_certificates_than_ten_are_not_looked_at() {
        List<Der> ten = new ArrayList<>(List.of(LEAF, UPPER));
        ten.addAll(Collections.nCopies(8, ROOT));
        assertThat(prepare(token(ten))).isNotNull();
        ten.add(ROOT);
        invalid(token(ten));
    }

    @Test
    void a_certificate_that_leads_to_no_root_or_is_not_for_signing_by_clients_is_refused() {
        invalid(token(List.of(LEAF)));
        invalid(token(List.of(UPPER, LEAF)));
        invalid(token(List.of(LEAF, TestCertificate.ca("Upper", "P-521").by("Root", "P-256"))));
        invalid(token(List.of(
                TestCertificate.client("worker", "Ed25519")
                        .to(TestCa.NOW.minusSeconds(1))
                        .by("Upper", "P-521"),
                UPPER)));
        invalid(token(List.of(
                TestCertificate.bare("worker", "Ed25519")
                        .with(Extension.keyUsage, new KeyUsage(KeyUsage.keyAgreement))
                        .by("Upper", "P-521"),
                UPPER)));
        invalid(token(List.of(TestCertificate.bare("worker", "Ed25519").by("Upper", "P-521"), UPPER)));
    }

    @Test
    void only_the_key_of_the_first_certificate_may_have_signed() {
        invalid(token(List.of(TestCertificate.client("worker", "P-256").by("Upper", "P-521"), UPPER)));
    }

    @Test
    void the_request_may_repeat_the_subject_alone_as_its_common_name() {
        String token = token(List.of(LEAF, UPPER), "sans", "[\"a.example\",\"b.example\"]");
        assertThat(prepare(PROVISIONER, csr("a.example"), token, Optional.empty(), Optional.empty()))
                .isNotNull();
        forbidden(
                "certificate request does not contain the valid common name - got b.example, want a.example",
                () -> prepare(PROVISIONER, csr("b.example"), token, Optional.empty(), Optional.empty()));
        forbidden(
                "certificate request does not contain the valid DNS names - got [c.example], want [a.example b.example]",
                () -> prepare(PROVISIONER, csr("", "c.example"), token, Optional.empty(), Optional.empty()));
    }

    private static String shortLived(Instant from, Instant to) {
        return token(List.of(
                TestCertificate.client("worker", "Ed25519").from(from).to(to).by("Upper", "P-521"), UPPER));
    }

    private static PreparedCertificate timed(String token, String notBefore, String notAfter) {
        return prepare(
                        PROVISIONER,
                        csr(""),
                        token,
                        Optional.of(notBefore).filter(t -> !t.isEmpty()).map(TimeOrDuration::parse),
                        Optional.of(notAfter).filter(t -> !t.isEmpty()).map(TimeOrDuration::parse))
                .certificate();
    }

    @Test
    void no_certificate_outlasts_the_one_that_signed_its_token() {
        String token = shortLived(TestCa.NOW.minusSeconds(10), TestCa.NOW.plusSeconds(600));
        assertThat(timed(token, "", "").notAfter()).isEqualTo(TestCa.NOW.plusSeconds(600));
        assertThat(timed(token, "", "").notBefore()).isEqualTo(TestCa.NOW.minusSeconds(60));
        assertThat(timed(token, "", "400s").notAfter()).isEqualTo(TestCa.NOW.plusSeconds(400));
        assertThat(timed(token, "", "600s").notAfter()).isEqualTo(TestCa.NOW.plusSeconds(600));
        forbidden(
                "requested certificate notAfter (2026-11-24 12:10:01 +0000 UTC) is after the expiration of the"
                        + " provisioning credential (2026-11-24 12:10:00 +0000 UTC)",
                () -> timed(token, "", "601s"));
        forbidden(
                "requested certificate notBefore (2026-11-24 11:59:49 +0000 UTC) is before the active validity window"
                        + " of the provisioning credential (2026-11-24 11:59:50 +0000 UTC)",
                () -> timed(token, "-11s", ""));
        assertThatThrownBy(() -> timed(token, "601s", ""))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED));
        forbidden(
                "requested duration of 3m0s is less than the authorized minimum certificate duration of 5m0s",
                () -> timed(shortLived(TestCa.NOW, TestCa.NOW.plusSeconds(120)), "", ""));
    }

    @Test
    void a_certificate_that_outlasts_the_issuer_does_not_make_others_do_so() {
        Instant end = TestCa.ISSUER.certificate().getNotAfter().toInstant();
        String token = shortLived(TestCa.NOW, end.plusSeconds(3_600));
        Map<String, Object> claims = new HashMap<>(PROVISIONER);
        claims.put("claims", Map.of("maxTLSCertDuration", "200000h", "defaultTLSCertDuration", "200000h"));
        assertThat(prepare(claims, csr(""), token, Optional.empty(), Optional.empty())
                        .certificate()
                        .notAfter())
                .isEqualTo(end);
    }

    @Test
    void a_template_learns_whose_certificate_signed_the_token() {
        String template = "{\"subject\":{{ toJson .AuthorizationCrt.Subject }},"
                + "\"dnsNames\":{{ toJson .AuthorizationCrt.DNSNames }},"
                + "\"uris\":[\"x:{{ .AuthorizationCrt.SerialNumber }}/{{ len .AuthorizationChain }}/"
                + "{{ (index .AuthorizationChain 1).Subject.CommonName }}/{{ .AuthorizationCrt.NotAfter.Year }}\"]}";
        PreparedCertificate made = prepare(
                        provisioner(Map.of("template", template)),
                        csr(""),
                        token(List.of(LEAF, UPPER)),
                        Optional.empty(),
                        Optional.empty())
                .certificate();
        assertThat(made.subject()).isEqualTo("worker");
        assertThat(made.names()).containsExactly("w.example", "x:22/2/Upper/2026");
    }

    @Test
    void a_template_learns_what_that_certificate_is_for() {
        String template =
                "{\"subject\":\"{{ printf \"%d\" .AuthorizationCrt.KeyUsage }} {{ toJson .AuthorizationCrt.ExtKeyUsage }}"
                        + " {{ len .AuthorizationCrt.UnknownExtKeyUsage }} {{ .AuthorizationCrt.IsCA }} {{ typeOf .AuthorizationCrt.PublicKey }}"
                        + " {{ (index .AuthorizationCrt.Extensions 0).Id }} {{ len .AuthorizationCrt.SubjectKeyId }}"
                        + "{{ range .AuthorizationCrt.CRLDistributionPoints }} {{ . }}{{ end }}"
                        + " {{ (index .AuthorizationChain 1).IsCA }} {{ (index .AuthorizationChain 1).KeyUsage | toJson }}"
                        + " {{ (index .AuthorizationChain 1).MaxPathLen }}\"}";
        PreparedCertificate made = prepare(
                        provisioner(Map.of("template", template)),
                        csr(""),
                        token(List.of(LEAF, UPPER)),
                        Optional.empty(),
                        Optional.empty())
                .certificate();
        assertThat(made.subject()).isEqualTo("1 [2] 0 false ed25519.PublicKey 2.5.29.15 0 true 32 -1");
    }

    @Test
    void what_a_template_cannot_be_told_of_that_certificate_is_passed_over() {
        Der leaf = TestCertificate.client("worker", "Ed25519")
                .with(Extension.cRLDistributionPoints, new DERSequence(new DERUTF8String("odd")))
                .with(Extension.authorityInfoAccess, new DERSequence(new DERUTF8String("odd")))
                .by("Upper", "P-521");
        String template = "{\"subject\":\"{{ len .AuthorizationCrt.CRLDistributionPoints }}"
                + " {{ len .AuthorizationCrt.OCSPServer }} {{ .AuthorizationCrt.KeyUsage | toJson }}\"}";
        PreparedCertificate made = prepare(
                        provisioner(Map.of("template", template)),
                        csr(""),
                        token(List.of(leaf, UPPER)),
                        Optional.empty(),
                        Optional.empty())
                .certificate();
        assertThat(made.subject()).isEqualTo("0 0 1");
    }

    /** The one of docs/provisioners.md in which this stands. */
    static String documented(String part) throws IOException {
        return Stream.of(Files.readString(Path.of("../docs/provisioners.md")).split("```"))
                .filter(block -> block.strip().startsWith("{\"subject\"") && block.contains(part))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void the_documented_template_gives_a_machine_its_own_names() throws Exception {
        PreparedCertificate made = prepare(
                        provisioner(Map.of("template", documented("AuthorizationCrt"))),
                        csr(""),
                        token(List.of(LEAF, UPPER)),
                        Optional.empty(),
                        Optional.empty())
                .certificate();
        assertThat(made.subject()).isEqualTo("worker");
        assertThat(made.names()).containsExactly("w.example");
    }

    @Test
    void a_token_of_a_key_alone_has_no_such_certificate() {
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        provisioner.put(
                "options",
                Map.of(
                        "x509",
                        Map.of("template", "{\"subject\":\"{{ .AuthorizationCrt }}{{ .AuthorizationChain }}\"}")));
        PreparedIssuance prepared = prepare(
                provisioner,
                csr(""),
                TestCa.token("{\"iss\":\"admin\",\"aud\":\"https://ca.example/sign\",\"sub\":\"a\"}"),
                Optional.empty(),
                Optional.empty());
        assertThat(prepared.certificate().subject()).isEqualTo("<no value><no value>");
        assertThat(prepared.grant().authorizedBy()).isEmpty();
    }

    @Test
    void a_token_revokes_any_serial_and_rests_on_the_same_certificates() {
        StepRevocation revocation = new StepRevocation(
                Provisioners.of(List.of(PROVISIONER), Map.of(), TestKeys.KEYS),
                new Audiences(List.of("ca.example")),
                TestKeys.KEYS);
        String token =
                token(List.of(LEAF, UPPER), "sub", "\"77\"", "aud", "\"https://ca.example/1.0/revoke#x5c/machines\"");
        PreparedRevocation prepared =
                revocation.prepare(new RevokeCommand("77", token, 1, "", true), Optional::empty, TestCa.NOW);
        assertThat(prepared.token().orElseThrow().provisioner()).isEqualTo("machines");
        assertThat(prepared.authorizedBy()).extracting(SerialNumber::decimal).containsExactly("22", "21");
        assertThatThrownBy(() -> revocation.prepare(
                        new RevokeCommand("77", token(List.of(LEAF, UPPER), "sub", "\"77\""), 1, "", true),
                        Optional::empty,
                        TestCa.NOW))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOKEN_INVALID));
    }

    @Test
    void a_token_of_a_certificate_below_an_issuer_that_was_given_up_buys_and_revokes_nothing() {
        Provisioners all = Provisioners.of(List.of(PROVISIONER), Map.of(), TestKeys.KEYS)
                .without(new AbandonedIssuers(
                        Set.of(KeyId.of(TestKeys.of("P-521").getPublic())), Set.of()));
        Audiences audiences = new Audiences(List.of("ca.example"));
        StepIssuance issuance = new StepIssuance(
                all,
                audiences,
                Issuers.only(TestCa.ISSUER, NameConstraints.of(List.of())),
                Duration.ZERO,
                TestKeys.KEYS);
        StepRevocation revocation = new StepRevocation(all, audiences, TestKeys.KEYS);
        String revoking =
                token(List.of(LEAF, UPPER), "sub", "\"77\"", "aud", "\"https://ca.example/1.0/revoke#x5c/machines\"");
        for (ThrowingCallable attempt : List.<ThrowingCallable>of(
                () -> issuance.prepare(
                        new SignCommand(csr(""), token(List.of(LEAF, UPPER)), Optional.empty(), Optional.empty()),
                        TestCa.NOW,
                        SERIAL),
                () -> revocation.prepare(
                        new RevokeCommand("77", revoking, 1, "", true), Optional::empty, TestCa.NOW))) {
            assertThatThrownBy(attempt)
                    .isInstanceOfSatisfying(
                            CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOKEN_INVALID));
        }
        Der another = TestCertificate.client("worker", "Ed25519").by("Root", "P-384");
        assertThat(issuance.prepare(
                        new SignCommand(csr(""), token(List.of(another)), Optional.empty(), Optional.empty()),
                        TestCa.NOW,
                        SERIAL))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"roots\":\"\"}", "{\"roots\":\"eA==\"}", "{\"roots\":null}"})
    @SuppressWarnings("unchecked") // JSON
    void one_without_roots_is_listed_and_refuses(String members) {
        Map<String, Object> raw = new HashMap<>((Map<String, Object>) Json.parse(members));
        raw.put("type", "X5C");
        raw.put("name", "x");
        Provisioners all = Provisioners.of(List.of(raw), Map.of(), TestKeys.KEYS);
        assertThat(all.refusing())
                .singleElement()
                .satisfies(one -> assertThat(one.reason()).contains("roots"));
    }

    @Test
    void one_whose_roots_are_no_base64_stops_the_start() {
        for (Object roots : List.of("-----BEGIN", "e A==", 5, List.of("eA=="))) {
            assertThatThrownBy(() -> Provisioners.of(
                            List.of(Map.of("type", "X5C", "name", "x", "roots", roots)), Map.of(), TestKeys.KEYS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("/authority/provisioners/0: roots");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void roots_may_be_base64_in_lines_as_the_command_base64_writes_it(String lineEnd) {
        String pem = new PemBlock("CERTIFICATE", Map.of(), ROOT).encode();
        String roots = Base64.getMimeEncoder(76, lineEnd.getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(pem.getBytes(StandardCharsets.US_ASCII))
                + lineEnd;
        assertThat(Provisioners.of(List.of(Map.of("type", "X5C", "name", "x", "roots", roots)), Map.of(), TestKeys.KEYS)
                        .refusing())
                .isEmpty();
    }

    @Test
    void a_private_key_among_the_roots_makes_it_refuse() {
        String pem = new PemBlock(
                        "PRIVATE KEY",
                        Map.of(),
                        Der.of(TestKeys.of("Ed25519").getPrivate().getEncoded()))
                .encode();
        Provisioners all = Provisioners.of(
                List.of(Map.of(
                        "type",
                        "X5C",
                        "name",
                        "x",
                        "roots",
                        Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)))),
                Map.of(),
                TestKeys.KEYS);
        assertThat(all.refusing())
                .singleElement()
                .satisfies(one -> assertThat(one.reason()).isEqualTo("roots holds a PEM block of type PRIVATE KEY"));
    }
}
