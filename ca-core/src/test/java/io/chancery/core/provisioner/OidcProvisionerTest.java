package io.chancery.core.provisioner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.core.TestCa;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.StepProvisionerExtension;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.SignCommand;
import io.chancery.core.issuance.StepIssuance;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.oidc.KeySet;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.OpenIdProvider;
import io.chancery.core.oidc.ProviderState;
import io.chancery.core.oidc.WantedKey;
import io.chancery.core.revocation.PreparedRevocation;
import io.chancery.core.revocation.RevokeCommand;
import io.chancery.core.revocation.StepRevocation;
import io.chancery.core.token.Audiences;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Provisioners of type OIDC by the rules of step (wire contract s. 5.2). */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OidcProvisionerTest {
    private static final SerialNumber SERIAL = new SerialNumber(BigInteger.ONE.shiftLeft(100));
    private static final long NOW = TestCa.NOW.getEpochSecond();
    private static final String ISSUER = "https://idp.example/realm";
    private static final Audiences AUDIENCES = new Audiences(List.of("ca.example"));
    private static final KeySet KEYS = KeySet.parse(
            JSONObjectUtils.toJSONString(
                    Map.of("keys", List.of(TestCa.provisioner().get("key")))),
            TestKeys.KEYS);

    private ProviderState state = ProviderState.of(new OpenIdProvider(ISSUER, KEYS));
    private Provisioners provisioners = provisioners(Map.of());

    private Provisioners provisioners(Map<String, Object> more) {
        Map<String, Object> raw = new LinkedHashMap<>(Map.of(
                "type", "OIDC",
                "name", "people",
                "clientID", "client",
                "clientSecret", "the-secret",
                "configurationEndpoint", ISSUER,
                "admins", List.of("Root@Ca.Example", "operators")));
        raw.putAll(more);
        return Provisioners.of(List.of(raw, TestCa.provisioner()), Map.of(), TestKeys.KEYS)
                .asking(endpoint -> state);
    }

    private static Map<String, Object> claims(Object... changes) {
        Map<String, Object> claims = new HashMap<>(Map.of(
                "iss",
                ISSUER,
                "aud",
                "client",
                "sub",
                "u-1",
                "email",
                "jane@ca.example",
                "iat",
                NOW,
                "exp",
                NOW + 300));
        for (int i = 0; i < changes.length; i += 2) {
            claims.put((String) changes[i], changes[i + 1]);
        }
        claims.values().removeIf(""::equals);
        return claims;
    }

    private static String token(Object... changes) {
        return TestCa.token(JSONObjectUtils.toJSONString(claims(changes)));
    }

    private static Der csr(String commonName, String... names) {
        return TestCsr.of(
                "P-256", commonName, Stream.of(names).map(SubjectAltName::guess).toList());
    }

    private PreparedIssuance prepare(Der csr, String token) {
        return new StepIssuance(
                        provisioners,
                        AUDIENCES,
                        Issuers.only(TestCa.ISSUER, NameConstraints.of(List.of(TestCa.ISSUER.certificate()))),
                        Duration.ofMinutes(1),
                        TestKeys.KEYS)
                .prepare(new SignCommand(csr, token, Optional.empty(), Optional.empty()), TestCa.NOW, SERIAL);
    }

    private static TBSCertificate tbs(PreparedIssuance prepared) {
        return TBSCertificate.getInstance(prepared.certificate().tbs().bytes());
    }

    private static void refused(ErrorCode code, Runnable attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private void refused(String token) {
        refused(ErrorCode.TOKEN_INVALID, () -> prepare(csr(""), token));
    }

    @Test
    void a_user_gets_their_own_names_whatever_the_request_says() {
        PreparedIssuance prepared = prepare(csr("bank.example", "bank.example", "10.0.0.1"), token());
        assertThat(prepared.certificate().subject()).isEqualTo("u-1");
        assertThat(prepared.certificate().names()).containsExactly("jane@ca.example", ISSUER + "#u-1");
        assertThat(prepared.grant().provisioner()).isEqualTo("people");
    }

    @Test
    void the_certificate_notes_the_client() throws Exception {
        byte[] expected = StepProvisionerExtension.of(2, "people", "client").getEncoded(ASN1Encoding.DER);
        assertThat(tbs(prepare(csr(""), token()))
                        .getExtensions()
                        .getExtension(StepProvisionerExtension.OID)
                        .getExtnValue()
                        .getOctets())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bank.example",
                "10.0.0.1",
                "https://bank.example/",
                "spiffe://bank.example/a@b",
                "mailto:a@b.example"
            })
    void whoever_is_no_admin_gets_no_name_of_another_kind_by_their_address(String email) {
        refused(token("email", email));
        assertThat(prepare(csr(""), token("email", "a@bank.example"))
                        .certificate()
                        .names())
                .contains("a@bank.example");
    }

    @ParameterizedTest
    @CsvSource({"Root@CA.EXAMPLE, ''", "'', operators", "someone@ca.example, operators"})
    void an_admin_gets_the_names_of_the_request(String email, String group) {
        Der csr = TestCsr.of(
                "P-256",
                new X500Name("O=Bank,CN=bank.example"),
                TestCsr.attributes(new GeneralName(GeneralName.dNSName, "www.bank.example")));
        PreparedIssuance prepared = prepare(csr, token("email", email, "groups", List.of("x", group)));
        assertThat(tbs(prepared).getSubject()).isEqualTo(new X500Name("O=Bank,CN=bank.example"));
        assertThat(prepared.certificate().names()).containsExactly("www.bank.example");
    }

    @Test
    void the_part_of_an_address_before_the_at_sign_is_compared_exactly() {
        assertThat(prepare(csr("bank.example"), token("email", "root@ca.example"))
                        .certificate()
                        .subject())
                .isEqualTo("u-1");
    }

    @Test
    void a_template_of_its_own_governs_admins_too_and_sees_the_token() {
        provisioners = provisioners(Map.of(
                "options",
                Map.of(
                        "x509",
                        Map.of(
                                "template",
                                "{\"subject\":\"{{ .Token.email }} {{ index .SANs 0 | toJson | len }}\"}"))));
        assertThat(prepare(csr("bank.example"), token("email", "Root@ca.example"))
                        .certificate()
                        .subject())
                .startsWith("Root@ca.example ");
    }

    @Test
    void without_an_address_the_subject_at_its_issuer_is_the_only_name() {
        assertThat(prepare(csr(""), token("email", "")).certificate().names()).containsExactly(ISSUER + "#u-1");
    }

    @Test
    void a_subject_is_escaped_in_the_name_that_it_becomes() {
        assertThat(prepare(csr(""), token("email", "", "sub", "a b/ü|%"))
                        .certificate()
                        .names())
                .containsExactly(ISSUER + "#a%20b/%C3%BC%7C%25");
    }

    @Test
    void an_issuer_that_is_no_url_becomes_no_name() {
        state = ProviderState.of(new OpenIdProvider("accounts.example", KEYS));
        assertThat(prepare(csr(""), token("iss", "accounts.example"))
                        .certificate()
                        .names())
                .containsExactly("jane@ca.example");
    }

    @Test
    void an_empty_subject_is_accepted() {
        PreparedIssuance prepared = prepare(csr(""), token("sub", ""));
        assertThat(prepared.certificate().subject()).isEmpty();
        assertThat(prepared.certificate().names()).containsExactly("jane@ca.example", ISSUER);
    }

    @Test
    void a_token_is_used_up_by_its_nonce_else_by_itself_and_never_by_its_jti() {
        assertThat(prepare(csr(""), token("nonce", "n", "jti", "j"))
                        .grant()
                        .token()
                        .orElseThrow()
                        .key())
                .isEqualTo(Sha256.digest("n".getBytes(StandardCharsets.UTF_8)));
        String one = token("jti", "j");
        String other = token("jti", "j", "x", 1);
        assertThat(prepare(csr(""), one).grant().token().orElseThrow().key())
                .isEqualTo(prepare(csr(""), one).grant().token().orElseThrow().key())
                .isNotEqualTo(
                        prepare(csr(""), other).grant().token().orElseThrow().key());
    }

    @Test
    void a_token_made_for_other_things_is_refused() {
        refused(token("iss", "https://other.example"));
        refused(token("aud", "other", "azp", "client"));
        refused(token("azp", "other"));
        refused(token("aud", List.of("client", "other"), "azp", "other"));
        refused(token("exp", NOW - 61));
        refused(token("nbf", NOW + 61));
        refused(token("iat", NOW + 61));
        refused(token("email", 5));
        refused(token("groups", "operators"));
        refused(token("groups", List.of("operators", 5)));
        refused(token("nonce", 5));
        refused(token("nonce", "n".repeat(1025)));
    }

    @Test
    void a_claim_that_counts_and_is_too_long_or_is_left_out_is_refused() {
        String endless = "x".repeat(30_000);
        for (String claim : List.of("iss", "aud", "azp", "sub", "nonce")) {
            refused(token(claim, endless));
        }
        refused(token("aud", ""));
        refused(token("iss", ""));
        refused(token("sub", "x".repeat(2_049)));
        refused(token("email", "x".repeat(2_041) + "@x.example"));
        refused(TestCa.token(
                "{\"alg\":\"EdDSA\",\"kid\":\"" + endless + "\"}", JSONObjectUtils.toJSONString(claims())));
        refused(TestCa.token("{\"alg\":\"" + endless + "\",\"kid\":\"k\"}", JSONObjectUtils.toJSONString(claims())));
    }

    @Test
    void the_longest_address_is_a_name_and_what_does_not_count_may_be_endless() {
        String endless = "x".repeat(30_000);
        String longest = "x".repeat(2_038) + "@x.example";
        assertThat(prepare(csr(""), token("email", longest)).certificate().names())
                .contains(longest);
        for (String claim : List.of("email_verified", "name", "picture", "sha", "tid")) {
            assertThat(prepare(csr(""), token(claim, endless))).isNotNull();
        }
        assertThat(prepare(csr(""), token("groups", List.of(endless)))).isNotNull();
        assertThat(prepare(
                        csr(""),
                        TestCa.token(
                                "{\"alg\":\"EdDSA\",\"kid\":\"k\",\"typ\":\"" + endless + "\"}",
                                JSONObjectUtils.toJSONString(claims()))))
                .isNotNull();
    }

    @Test
    void one_of_several_audiences_is_enough() {
        assertThat(prepare(csr(""), token("aud", List.of("other", "client"), "azp", "client")))
                .isNotNull();
    }

    @Test
    void a_token_that_its_provider_has_not_signed_is_refused() {
        String payload = JSONObjectUtils.toJSONString(claims());
        refused(TestCa.token("{\"alg\":\"EdDSA\",\"kid\":\"other\"}", payload));
        refused(TestCa.token("{\"alg\":\"EdDSA\"}", payload));
        refused(TestCa.token("{\"alg\":\"none\",\"kid\":\"k\"}", payload));
        refused(TestCa.token("{\"alg\":\"HS256\",\"kid\":\"k\"}", payload));
        String good = token();
        refused(good.substring(0, good.length() - 4) + "AAAA");
        refused(token().replace('.', '!'));
    }

    @Test
    void with_domains_an_address_must_be_of_one_unless_it_is_an_admins() {
        provisioners = provisioners(Map.of("domains", List.of("Ca.Example", "b.example")));
        assertThat(prepare(csr(""), token("email", "a@CA.example"))).isNotNull();
        assertThat(prepare(csr(""), token("email", ""))).isNotNull(); // as step-ca has it
        assertThat(prepare(csr("a"), token("email", "a@other.example", "groups", List.of("operators"))))
                .isNotNull();
        refused(token("email", "a@other.example"));
        refused(token("email", "a@sub.ca.example"));
        refused(token("email", "ca.example"));
    }

    @Test
    void with_groups_a_user_must_be_in_one() {
        provisioners = provisioners(Map.of("groups", List.of("staff", "guests")));
        assertThat(prepare(csr(""), token("groups", List.of("guests")))).isNotNull();
        refused(token("groups", List.of("Staff")));
        refused(token("groups", List.of("operators")));
        refused(token());
    }

    @Test
    void until_its_provider_has_answered_it_is_listed_as_uninitialised_and_refuses() {
        state = ProviderState.unknown("away");
        assertThatThrownBy(() -> prepare(csr(""), token())).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.PROVISIONER_DISABLED);
            assertThat(e.publicDetail()).isEqualTo("provisioner \"people\" is disabled due to an initialization error");
        });
        assertThat(provisioners.page("", 1).provisioners().get(0))
                .containsEntry("state", "Uninitialized")
                .containsEntry("stateReason", "away");

        state = ProviderState.of(new OpenIdProvider(ISSUER, KEYS));
        assertThat(prepare(csr(""), token())).isNotNull();
        assertThat(provisioners.page("", 1).provisioners().get(0)).doesNotContainKeys("state", "stateReason");
    }

    @Test
    void the_secret_that_clients_need_is_listed_and_printed_nowhere() {
        assertThat(provisioners.page("", 1).provisioners().get(0)).containsEntry("clientSecret", "the-secret");
        assertThat(provisioners.named("people").orElseThrow()).hasToString("OidcProvisioner[people]");
    }

    @Test
    void a_key_that_is_not_known_is_asked_for_and_no_other() {
        String payload = JSONObjectUtils.toJSONString(claims());
        OpenIdEndpoint endpoint = OpenIdEndpoint.of(ISSUER, "");
        assertThat(provisioners.openIdEndpoints()).containsExactly(endpoint);
        assertThat(provisioners.wantedKey(TestCa.token("{\"alg\":\"EdDSA\",\"kid\":\"new\"}", payload), AUDIENCES))
                .contains(new WantedKey(endpoint, "new"));
        assertThat(provisioners.wantedKey(token(), AUDIENCES)).isEmpty();
        assertThat(provisioners.wantedKey(token("aud", "https://ca.example/1.0/sign", "iss", "admin"), AUDIENCES))
                .isEmpty();
        assertThat(provisioners.wantedKey(token("aud", "nobody"), AUDIENCES)).isEmpty();
        assertThat(provisioners.wantedKey("", AUDIENCES)).isEmpty();
        assertThat(provisioners.wantedKey("a.b.c", AUDIENCES)).isEmpty();
    }

    @Test
    void only_admins_revoke() {
        StepRevocation rules = new StepRevocation(provisioners, AUDIENCES, TestKeys.KEYS);
        PreparedRevocation prepared = rules.prepare(
                new RevokeCommand("77", token("email", "Root@ca.example", "sub", "77"), 1, "lost", true),
                Optional::empty,
                TestCa.NOW);
        assertThat(prepared.token().orElseThrow().provisioner()).isEqualTo("people");
        refused(
                ErrorCode.TOKEN_INVALID,
                () -> rules.prepare(
                        new RevokeCommand("77", token("sub", "77"), 1, "lost", true), Optional::empty, TestCa.NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {"clientID", "configurationEndpoint", "admins", "domains", "groups"})
    void what_cannot_be_used_is_listed_with_the_reason(String member) {
        provisioners = provisioners(Map.of(member, member.endsWith("s") ? "text" : ""));
        assertThat(provisioners.refusing()).singleElement().satisfies(one -> {
            assertThat(one.name()).isEqualTo("people");
            assertThat(one.reason()).startsWith(member);
        });
        assertThat(provisioners.openIdEndpoints()).isEmpty();
    }
}
