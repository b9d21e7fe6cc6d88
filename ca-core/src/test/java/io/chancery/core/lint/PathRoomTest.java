package io.chancery.core.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.TestCertificate;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** How many CA certificates may follow below an issuer, by all above it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PathRoomTest {
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private static TestCertificate ca(String name, int pathLength) {
        return TestCertificate.bare(name, "P-256")
                .with(
                        Extension.basicConstraints,
                        pathLength == NO_LIMIT ? new BasicConstraints(true) : new BasicConstraints(pathLength));
    }

    private static X509Certificate ca(String name, String issuer, int pathLength) {
        return TestCertificate.x509(ca(name, pathLength).by(issuer, "P-384"));
    }

    private static int room(X509Certificate issuer, X509Certificate... others) {
        return PathRoom.of(issuer, List.of(others)).certificates();
    }

    @Test
    void an_issuer_with_none_above_it_has_what_it_says_itself() {
        assertThat(room(ca("Issuer", "Root", 3))).isEqualTo(3);
        assertThat(room(ca("Issuer", "Root", NO_LIMIT))).isEqualTo(NO_LIMIT);
        assertThat(room(ca("Issuer", "Root", 3), ca("Stranger", "Stranger", 0))).isEqualTo(3);
    }

    @Test
    void each_ca_above_it_counts_those_between() {
        X509Certificate issuer = ca("Issuer", "Middle", NO_LIMIT);
        X509Certificate root = ca("Root", "Root", 3);
        assertThat(room(issuer, root, ca("Middle", "Root", NO_LIMIT))).isEqualTo(1);
        assertThat(room(issuer, ca("Middle", "Root", 1), root)).isZero();
        assertThat(room(ca("Issuer", "Middle", 0), ca("Middle", "Root", NO_LIMIT), root))
                .isZero();
        assertThat(room(issuer, ca("Middle", "Root", NO_LIMIT), ca("Root", "Root", NO_LIMIT)))
                .isEqualTo(NO_LIMIT);
    }

    @Test
    void its_own_certificate_and_one_that_stands_twice_count_once() {
        X509Certificate issuer = ca("Issuer", "Root", NO_LIMIT);
        X509Certificate root = ca("Root", "Root", 2);
        assertThat(room(issuer, root, issuer, root)).isEqualTo(1);
        assertThat(room(root, root)).isEqualTo(2);
    }

    @Test
    void of_two_that_stand_above_it_the_narrower_is_obeyed() {
        X509Certificate issuer = ca("Issuer", "Root", NO_LIMIT);
        assertThat(room(issuer, ca("Root", "Root", 4), ca("Root", "Older", 2))).isEqualTo(1);
    }

    @Test
    void two_that_have_issued_one_another_end_the_look() {
        assertThat(room(ca("A", "B", NO_LIMIT), ca("B", "A", 5), ca("A", "A", 9)))
                .isEqualTo(4);
    }

    @Test
    void a_root_beside_the_one_that_it_took_the_place_of_costs_nothing() {
        X509Certificate issuer = ca("Issuer", "Root", NO_LIMIT);
        X509Certificate renewed = TestCertificate.x509(ca("Root", 2).serial(8).by("Root", "P-384"));
        assertThat(room(issuer, ca("Root", "Root", 2), renewed)).isEqualTo(1);
    }

    @Test
    void one_of_the_name_but_another_key_does_not_stand_above_it() {
        byte[] key = new byte[] {1, 2, 3};
        X509Certificate issuer = TestCertificate.x509(ca("Issuer", NO_LIMIT)
                .with(Extension.authorityKeyIdentifier, new AuthorityKeyIdentifier(key))
                .by("Root", "P-384"));
        X509Certificate root = TestCertificate.x509(ca("Root", 2)
                .with(Extension.subjectKeyIdentifier, new SubjectKeyIdentifier(key))
                .by("Root", "P-384"));
        X509Certificate other = TestCertificate.x509(ca("Root", 1)
                .with(Extension.subjectKeyIdentifier, new SubjectKeyIdentifier(new byte[] {9}))
                .by("Root", "P-384"));
        assertThat(room(issuer, other, root)).isEqualTo(1);
        assertThat(room(issuer, other)).isEqualTo(NO_LIMIT);
    }

    @Test
    void below_a_root_with_room_for_none_even_the_issuer_is_one_too_many() {
        PathRoom room = PathRoom.of(ca("Issuer", "Root", NO_LIMIT), List.of(ca("Root", "Root", 0)));
        assertThat(room.certificates()).isEqualTo(-1);
        assertThat(room.holds(0)).isFalse();
    }

    @Test
    void a_root_that_says_nothing_of_cas_limits_nothing_and_an_issuer_that_does_has_no_room() {
        X509Certificate silent =
                TestCertificate.x509(TestCertificate.bare("Root", "P-384").by("Root", "P-384"));
        assertThat(room(ca("Issuer", "Root", 2), silent)).isEqualTo(2);
        assertThat(room(silent)).isEqualTo(-1);
    }

    @Test
    void a_certificate_without_a_path_length_fits_only_where_there_is_no_limit() {
        assertThat(new PathRoom(NO_LIMIT).holds(NO_LIMIT)).isTrue();
        assertThat(new PathRoom(5).holds(NO_LIMIT)).isFalse();
        assertThat(new PathRoom(5).holds(4)).isTrue();
        assertThat(new PathRoom(5).holds(5)).isFalse();
    }
}
