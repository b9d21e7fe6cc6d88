package io.chancery.signer.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.signer.TestPki;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.hsm.HsmLibrary;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.softhsm.Pkcs11Shim;
import io.chancery.softhsm.SoftHsmExtension;
import io.chancery.softhsm.SoftHsmToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The keys of two issuers, one of which is asked, on a library that has to be started again for both. */
@ExtendWith(SoftHsmExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class TwoKeysOfOneLibraryIT {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    private Pkcs11Shim shim;
    private SoftHsmToken token;
    private IssuerCertificate issuer;
    private SigningKey asked;
    private SigningKey idle;

    @BeforeEach
    void open(SoftHsmToken given, Pkcs11Shim around) throws Exception {
        token = given;
        shim = around;
        String name = "k" + System.nanoTime();
        issuer = TokenFixture.issuer(token, name, KeyAlgorithm.EC_P256);
        asked = keep(name, issuer);
        idle = keep(name + "-idle", TokenFixture.issuer(token, name + "-idle", KeyAlgorithm.EC_P256));
    }

    @AfterEach
    void end() throws Exception {
        asked.close();
        idle.close();
    }

    private SigningKey keep(String label, IssuerCertificate of) {
        return SigningKeys.keep(
                new KeySettings(shim.uri(token, label), Optional.empty(), Optional.empty(), Optional.empty(), of, 2),
                new KeyNeighbours(folder, new SecureRandom(), new NoOtherNodes(), () -> {}));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            boolean unused = new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
        }
    }

    private void signs(SigningKey key, IssuerCertificate of) throws Exception {
        Der signature = key.sign(key.scheme(), SigningKeyContract.TBS, Duration.ofSeconds(10));
        assertThat(TestPki.verifies(of, SigningKeyContract.TBS, signature)).isTrue();
    }

    /** SoftHSM goes on signing with the idle one, and does not show the token to who looks for it until it is started again. */
    @Test
    void the_one_that_is_asked_comes_back_although_nobody_asks_the_other() throws Exception {
        Path elsewhere = token.tokens().resolveSibling("elsewhere");
        Path moved = Files.move(token.tokens(), elsewhere);
        await(() -> {
            try {
                Der unused = asked.sign(asked.scheme(), SigningKeyContract.TBS, Duration.ofMillis(10));
            } catch (SigningKeyException e) {
                // So it feels its loss.
            }
            return asked.status().losses() > 0;
        });
        deleteTree(token.tokens());
        Path back = Files.move(moved, token.tokens());
        await(() -> asked.status().canSign() && idle.status().canSign());
        signs(asked, issuer);
        assertThat(back).exists();
        assertThat(idle.status().losses()).as("times that it was interrupted").isLessThanOrEqualTo(1);
    }

    /** SoftHSM may have made an empty folder meanwhile. */
    private static void deleteTree(Path tree) throws Exception {
        if (Files.exists(tree)) {
            try (Stream<Path> files = Files.walk(tree)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    boolean unused = Files.deleteIfExists(file);
                }
            }
        }
    }

    @Test
    void a_start_of_the_library_under_keys_that_are_well_is_refused_or_brings_both_back() throws Exception {
        HsmLibrary library = HsmLibrary.of(Pkcs11Uri.parse(shim.uri(token, "any")));
        assertThat(library.restart(false, LIMIT)).isFalse();
        assertThat(asked.status().losses()).isZero();
        assertThat(library.restart(true, LIMIT)).isTrue();
        await(() -> asked.status().recoveries() == 1 && idle.status().recoveries() == 1);
        signs(asked, issuer);
    }
}
