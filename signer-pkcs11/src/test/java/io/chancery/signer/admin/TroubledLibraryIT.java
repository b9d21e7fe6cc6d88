package io.chancery.signer.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.secret.Secret;
import io.chancery.signer.TestPki;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A library that errs in one thing, or hangs. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
@Timeout(60)
class TroubledLibraryIT {
    private static final long NO_SLOT = 999_999_999;
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final long CKR_DEVICE_ERROR = 0x30;
    private static final long CKR_MECHANISM_INVALID = 0x70;

    private SoftHsmToken token;
    private Pkcs11Shim shim;

    @BeforeEach
    void given(SoftHsmToken itsToken, Pkcs11Shim around) {
        token = itsToken;
        shim = around;
    }

    private Pkcs11Uri uri(String object) {
        return Pkcs11Uri.parse(shim.uri(token, object));
    }

    private HsmModule module() {
        return HsmModule.open(shim.modulePath().toString());
    }

    private static void assertIsLost(ThrowingCallable look) {
        assertThatThrownBy(look)
                .isInstanceOfSatisfying(
                        HsmException.class, e -> assertThat(e.kind()).isEqualTo(HsmException.Kind.LOST))
                .hasMessageContaining("CKR_DEVICE_ERROR");
    }

    @Test
    void a_slot_that_errs_hides_no_other_and_is_told_of_when_it_has_the_only_token() throws Exception {
        Pkcs11Uri uri = uri("any");
        HsmLibrary library = HsmLibrary.of(uri);
        long good = module().token(uri).slot().id();
        long free = module().slots().stream()
                .map(HsmModule.Slot::id)
                .filter(id -> id != good)
                .findFirst()
                .orElseThrow();
        shim.badSlot(free);
        assertThat(module().token(uri).slot().id()).isEqualTo(good);
        assertThat(library.slot(uri, LIMIT).id()).isEqualTo(good);
        assertThat(module().slots())
                .filteredOn(slot -> slot.failure().isPresent())
                .extracting(HsmModule.Slot::id)
                .containsExactly(free);
        assertIsLost(() -> module().initToken("another", Secret.of("so-pin-1"), Secret.of("1234-first")));

        shim.badSlot(good);
        assertIsLost(() -> module().token(uri));
        assertIsLost(() -> library.slot(uri, LIMIT));

        // Nor is it hidden by another token that is well and that the URI does not mean.
        shim.badSlot(NO_SLOT);
        TokenState unused = module().initToken("another", Secret.of("so-pin-1"), Secret.of("1234-first"));
        shim.badSlot(good);
        assertIsLost(() -> module().token(uri));
        assertIsLost(() -> library.slot(uri, LIMIT));
    }

    @Test
    void a_PIN_of_no_characters_is_never_given_to_the_token() throws Exception {
        Optional<Secret> empty = Optional.of(Secret.of(""));
        Pkcs11Uri bare = uri("any").withoutPin();
        for (ThrowingCallable login : List.<ThrowingCallable>of(
                () -> TokenSession.open(bare, empty).close(), () -> TokenKey.open(bare, empty))) {
            assertThatThrownBy(login)
                    .hasMessageContaining("is empty, and was not tried")
                    .isInstanceOfSatisfying(
                            HsmException.class, e -> assertThat(e.kind()).isEqualTo(HsmException.Kind.MISCONFIGURED));
        }
        assertThat(shim.logins()).isEmpty();
    }

    @Test
    void what_is_left_of_an_import_keeps_no_key_on_the_token_that_nobody_knows() throws Exception {
        KeyPair outside = TestPki.ec("secp256r1");
        Pkcs11Uri uri = uri("imported");
        try (TokenSession session = TokenSession.open(uri, uri.pin())) {
            shim.fail("C_DestroyObject", CKR_DEVICE_ERROR);
            ManagedKey imported =
                    KeyImport.run(session, uri, outside.getPrivate(), outside.getPublic(), new SecureRandom());
            assertThat(imported.label()).isEqualTo("imported");
            assertThat(session.keys(uri)).hasSize(1);
        }
    }

    private List<Finding> doctor(Duration limit) {
        return TokenDoctor.examine(
                new TokenDoctor.Subject(
                        uri("any"),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        OptionalInt::empty,
                        false,
                        Optional.empty(),
                        TestPki.START),
                limit);
    }

    @Test
    void the_doctor_does_not_wait_for_a_library_that_hangs_and_tells_what_it_has_found_so_far() throws Exception {
        assertThat(module().slots()).isNotEmpty();
        shim.hang("C_GetMechanismList");
        List<Finding> findings = doctor(Duration.ofSeconds(2));
        assertThat(findings)
                .extracting(finding -> finding.status() + " " + finding.check())
                .startsWith("OK library-loads", "OK token-found")
                .endsWith("FAILED mechanism-ecdsa");
        assertThat(findings.get(findings.size() - 1).found()).isEqualTo("the library gave no answer within 2 s");
        shim.hangAll();
        assertThat(doctor(Duration.ofSeconds(1)))
                .extracting(finding -> finding.status() + " " + finding.check())
                .containsExactly("FAILED library-loads");
    }

    @Test
    void what_the_doctor_has_found_is_told_where_the_token_does_not_tell_its_mechanisms() throws Exception {
        shim.fail("C_GetMechanismList", CKR_DEVICE_ERROR);
        List<Finding> findings = doctor(Duration.ofSeconds(20));
        assertThat(findings)
                .extracting(finding -> finding.status() + " " + finding.check())
                .contains(
                        "OK library-loads",
                        "OK token-found",
                        "FAILED mechanism-ecdsa",
                        "SKIPPED session-limit",
                        "SKIPPED key-found");
    }

    @Test
    void a_mechanism_that_is_listed_and_then_not_known_is_one_that_the_token_does_not_have() throws Exception {
        long slot = module().token(uri("any")).slot().id();
        assertThat(module().mechanisms(slot)).isNotEmpty();
        shim.fail("C_GetMechanismInfo", CKR_MECHANISM_INVALID);
        assertThat(module().mechanisms(slot)).isEmpty();
    }

    @Test
    void a_token_whose_making_broke_off_before_its_PIN_is_completed_by_the_same_command() throws Exception {
        Secret officer = Secret.of("so-pin-1");
        Secret pin = Secret.of("1234-first");
        shim.fail("C_InitPIN", CKR_DEVICE_ERROR);
        assertIsLost(() -> module().initToken("half", officer, pin));
        shim.well();
        Pkcs11Uri half = Pkcs11Uri.parse("pkcs11:module-path=" + shim.modulePath() + ";token=half");
        TokenState left = module().token(half);
        assertThat(left.pin()).isEqualTo(TokenState.Pin.NOT_SET);
        assertThatThrownBy(() -> module().initToken("half", Secret.of("another"), pin))
                .hasMessageContaining("CKR_PIN_INCORRECT");
        TokenState made = module().initToken("half", officer, pin);
        assertThat(made.pin()).isEqualTo(TokenState.Pin.FINE);
        assertThat(made.slot().identity())
                .as("the same token")
                .isEqualTo(left.slot().identity());
        assertThatThrownBy(() -> module().initToken("half", officer, pin))
                .hasMessageContaining("there is a token half already");
    }
}
