package io.chancery.signer.admin;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** The doctor's checks of the key itself, for a token that has taken the PIN. */
public final class KeyChecks {
    private static final Der PROBE =
            Der.of("chancery hsm probe: not a certificate".getBytes(StandardCharsets.US_ASCII));

    private final TokenDoctor.Subject subject;
    private final Findings findings;

    KeyChecks(TokenDoctor.Subject subject, Findings findings) {
        this.subject = subject;
        this.findings = findings;
    }

    void run() {
        findings.begin("key-found");
        try (TokenSession session = TokenSession.open(subject.uri(), subject.pin())) {
            ManagedKey key = session.key(subject.uri());
            findings.ok("key-found", "object=" + key.label() + " id=" + key.idHex());
            findings.begin("key-attributes");
            attributes(key);
            findings.begin("certificate-on-token");
            CertifiedKey found = CertifiedKey.of(key);
            boolean certified = found.checkCertified(findings);
            Optional<PublicKey> expected = expectedKey(found);
            boolean right = expected.map(it -> found.checkMatches(it, findings)).orElse(false);
            if (certified && right) {
                signsAsTheSigner(expected.get());
            } else {
                findings.skip("test-signature", "key and certificate do not fit yet");
            }
        } catch (HsmException e) {
            findings.failed("key-found", e, "correct object= and id= in the URI; chancery hsm list shows the keys");
        }
    }

    private void attributes(ManagedKey key) {
        List<String> weaknesses = key.attributes().weaknesses();
        if (weaknesses.isEmpty()) {
            findings.ok("key-attributes", key.attributes().text());
        } else if (subject.node().isPresent() && !subject.node().get().allowWeakKey()) {
            findings.failed(
                    "key-attributes",
                    key.attributes().text() + "; the CA does not start with it",
                    "make a new key (chancery hsm keygen), or allow this one with kms.allowWeakKey in chancery.json");
        } else {
            findings.warning(
                    "key-attributes",
                    key.attributes().text(),
                    "make a new key (chancery hsm keygen) and go over to it: attributes of this one cannot be mended");
        }
    }

    private Optional<PublicKey> expectedKey(CertifiedKey key) {
        return subject.issuer()
                .or(() -> key.certificates().stream().findFirst())
                .map(X509Certificate::getPublicKey);
    }

    /**
     * Whether a signature that is made in the way of the running signer, through Java's own provider, is this public
     * key's. Blocks; HsmException of any kind.
     *
     * @param pin empty to take the URI's; else that of the URI is not read, and its file need not be there
     */
    public static boolean signsAsTheSigner(
            Pkcs11Uri uri, Optional<Secret> pin, PublicKey expected, SignatureScheme scheme) {
        Der signature =
                TokenKey.open(pin.isPresent() ? uri.withoutPin() : uri, pin).sign(scheme, PROBE.bytes());
        return ManagedKey.verifies(scheme, expected, PROBE, signature);
    }

    private void signsAsTheSigner(PublicKey expected) {
        findings.begin("test-signature");
        try {
            SignatureScheme scheme = subject.scheme().orElseGet(() -> SignatureScheme.defaultFor(expected));
            if (signsAsTheSigner(subject.uri(), subject.pin(), expected, scheme)) {
                findings.ok(
                        "test-signature",
                        scheme.text() + ", made as the signer makes them, and verified with the certificate's key");
            } else {
                findings.failed(
                        "test-signature",
                        "it does not verify with the certificate's key",
                        "the token signed with another key: do not go on");
            }
        } catch (HsmException | IllegalArgumentException e) {
            findings.failed("test-signature", e, "see the reason; the running signer would fail likewise");
        }
    }
}
