package io.chancery.core.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.GoFixtures;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NameConstraintsTest {
    static Stream<Arguments> verified_by_Go() {
        List<Map<String, Object>> cases = GoFixtures.objects("name-constraints.json");
        assertThat(cases).hasSizeGreaterThan(20);
        return cases.stream()
                .flatMap(c -> Stream.concat(
                        GoFixtures.strings(c, "Allowed").stream().map(n -> Arguments.of(c.get("Name"), n, true, c)),
                        GoFixtures.strings(c, "Refused").stream().map(n -> Arguments.of(c.get("Name"), n, false, c))));
    }

    /** Go takes a host for its subdomains too; RFC 5280 s. 4.2.1.10 does not, so other verifiers would refuse these. */
    private static final Set<String> STRICTER_HERE =
            Set.of("permitted e-mail of a host: u@b.a.example", "permitted URI of a host: https://b.a.example/x");

    @ParameterizedTest(name = "{0}: {1} {2}")
    @MethodSource("verified_by_Go")
    void a_name_passes_when_Go_would_verify_a_certificate_with_it(
            String constraint, String name, boolean allowed, Map<String, Object> of) throws CertificateException {
        NameConstraints constraints = NameConstraints.of(chain(of));
        if (allowed && !STRICTER_HERE.contains(constraint + ": " + name)) {
            assertThatCode(() -> constraints.check(List.of(SubjectAltName.guess(name))))
                    .doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> constraints.check(List.of(SubjectAltName.guess(name))))
                    .isInstanceOfSatisfying(CaException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
                        assertThat(e.publicDetail()).contains('"' + name + '"');
                    });
        }
    }

    @Test
    void the_first_name_outside_is_named() throws CertificateException {
        Map<String, Object> permitted =
                GoFixtures.objects("name-constraints.json").get(0);
        List<SubjectAltName> names = Stream.of("a.example", "b.example", "c.example")
                .map(SubjectAltName::guess)
                .toList();
        assertThatThrownBy(() -> NameConstraints.of(chain(permitted)).check(names))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.publicDetail()).contains("\"b.example\""));
    }

    private static List<X509Certificate> chain(Map<String, Object> of) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        java.util.ArrayList<X509Certificate> chain = new java.util.ArrayList<>();
        for (String each : GoFixtures.strings(of, "Chain")) {
            chain.add((X509Certificate) factory.generateCertificate(
                    new ByteArrayInputStream(Base64.getDecoder().decode(each))));
        }
        return chain;
    }
}
