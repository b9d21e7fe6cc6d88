package io.chancery.core.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.GoFixtures;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName.Kind;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SubjectAltNameTest {
    private static final Set<String> HOSTS_NOT_ASCII =
            Set.of("https://%C3%BC.example/%C3%BC", "x://h%C3%BC/", "x://[::1%25a%20b]/");

    static Stream<Arguments> typed_by_Go() {
        List<List<?>> lines = GoFixtures.lines("sans.txt");
        assertThat(lines).hasSizeGreaterThan(180);
        return lines.stream().map(l -> Arguments.of(l.get(0), l.get(1), l.get(2)));
    }

    @ParameterizedTest
    @MethodSource("typed_by_Go")
    void a_name_has_the_kind_and_the_text_that_Go_gives_it(String text, String kind, String kept) {
        assertThat(SubjectAltName.guess(text)).isEqualTo(new SubjectAltName(Kind.valueOf(kind), kept));
    }

    @ParameterizedTest
    @MethodSource("typed_by_Go")
    void a_name_that_certificates_can_hold_is_read_back_from_one_as_it_was(String text, String kind, String kept) {
        SubjectAltName name = SubjectAltName.guess(text);
        if (name.text().chars().anyMatch(c -> c > 0x7f || c == 0) || HOSTS_NOT_ASCII.contains(name.text())) {
            assertThatThrownBy(name::generalName)
                    .isInstanceOfSatisfying(
                            CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED));
        } else {
            assertThat(SubjectAltName.ofGeneralName(name.generalName())).contains(name);
        }
    }

    @ParameterizedTest
    @MethodSource("typed_by_Go")
    void a_name_once_typed_keeps_its_kind_and_text(String text, String kind, String kept) {
        assertThat(SubjectAltName.guess(kept)).isEqualTo(SubjectAltName.guess(text));
    }

    @Test
    void an_IPv4_mapped_address_is_certified_as_four_octets() {
        GeneralName name = SubjectAltName.guess("::ffff:1.2.3.4").generalName();
        assertThat(ASN1OctetString.getInstance(name.getName()).getOctets()).containsExactly(1, 2, 3, 4);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5, 8, 15, 17})
    void an_address_that_has_not_4_or_16_octets_is_refused(int octets) {
        GeneralName name = new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[octets]));
        assertThatThrownBy(() -> SubjectAltName.ofGeneralName(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/relative", "http://a/%zz", "1a:b", ""})
    void a_URI_that_Go_does_not_read_is_refused(String text) {
        GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String(text));
        assertThatThrownBy(() -> SubjectAltName.ofGeneralName(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://%C3%BC.example/x",
                "https://a.example./x",
                "https://a..b/",
                "https://.a/",
                "https://user@./",
                "spiffe://a..b",
                "x://[::1%25a%20b]/"
            })
    void a_URI_whose_host_has_an_empty_label_or_is_not_ASCII_is_refused(String text) {
        SubjectAltName name = SubjectAltName.guess(text);
        assertThat(name).isEqualTo(new SubjectAltName(Kind.URI, text));
        assertThatThrownBy(name::generalName).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
            assertThat(e.publicDetail())
                    .isEqualTo("the host of the name \"" + text
                            + "\" has an empty label, or a character that certificates cannot hold");
        });
        GeneralName asked = new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String(text));
        assertThatThrownBy(() -> SubjectAltName.ofGeneralName(asked)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://10.1.2.3:8443/x",
                "https://[2001:db8::1]:8443/x",
                "https://[::ffff:10.1.2.3]/",
                "https://[fe80::1%25eth0]/",
                "spiffe:///x",
                "https://:443/",
                "https://a_b!.example/",
                "https://a.example/../..",
                "urn:a..b.",
                "mailto:me@a.example."
            })
    void a_URI_of_an_address_or_with_no_host_at_all_is_certified(String text) {
        SubjectAltName name = SubjectAltName.guess(text);
        assertThat(name.kind()).isEqualTo(Kind.URI);
        assertThat(SubjectAltName.ofGeneralName(name.generalName())).contains(name);
    }

    @Test
    void kinds_that_step_does_not_compare_are_passed_over() {
        assertThat(SubjectAltName.ofGeneralName(new GeneralName(new X500Name("CN=x"))))
                .isEmpty();
        assertThat(SubjectAltName.ofGeneralName(new GeneralName(GeneralName.registeredID, "1.2.3")))
                .isEmpty();
    }

    @Test
    void certificates_hold_DNS_then_email_then_IP_then_URI() {
        assertThat(Kind.values()).containsExactly(Kind.DNS, Kind.EMAIL, Kind.IP, Kind.URI);
    }
}
