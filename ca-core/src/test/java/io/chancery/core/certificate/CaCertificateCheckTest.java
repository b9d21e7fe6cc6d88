package io.chancery.core.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.der.Der;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CaCertificateCheckTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2036-01-01T00:00:00Z");
    private static final BigInteger SERIAL = BigInteger.ONE.shiftLeft(100);
    private static KeyPair key;
    private static KeyPair below;
    private static X509Certificate root;

    @BeforeAll
    static void root() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        key = generator.generateKeyPair();
        below = generator.generateKeyPair();
        CaTemplate template = template("CN=Root", CaIssuer.itself(CaNames.subject("CN=Root"), key.getPublic()), 1);
        Der tbs = template.tbs();
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key.getPrivate());
        signature.update(tbs.bytes());
        root = template.certificate(tbs, Der.of(signature.sign()));
    }

    private static CaTemplate template(String subject, CaIssuer issuer, int pathLength) {
        return template(subject, issuer, SERIAL, BEGIN, END, OptionalInt.of(pathLength));
    }

    private static CaTemplate template(
            String subject, CaIssuer issuer, BigInteger serial, Instant begin, Instant end, OptionalInt pathLength) {
        return new CaTemplate(
                CaNames.subject(subject),
                (subject.equals("CN=Root") ? key : below).getPublic(),
                issuer,
                serial,
                begin,
                end,
                pathLength,
                Optional.empty());
    }

    private static List<String> below(CaTemplate template) throws Exception {
        return CaCertificateCheck.problems(template.tbs(), Optional.of(root));
    }

    @Test
    void a_root_and_an_intermediate_as_they_should_be_have_no_problem() throws Exception {
        CaTemplate own = template("CN=Root", CaIssuer.itself(CaNames.subject("CN=Root"), key.getPublic()), 1);
        assertThat(CaCertificateCheck.problems(own.tbs(), Optional.empty())).isEmpty();
        assertThat(below(template("CN=Below", CaIssuer.of(root), 0))).isEmpty();
    }

    @Test
    void each_broken_rule_is_named() throws Exception {
        CaIssuer issuer = CaIssuer.of(root);
        assertThat(below(template("CN=Below", issuer, 1)))
                .singleElement()
                .asString()
                .contains("allows 1 CA certificate(s)");
        assertThat(below(template("CN=Below", issuer, SERIAL, BEGIN, END, OptionalInt.empty())))
                .singleElement()
                .asString()
                .contains("any number");
        assertThat(below(template("CN=Below", issuer, SERIAL, BEGIN, END.plusSeconds(1), OptionalInt.of(0))))
                .singleElement()
                .asString()
                .contains("valid when its issuer is not");
        assertThat(below(template("CN=Below", issuer, BigInteger.ZERO, BEGIN, END, OptionalInt.of(0))))
                .hasSize(2)
                .allMatch(it -> it.contains("serialNumber"));
        assertThat(below(template("CN=Below", issuer, BigInteger.ONE.shiftLeft(160), BEGIN, END, OptionalInt.of(0))))
                .singleElement()
                .asString()
                .contains("20 octets");
        assertThat(below(template("CN=Below", issuer, SERIAL, BEGIN, BEGIN, OptionalInt.of(0))))
                .singleElement()
                .asString()
                .contains("rule validity-order");
        CaIssuer other =
                new CaIssuer(CaNames.subject("CN=Other"), key.getPublic(), issuer.keyIdentifier(), issuer.scheme());
        assertThat(below(template("CN=Below", other, 0)))
                .singleElement()
                .asString()
                .contains("4.1.2.4");
        CaIssuer otherKey = new CaIssuer(issuer.name(), key.getPublic(), Der.of(new byte[20]), issuer.scheme());
        assertThat(below(template("CN=Below", otherKey, 0)))
                .singleElement()
                .asString()
                .contains("4.2.1.1");
        assertThat(CaCertificateCheck.problems(template("CN=Below", issuer, 0).tbs(), Optional.empty()))
                .hasSize(2)
                .anyMatch(it -> it.contains("a root's issuer"))
                .anyMatch(it -> it.contains("authority-key"));
    }

    @Test
    void what_would_pass_for_its_own_issuer_is_refused() throws Exception {
        assertThat(below(template("CN=Root", CaIssuer.of(root), 0)))
                .hasSize(2)
                .anyMatch(it -> it.contains("its subject is its issuer"))
                .anyMatch(it -> it.contains("its issuer's own key"));
    }

    @Test
    void what_is_no_certificate_is_said_to_be_none() {
        assertThat(CaCertificateCheck.problems(Der.of(new byte[] {1, 2, 3}), Optional.empty()))
                .singleElement()
                .asString()
                .contains("no TBSCertificate");
    }

    @Test
    void names_are_read_as_people_write_them_and_slips_are_named() {
        assertThat(CaNames.subject("CN=A,O=B").getRDNs()).hasSize(2);
        assertThat(CaNames.subject("Plain Name").toString()).isEqualTo("CN=Plain Name");
        NameConstraints constraints = CaNames.constraints(
                        List.of("dns:example.com", "ip:10.0.0.0/8"), List.of("email:example.org"))
                .orElseThrow();
        assertThat(constraints.getPermittedSubtrees()).hasSize(2);
        assertThat(constraints.getExcludedSubtrees()).hasSize(1);
        assertThat(CaNames.constraints(List.of(), List.of())).isEmpty();
        assertThat(CaNames.constraints(
                        List.of("dns:.example.com", "uri:.example.com", "email:jo.e@example.com", "email:.example.com"),
                        List.of()))
                .isPresent();
        for (String wrong : List.of(
                "example.com",
                "dns:",
                "dns:*.example.com",
                "dns:example.com.",
                "dns:a..b",
                "dns:exa mple.com",
                "dns:-a.com",
                "uri:https://example.com",
                "uri:example.com/",
                "email:@example.com",
                "email:a@b@c.com",
                "ip:10.0.0.1",
                "ip:10.0.0.1/8",
                "host:x")) {
            assertThatThrownBy(() -> CaNames.constraints(List.of(wrong), List.of()))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (String wrong : List.of("", "nonsense=x", "=x")) {
            assertThatThrownBy(() -> CaNames.subject(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
