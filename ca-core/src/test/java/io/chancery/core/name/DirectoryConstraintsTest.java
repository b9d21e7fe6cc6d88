package io.chancery.core.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCertificate;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Name constraints, held against subjects and against names of rare kinds. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DirectoryConstraintsTest {
    private static final X500Name NOBODY = new X500Name(new RDN[0]);

    private static X509Certificate ca(List<GeneralName> permitted, List<GeneralName> excluded) {
        return TestCertificate.x509(TestCertificate.ca("Upper", "P-521")
                .with(
                        Extension.nameConstraints,
                        new org.bouncycastle.asn1.x509.NameConstraints(subtrees(permitted), subtrees(excluded)))
                .byTestCa());
    }

    private static GeneralSubtree @Nullable [] subtrees(List<GeneralName> names) {
        return names.isEmpty() ? null : names.stream().map(GeneralSubtree::new).toArray(GeneralSubtree[]::new);
    }

    private static GeneralName directory(String name) {
        return new GeneralName(new X500Name(name));
    }

    private static NameConstraints permitting(GeneralName... names) {
        return NameConstraints.of(List.of(ca(List.of(names), List.of())));
    }

    private static NameConstraints excluding(GeneralName... names) {
        return NameConstraints.of(List.of(ca(List.of(), List.of(names))));
    }

    private static CertificateNames subject(String name) {
        return new CertificateNames(new X500Name(name), List.of(), List.of());
    }

    /** As {@link CertificateNames#of} reads them of an extension. */
    private static CertificateNames alternatives(GeneralName... names) throws Exception {
        Extension extension =
                new Extension(Extension.subjectAlternativeName, true, new GeneralNames(names).getEncoded("DER"));
        return CertificateNames.of(NOBODY, List.of(), List.of(extension));
    }

    private static void refused(String named, NameConstraints constraints, CertificateNames names) {
        assertThatThrownBy(() -> constraints.check(names)).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(e.publicDetail())
                    .isEqualTo("the name \"" + named + "\" is outside the name constraints of this CA");
        });
    }

    private static void passes(NameConstraints constraints, CertificateNames names) {
        assertThatCode(() -> constraints.check(names)).doesNotThrowAnyException();
    }

    @ParameterizedTest(name = "{0} within {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "C=DE,O=Acme,CN=x | C=DE,O=Acme | true",
                "C=DE,O=Acme | C=DE,O=Acme | true",
                "C=DE,O=ACME,CN=x | C=de,O=  acme | true",
                "C=DE,O=Acme Inc,CN=x | C=DE,O=Acme   Inc | true",
                "C=DE,O=Acme Two,CN=x | C=DE,O=Acme | false",
                "C=DE | C=DE,O=Acme | false",
                "O=Acme,C=DE,CN=x | C=DE,O=Acme | false",
                "CN=x,C=DE,O=Acme | C=DE,O=Acme | false",
                "C=FR,O=Acme | C=DE,O=Acme | false",
                "C=DE,OU=Acme | C=DE,O=Acme | false",
                "C=DE+O=Acme,CN=x | C=DE+O=Acme | true",
                "C=DE+O=Acme,CN=x | C=DE | false"
            })
    void a_subject_is_within_a_name_that_it_begins_with(String name, String subtree, boolean within) {
        if (within) {
            passes(permitting(directory(subtree)), subject(name));
            refused(new X500Name(name).toString(), excluding(directory(subtree)), subject(name));
        } else {
            refused(new X500Name(name).toString(), permitting(directory(subtree)), subject(name));
            passes(excluding(directory(subtree)), subject(name));
        }
    }

    @Test
    void the_type_of_a_text_is_none_of_its_meaning() {
        X500Name utf8 = new X500Name(new RDN[] {new RDN(BCStyle.O, new DERUTF8String("Acme"))});
        X500Name printable = new X500Name(new RDN[] {new RDN(BCStyle.O, new DERPrintableString("acme"))});
        passes(permitting(new GeneralName(utf8)), new CertificateNames(printable, List.of(), List.of()));
    }

    @Test
    void of_several_permitted_ones_one_is_enough_and_each_ca_has_its_say() {
        passes(permitting(directory("O=Other"), directory("O=Acme")), subject("O=Acme,CN=x"));
        X509Certificate upper = ca(List.of(directory("O=Acme")), List.of());
        X509Certificate lower = ca(List.of(directory("O=Acme,OU=Shop")), List.of());
        NameConstraints both = NameConstraints.of(List.of(upper, lower));
        passes(both, subject("O=Acme,OU=Shop,CN=x"));
        refused("O=Acme,CN=x", both, subject("O=Acme,CN=x"));
    }

    @Test
    void a_certificate_without_a_subject_has_none_to_compare() {
        passes(permitting(directory("O=Acme")), new CertificateNames(NOBODY, List.of(), List.of()));
        assertThat(permitting(directory("O=Acme")).allow(NOBODY)).isTrue();
        assertThat(permitting(directory("O=Acme")).allow(new X500Name("CN=x"))).isFalse();
    }

    @Test
    void a_directory_name_among_the_alternative_ones_is_held_against_them_too() throws Exception {
        NameConstraints acme = permitting(directory("O=Acme"));
        passes(acme, alternatives(directory("O=Acme,CN=x")));
        refused("O=Other", acme, alternatives(directory("O=Acme,CN=x"), directory("O=Other")));
    }

    @Test
    void a_mailbox_in_the_subject_is_held_against_constraints_of_mailboxes() {
        NameConstraints hosts = permitting(new GeneralName(GeneralName.rfc822Name, "a.example"));
        passes(hosts, subject("CN=x,E=me@a.example"));
        refused("me@b.example", hosts, subject("CN=x,E=me@b.example"));
        refused("a.example", hosts, subject("CN=x,E=a.example"));
        refused(
                "me@b.example",
                excluding(new GeneralName(GeneralName.rfc822Name, "b.example")),
                subject("E=me@b.example"));
        CertificateNames besides = new CertificateNames(
                new X500Name("E=me@b.example"), List.of(SubjectAltName.guess("me@a.example")), List.of());
        refused("me@b.example", hosts, besides);
    }

    private static GeneralName otherName(String type, String value) {
        return new GeneralName(GeneralName.otherName, new DERSequence(new ASN1Encodable[] {
            new ASN1ObjectIdentifier(type), new DERTaggedObject(true, 0, new DERUTF8String(value))
        }));
    }

    @Test
    void a_name_of_a_kind_that_nobody_compares_is_refused_where_that_kind_is_constrained() throws Exception {
        GeneralName principal = otherName("1.3.6.1.4.1.311.20.2.3", "me@a.example");
        GeneralName registered = new GeneralName(GeneralName.registeredID, "1.2.3.4");
        for (NameConstraints each : List.of(permitting(principal), excluding(principal))) {
            refused("otherName 1.3.6.1.4.1.311.20.2.3", each, alternatives(principal));
            passes(each, alternatives(otherName("1.3.6.1.5.5.7.8.3", "id"), registered));
        }
        refused(
                "registeredID 1.2.3.4",
                excluding(new GeneralName(GeneralName.registeredID, "1.2")),
                alternatives(registered));
        passes(permitting(directory("O=Acme")), alternatives(principal, registered));
    }

    @Test
    void an_other_name_of_nothing_at_all_is_of_no_kind() throws Exception {
        GeneralName nothing = new GeneralName(GeneralName.otherName, new DERSequence());
        passes(permitting(otherName("1.2.3", "x")), alternatives(nothing));
        refused("otherName ", permitting(nothing), alternatives(nothing));
    }

    @Test
    void constraints_of_directory_names_say_nothing_of_hosts() {
        CertificateNames host = new CertificateNames(NOBODY, List.of(SubjectAltName.guess("a.example")), List.of());
        Stream.of(permitting(directory("O=Acme")), excluding(directory("O=Acme")))
                .forEach(each -> passes(each, host));
    }
}
