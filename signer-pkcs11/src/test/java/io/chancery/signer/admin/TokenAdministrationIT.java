package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class TokenAdministrationIT {
    private static final long PUBLIC_KEY = 2; // CKO_PUBLIC_KEY
    private static final Der MESSAGE = Der.of(new byte[] {1, 2, 3});
    private static SoftHsmToken token;

    @BeforeAll
    static void token(SoftHsmToken given) {
        token = given;
    }

    private static Pkcs11Uri uri(String label) {
        return Pkcs11Uri.parse(token.uri(label));
    }

    private static TokenSession open() {
        return TokenSession.open(uri("any"), uri("any").pin());
    }

    private static X509Certificate selfSigned(ManagedKey key, String name) {
        X500Name subject = CaNames.subject(name);
        return CaSigning.certificate(
                new CaTemplate(
                        subject,
                        key.publicKey(),
                        CaIssuer.itself(subject, key.publicKey()),
                        BigInteger.ONE.shiftLeft(100),
                        Instant.parse("2026-01-01T00:00:00Z"),
                        Instant.parse("2036-01-01T00:00:00Z"),
                        OptionalInt.of(0),
                        Optional.empty()),
                key,
                Optional.empty());
    }

    @Test
    void a_pin_that_the_library_does_not_answer_to_may_have_been_tried() {
        PinCheck.Result result =
                PinCheck.run(uri("any"), uri("any").pin().orElseThrow(), Map.of(), Duration.ofMillis(1));
        assertThat(result.verdict()).isEqualTo(PinCheck.Verdict.UNANSWERED);
        assertThat(result.text()).contains("no answer within");
    }

    @Test
    void the_library_tells_its_tokens_and_mechanisms() {
        HsmModule module = HsmModule.open(token.modulePath().toString());
        assertThat(module.info().manufacturer()).isEqualTo("SoftHSM");
        TokenState state = module.token(uri("any"));
        assertThat(state.slot().label()).isEqualTo(token.label());
        assertThat(state.pin()).isEqualTo(TokenState.Pin.FINE);
        assertThat(module.mechanisms(state.slot().id())).anySatisfy(mechanism -> {
            assertThat(mechanism.name()).isEqualTo("CKM_ECDSA");
            assertThat(mechanism.uses()).contains("sign", "verify");
        });
    }

    @Test
    void every_kind_of_key_signs_without_a_certificate_and_java_shows_it_once_it_has_one() {
        for (KeyAlgorithm algorithm : List.of(
                KeyAlgorithm.EC_P256,
                KeyAlgorithm.EC_P384,
                KeyAlgorithm.EC_P521,
                KeyAlgorithm.RSA_2048,
                KeyAlgorithm.RSA_3072)) {
            String label = "made-" + algorithm;
            try (TokenSession session = open()) {
                ManagedKey made = KeyMaker.generate(session, uri(label), algorithm);
                assertThat(ManagedKey.verifies(made.publicKey(), MESSAGE, made.sign(MESSAGE)))
                        .isTrue();
                assertThat(made.attributes().weaknesses()).isEmpty();
                assertThat(made.attributes().imported()).isFalse();
                assertThat(made.attributes().neverExtractable()).isTrue();
                assertThatThrownBy(() -> TokenKey.open(uri(label), Optional.empty()))
                        .hasMessageContaining("no certificate with the same CKA_ID");
                made.writeCertificate(selfSigned(made, "CN=" + label), false);
                TokenKey shown = TokenKey.open(uri(label), Optional.empty());
                for (SignatureScheme scheme : SignatureScheme.values()) {
                    if (scheme.fits(made.publicKey())) {
                        assertThat(signsBothWays(scheme, made, shown))
                                .as("%s", scheme)
                                .isTrue();
                    } else {
                        assertThatThrownBy(() -> made.sign(scheme, MESSAGE))
                                .isInstanceOf(HsmException.class)
                                .hasMessageContaining(label + ": " + scheme.text() + " does not fit");
                    }
                }
            }
        }
    }

    /** As administration signs, and as Java's provider does. */
    private static boolean signsBothWays(SignatureScheme scheme, ManagedKey made, TokenKey shown) {
        return ManagedKey.verifies(scheme, made.publicKey(), MESSAGE, made.sign(scheme, MESSAGE))
                && ManagedKey.verifies(scheme, made.publicKey(), MESSAGE, shown.sign(scheme, MESSAGE.bytes()));
    }

    @Test
    void a_scheme_that_the_token_has_no_mechanism_for_is_told_before_it_is_asked() {
        try (TokenSession session = open()) {
            session.refuseUnable(SignatureScheme.RSA_PSS_SHA512);
            ManagedKey made = KeyMaker.generate(session, uri("no-pss"), KeyAlgorithm.EC_P256);
            made.writeCertificate(selfSigned(made, "CN=no-pss"), false);
            // Java's provider has no Ed25519, as it has no RSASSA-PSS where the token does not: that heals by no
            // waiting.
            assertThatThrownBy(() -> TokenKey.open(uri("no-pss"), Optional.empty())
                            .sign(SignatureScheme.ED25519, MESSAGE.bytes()))
                    .isInstanceOfSatisfying(
                            HsmException.class, e -> assertThat(e.kind()).isEqualTo(HsmException.Kind.MISCONFIGURED))
                    .hasMessageContaining("the token does not sign with Ed25519");
        }
    }

    private static final long CKO_CERTIFICATE = 1;

    /** A certificate object of which no Java reads the value; of types that the compiler does not show. */
    private static long unreadable(TokenSession session, ManagedKey key) throws ReflectiveOperationException {
        Class<?> attribute = Class.forName("sun.security.pkcs11.wrapper.CK_ATTRIBUTE");
        Map<Long, Object> values = Map.of(
                0L,
                CKO_CERTIFICATE,
                1L,
                true,
                0x11L,
                new byte[] {1, 2, 3},
                0x80L,
                0L,
                0x101L,
                new byte[] {0x30, 0},
                0x102L,
                key.id().bytes());
        Object template = Array.newInstance(attribute, values.size());
        int next = 0;
        for (Map.Entry<Long, Object> value : values.entrySet()) {
            Array.set(
                    template,
                    next++,
                    attribute.getConstructor(long.class, Object.class).newInstance(value.getKey(), value.getValue()));
        }
        Method create = CryptokiSession.class.getDeclaredMethod("create", template.getClass());
        create.setAccessible(true);
        return (Long) create.invoke(session.session(), template);
    }

    @Test
    void a_certificate_that_cannot_be_read_gives_way_only_when_that_is_asked_for() throws Exception {
        try (TokenSession session = open()) {
            ManagedKey made = KeyMaker.generate(session, uri("odd"), KeyAlgorithm.EC_P256);
            long odd = unreadable(session, made);
            X509Certificate own = selfSigned(made, "CN=odd");
            assertThatThrownBy(() -> made.writeCertificate(own, false))
                    .isInstanceOf(HsmException.class)
                    .hasMessageContaining("one that cannot be read");
            assertThat(session.find(CKO_CERTIFICATE, made.id())).containsExactly(odd);
            made.writeCertificate(own, true);
            assertThat(made.certificates()).containsExactly(own);
            assertThat(session.find(CKO_CERTIFICATE, made.id())).hasSize(1);
        }
    }

    @Test
    void a_name_that_is_taken_makes_no_second_key() {
        try (TokenSession session = open()) {
            ManagedKey made = KeyMaker.generate(session, uri("once"), KeyAlgorithm.EC_P256);
            assertThatThrownBy(() -> KeyMaker.generate(session, uri("once"), KeyAlgorithm.EC_P256))
                    .isInstanceOf(HsmException.class)
                    .hasMessageContaining("object=once already");
            Pkcs11Uri sameId = Pkcs11Uri.parse(token.uri("other").replace("?", ";id=" + made.idHex() + "?"));
            assertThatThrownBy(() -> KeyMaker.generate(session, sameId, KeyAlgorithm.EC_P256))
                    .hasMessageContaining("id=");
            assertThat(session.keys(uri("once"))).hasSize(1);
        }
    }

    @Test
    void a_key_that_is_missing_is_answered_with_those_that_are_there() {
        try (TokenSession session = open()) {
            ManagedKey unused = KeyMaker.generate(session, uri("present"), KeyAlgorithm.EC_P256);
            assertThatThrownBy(() -> session.key(uri("absent")))
                    .hasMessageContaining("no private key fits")
                    .hasMessageContaining("object=present");
        }
    }

    @Test
    void another_keys_certificate_is_not_written() {
        try (TokenSession session = open()) {
            ManagedKey one = KeyMaker.generate(session, uri("one"), KeyAlgorithm.EC_P256);
            ManagedKey two = KeyMaker.generate(session, uri("two"), KeyAlgorithm.EC_P256);
            assertThatThrownBy(() -> two.writeCertificate(selfSigned(one, "CN=One"), false))
                    .hasMessageContaining("is not that of the key two");
            two.writeCertificate(selfSigned(two, "CN=First"), false);
            assertThatThrownBy(() -> two.writeCertificate(selfSigned(two, "CN=Second"), false))
                    .hasMessageContaining("CN=First")
                    .hasMessageContaining("--replace");
            two.writeCertificate(selfSigned(two, "CN=Second"), true);
            assertThat(two.certificates())
                    .singleElement()
                    .satisfies(it ->
                            assertThat(it.getSubjectX500Principal().getName()).isEqualTo("CN=Second"));
        }
    }

    @Test
    void a_certificate_that_would_break_RFC_5280_is_not_signed() {
        try (TokenSession session = open()) {
            ManagedKey key = KeyMaker.generate(session, uri("rules"), KeyAlgorithm.EC_P256);
            X509Certificate root = selfSigned(key, "CN=Rules");
            CaTemplate below = new CaTemplate(
                    CaNames.subject("CN=Below"),
                    key.publicKey(),
                    CaIssuer.of(root),
                    BigInteger.ONE.shiftLeft(100),
                    Instant.parse("2026-01-01T00:00:00Z"),
                    Instant.parse("2037-01-01T00:00:00Z"),
                    OptionalInt.of(0),
                    Optional.empty());
            assertThatThrownBy(() -> CaSigning.certificate(below, key, Optional.of(root)))
                    .hasMessageContaining("was not signed")
                    .hasMessageContaining("allows 0 CA certificate(s)")
                    .hasMessageContaining("valid when its issuer is not");
        }
    }

    @Test
    void a_request_carries_the_keys_own_signature() {
        try (TokenSession session = open()) {
            ManagedKey key = KeyMaker.generate(session, uri("request"), KeyAlgorithm.EC_P384);
            CertificateRequest read = CertificateRequest.read(
                    CaSigning.request(
                            key,
                            CaNames.subject("CN=Issuing CA,O=Example"),
                            SignatureScheme.defaultFor(key.publicKey())),
                    new PublicKeys(new BouncyCastleProvider()));
            assertThat(read.commonName()).isEqualTo("Issuing CA");
            assertThat(read.key().getEncoded()).isEqualTo(key.publicKey().getEncoded());
        }
    }

    @Test
    void a_key_from_outside_is_imported_and_says_so_and_cannot_be_taken_out_again() throws Exception {
        for (String type : List.of("EC", "RSA")) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
            generator.initialize(type.equals("EC") ? 384 : 2048);
            KeyPair outside = generator.generateKeyPair();
            try (TokenSession session = open()) {
                ManagedKey imported = KeyImport.run(
                        session,
                        uri("imported-" + type),
                        outside.getPrivate(),
                        outside.getPublic(),
                        new SecureRandom());
                assertThat(ManagedKey.verifies(outside.getPublic(), MESSAGE, imported.sign(MESSAGE)))
                        .isTrue();
                assertThat(imported.attributes().imported()).isTrue();
                assertThat(imported.attributes().weaknesses()).isEmpty();
                assertThat(imported.attributes().text()).startsWith("imported, sensitive, not extractable");
            }
        }
        assertThat(token.pkcs11Tool("--list-objects", "--type", "secrkey")).doesNotContain("Secret Key Object");
    }

    @Test
    void a_half_that_does_not_belong_leaves_nothing_behind() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        KeyPair one = generator.generateKeyPair();
        KeyPair two = generator.generateKeyPair();
        try (TokenSession session = open()) {
            assertThatThrownBy(() -> KeyImport.run(
                            session, uri("halves"), one.getPrivate(), two.getPublic(), new SecureRandom()))
                    .hasMessageContaining("signed with another key");
            assertThat(session.keys(uri("halves"))).isEmpty();
        }
    }

    @Test
    void a_deleted_key_takes_its_public_key_and_certificate_along() {
        try (TokenSession session = open()) {
            ManagedKey key = KeyMaker.generate(session, uri("gone"), KeyAlgorithm.EC_P256);
            key.writeCertificate(selfSigned(key, "CN=Gone"), false);
            assertThat(session.objects())
                    .filteredOn(it -> it.label().equals("gone"))
                    .hasSize(3);
            key.delete();
            assertThat(session.objects()).noneMatch(it -> it.label().equals("gone"));
        }
    }

    @Test
    void a_token_is_made_where_none_is_and_its_PIN_changed() {
        HsmModule module = HsmModule.open(token.modulePath().toString());
        TokenState made = module.initToken("made here", Secret.of("so-pin-1"), Secret.of("1234-first"));
        assertThat(made.pin()).isEqualTo(TokenState.Pin.FINE);
        Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:module-path=" + token.modulePath() + ";token=made%20here;object=key");
        assertThatThrownBy(() -> module.initToken("made here", Secret.of("so-pin-1"), Secret.of("1234-first")))
                .hasMessageContaining("there is a token made here already");
        assertThatThrownBy(() -> TokenSession.open(uri, Optional.of(Secret.of("wrong"))))
                .isInstanceOfSatisfying(
                        HsmException.class, e -> assertThat(e.kind()).isEqualTo(HsmException.Kind.PIN_REFUSED));
        try (TokenSession session = TokenSession.open(uri, Optional.empty())) {
            session.changePin(Secret.of("1234-first"), Secret.of("1234-second"));
        }
        try (TokenSession session = TokenSession.open(uri, Optional.of(Secret.of("1234-second")))) {
            assertThat(session.objects()).isEmpty();
        }
        assertThatThrownBy(() -> module.initToken("umlaut", Secret.of("so-pin-1"), Secret.of("größe")))
                .hasMessageContaining("ASCII");
    }

    @Test
    void a_lost_session_is_told_and_is_no_object_without_attributes() {
        TokenSession session = open();
        ManagedKey key = KeyMaker.generate(session, uri("told"), KeyAlgorithm.EC_P256);
        long handle = session.find(PUBLIC_KEY, key.id())[0];
        assertThat(session.session().attribute(handle, 0x120)).as("CKA_MODULUS").isEmpty();
        session.close();
        assertThatThrownBy(() -> session.session().attribute(handle, 0x003)) // CKA_LABEL
                .isInstanceOf(HsmException.class)
                .hasMessageContaining("CKR_SESSION_HANDLE_INVALID");
    }

    @Test
    void what_is_undone_leaves_everything_else_with_the_same_id() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        try (TokenSession session = open()) {
            ManagedKey other = KeyMaker.generate(session, uri("undone-other"), KeyAlgorithm.EC_P256);
            X509Certificate certificate = selfSigned(other, "CN=Was there");
            byte[] id = {7, 7, 7, 1};
            CertificateObjects.write(session.session(), certificate, "was-there", id);
            Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:id=07070701;object=undone").withDefaults(uri("undone"));
            ManagedKey imported = KeyImport.run(session, uri, pair.getPrivate(), pair.getPublic(), new SecureRandom());
            imported.undo();
            assertThat(session.keys(uri)).isEmpty();
            assertThat(session.find(PUBLIC_KEY, Der.of(id))).isEmpty();
            assertThat(session.certificates(Der.of(id))).containsExactly(certificate);
        }
    }

    @Test
    void a_key_without_an_id_gets_no_certificate_since_others_without_one_would_pass_for_its_own() {
        try (TokenSession session = open()) {
            ManagedKey made = KeyMaker.generate(session, uri("bare"), KeyAlgorithm.EC_P256);
            TokenObject shown = session.objects().stream()
                    .filter(it -> made.isHandle(it.handle()))
                    .findFirst()
                    .orElseThrow();
            TokenObject bare = new TokenObject(
                    shown.handle(),
                    shown.kind(),
                    shown.label(),
                    Der.of(new byte[0]),
                    shown.detail(),
                    shown.attributes());
            ManagedKey key = new ManagedKey(session, bare, made.knownPublicKey());
            assertThatThrownBy(() -> key.writeCertificate(selfSigned(made, "CN=bare"), true))
                    .isInstanceOf(HsmException.class)
                    .hasMessageContaining("the key bare has no CKA_ID");
            assertThat(session.objects())
                    .filteredOn(it -> it.label().equals("bare"))
                    .extracting(TokenObject::kind)
                    .doesNotContain(TokenObject.Kind.CERTIFICATE);
        }
    }
}
