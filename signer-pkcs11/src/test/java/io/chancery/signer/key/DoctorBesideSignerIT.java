package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.secret.Secret;
import io.chancery.signer.TestPki;
import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyMaker;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenDoctor;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import io.chancery.testing.Eventually;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor learns of a PIN, the signer of the same node knows, and the other way round. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class DoctorBesideSignerIT {
    private static final Optional<Secret> WRONG = Optional.of(Secret.of("99999999"));
    private static SoftHsmToken token;
    private static Pkcs11Shim shim;
    private static IssuerCertificate issuer;

    @TempDir
    Path folder;

    @BeforeAll
    static void key(SoftHsmToken given, Pkcs11Shim around) throws Exception {
        token = given;
        shim = around;
        Pkcs11Uri uri = Pkcs11Uri.parse(token.uri("issuer"));
        try (TokenSession session = TokenSession.open(uri, uri.pin())) {
            ManagedKey made = KeyMaker.generate(session, uri, KeyAlgorithm.EC_P256);
            issuer = IssuerCertificate.of(TestPki.selfSigned(made.publicKey(), made::sign));
            made.writeCertificate(issuer.certificate(), false);
        }
    }

    private static String uri() {
        return shim.uri(token, "issuer");
    }

    private RefusedPins pins() {
        return RefusedPins.in(folder, new SecureRandom());
    }

    private Finding pinAccepted(Optional<Secret> pin, boolean tryCounted) {
        List<Finding> findings = TokenDoctor.examine(new TokenDoctor.Subject(
                Pkcs11Uri.parse(uri()),
                pin,
                false,
                Optional.of(
                        new TokenDoctor.Trust(List.of(issuer.certificate()), List.of(issuer.certificate()), List.of())),
                Optional.empty(),
                () -> OptionalInt.of(4),
                tryCounted,
                Optional.of(new TokenDoctor.Node(pins(), Optional.empty(), false)),
                TestPki.START));
        return findings.stream()
                .filter(each -> each.check().equals("pin-accepted"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(findings));
    }

    private void signerOpensTheKey() {
        KeySettings settings =
                new KeySettings(uri(), Optional.empty(), Optional.empty(), Optional.empty(), issuer, 1, Admission.ANY);
        SigningKeys.openOnce(settings, PinGate.ofService(pins(), new NoOtherNodes()))
                .close();
    }

    @Test
    void a_signer_goes_on_with_the_right_pin_after_the_doctor_has_tried_a_wrong_one() throws Exception {
        int logins = shim.logins().size();
        assertThat(pinAccepted(WRONG, true).status()).isEqualTo(Finding.Status.FAILED);
        assertThat(shim.logins()).as("logins").hasSize(logins + 1);
        signerOpensTheKey();
        assertThat(pins().knows(identity())).as("forgotten with the right one").isFalse();
    }

    @Test
    void a_pin_that_the_signer_was_refused_is_tried_by_the_doctor_only_when_told_to() throws Exception {
        String unused = pins().add(identity(), WRONG);
        int logins = shim.logins().size();
        Finding finding = pinAccepted(WRONG, false);
        assertThat(finding.status()).isEqualTo(Finding.Status.FAILED);
        assertThat(finding.found()).contains("refused this PIN before");
        assertThat(finding.todo()).contains("--try-pin");
        assertThat(shim.logins()).as("logins").hasSize(logins);
        assertThat(pinAccepted(WRONG, true).found()).contains("CKR_PIN_INCORRECT");
        assertThat(shim.logins()).as("logins").hasSize(logins + 1);
        assertThat(pinAccepted(Pkcs11Uri.parse(uri()).pin(), true).status()).isEqualTo(Finding.Status.OK);
        assertThat(pins().contains(identity(), WRONG))
                .as("the signer may still have it")
                .isTrue();
        signerOpensTheKey();
        assertThat(pins().knows(identity())).as("forgotten with the right one").isFalse();
    }

    @Test
    void a_pin_that_the_signer_tries_meanwhile_is_not_tried_by_the_doctor_as_well() throws Exception {
        int logins = shim.logins().size();
        AtomicReference<Finding> finding = new AtomicReference<>();
        Thread doctor = new Thread(() -> finding.set(pinAccepted(WRONG, false)), "a test's doctor");
        NodeTurn ofSigner = pins().turn(identity(), Duration.ofSeconds(5));
        doctor.start();
        // It examines on a thread of its own.
        Eventually.holds(
                "the doctor waits for its turn",
                () -> Thread.getAllStackTraces().entrySet().stream()
                        .filter(each -> each.getKey().getName().equals("doctor"))
                        .flatMap(each -> Stream.of(each.getValue()))
                        .anyMatch(frame -> frame.getClassName().equals(NodeTurn.class.getName())));
        String unused = pins().add(identity(), WRONG);
        ofSigner.close();
        doctor.join();
        assertThat(finding.get().found()).contains("refused this PIN before");
        assertThat(shim.logins()).as("logins").hasSize(logins);
    }

    @Test
    void where_it_cannot_be_known_which_pins_were_refused_none_is_tried() throws Exception {
        boolean unused = folder.resolve("refused-pins").toFile().mkdir();
        int logins = shim.logins().size();
        assertThat(pinAccepted(WRONG, true).found()).contains("cannot be read");
        assertThat(shim.logins()).as("logins").hasSize(logins);
        assertThatThrownBy(this::signerOpensTheKey).hasMessageContaining("cannot be read");
    }

    private static String identity() {
        return HsmModule.open(shim.modulePath().toString())
                .token(Pkcs11Uri.parse(uri()))
                .slot()
                .identity();
    }
}
