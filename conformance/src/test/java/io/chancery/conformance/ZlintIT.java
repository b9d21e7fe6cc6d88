package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.ServerCertificateProfile;
import io.chancery.core.crl.CrlEntries;
import io.chancery.core.crl.PreparedCrl;
import io.chancery.core.crl.SignedCrl;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.lint.Lint;
import io.chancery.core.lint.SigningCertificate;
import io.chancery.core.name.NameConstraints;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.x509.Certificate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Chancery makes, in every shape, before a judge that is not ours. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ZlintIT {
    private static final List<String> ISSUERS =
            List.of("P-256", "P-384", "RSA-2048", "RSA-2048" + ShapeAuthority.PSS, "Ed25519");

    /** Names that are as the standards have them. */
    private static final Map<String, List<String>> NAMES = names();

    /** Names that step-ca signs, and so does Chancery, though the standards do not allow them. */
    private static final List<List<String>> ODD_NAMES = List.of(
            List.of("a_b.example.com"),
            List.of("a b.example.com"),
            List.of("a..example.com"),
            List.of(".example.com"),
            List.of("*"),
            List.of("f*.example.com"),
            List.of("x".repeat(64) + ".example.com"),
            List.of("me@"),
            List.of("Me <me@example.com>"),
            List.of("http://"),
            List.of("https://a b/"),
            List.of("a.example.com", "a.example.com"));

    private static final String ANY_NAME = "step-ca signs nearly any text as a name";

    /** What zlint says of certificates as step-ca signs them too, and why that stands. */
    private static final Map<String, String> EXCEPTIONS = Map.ofEntries(
            Map.entry("e_ecdsa_allowed_ku", "a rekeyed certificate keeps its usages, a template writes what it likes"),
            Map.entry("e_rsa_allowed_ku_ee", "a template writes what usages it likes"),
            Map.entry("e_subject_common_name_max_length", "step-ca signs common names of any length"),
            Map.entry("e_ext_san_rfc822_format_invalid", ANY_NAME),
            Map.entry("e_ext_san_uri_format_invalid", ANY_NAME),
            Map.entry("e_ext_san_uri_host_not_fqdn_or_ip", ANY_NAME),
            Map.entry("e_rfc_dnsname_empty_label", ANY_NAME),
            Map.entry("e_rfc_dnsname_label_too_long", ANY_NAME),
            Map.entry("e_san_bare_wildcard", ANY_NAME),
            Map.entry("e_san_dns_name_starts_with_period", ANY_NAME),
            Map.entry("e_san_wildcard_not_first", ANY_NAME));

    private static final ShapeKeys KEYS = new ShapeKeys();

    @TempDir
    private static Path folder;

    private static final Map<String, ShapeAuthority> AUTHORITIES = new LinkedHashMap<>();

    private static Map<String, List<String>> names() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        names.put("one", List.of("host.example.com"));
        names.put("bare", List.of("localhost"));
        names.put("several", List.of("a.example.com", "b.example.com", "c.internal"));
        names.put("capitals", List.of("Host.Example.Com"));
        names.put("wildcard", List.of("*.example.com"));
        names.put("punycode", List.of("xn--bcher-kva.example"));
        names.put(
                "many",
                IntStream.range(0, 100).mapToObj(i -> "n" + i + ".example.com").toList());
        names.put("longest", List.of(("x".repeat(63) + ".").repeat(3) + "y".repeat(61)));
        names.put("addresses", List.of("10.1.2.3", "2001:db8::1"));
        names.put("email", List.of("first.last+tag@example.com"));
        names.put("uris", List.of("https://www.example.com:8443/x?y#z", "spiffe://example.com/ns/a", "urn:uuid:f81d"));
        names.put("mixed", List.of("a.example.com", "10.1.2.3", "::1", "me@example.com", "spiffe://example.com/b"));
        return names;
    }

    @BeforeAll
    static void issuers() throws Exception {
        for (String kind : ISSUERS) {
            AUTHORITIES.put(kind, new ShapeAuthority(KEYS, kind, List.of()));
        }
    }

    private static void keep(Path place, String name, Der der) throws Exception {
        Files.write(place.resolve(name), der.bytes());
    }

    private static Path place(String name) throws Exception {
        return Files.createDirectory(folder.resolve(name));
    }

    private static String distinct(List<Zlint.Broken> broken) {
        return broken.stream()
                .map(it -> it.rule() + " in " + it.file() + " " + it.details())
                .distinct()
                .collect(Collectors.joining("\n"));
    }

    @Test
    void more_than_five_hundred_ordinary_certificates_break_no_rule() throws Exception {
        Path place = place("ordinary");
        for (Map.Entry<String, ShapeAuthority> each : AUTHORITIES.entrySet()) {
            ShapeAuthority ca = each.getValue();
            keep(place, each.getKey() + "-root.der", Der.of(ca.root().getEncoded()));
            keep(place, each.getKey() + "-issuer.der", ca.issuer().der());
            for (String kind : ShapeKeys.KINDS) {
                leaves(place, each.getKey() + "-" + kind, ca, kind);
            }
            templates(place, each.getKey(), ca);
            lengths(place, each.getKey(), ca);
            server(place, each.getKey(), ca);
        }
        ShapeAuthority bounded = new ShapeAuthority(
                KEYS, "P-256", List.of("dns:example.com", "ip:10.0.0.0/8", "email:example.com", "uri:.example.com"));
        keep(place, "bounded-issuer.der", bounded.issuer().der());
        keep(place, "bounded-leaf.der", leaf(bounded, "P-256", List.of("a.example.com", "10.1.2.3")));

        assertThat(SignatureScheme.of(AUTHORITIES
                        .get("RSA-2048" + ShapeAuthority.PSS)
                        .issuer()
                        .certificate()))
                .contains(SignatureScheme.RSA_PSS_SHA256);

        Zlint.Report report = Zlint.judge(place);

        assertThat(report.broken()).as("%s", distinct(report.broken())).isEmpty();
        assertThat(report.files()).isGreaterThan(500);
        assertThat(report.rules()).isGreaterThan(80);
    }

    private static Der leaf(ShapeAuthority ca, String kind, List<String> names) throws Exception {
        String sub = names.get(0).length() > 64 ? "long.example.com" : names.get(0);
        return ca.issue(KEYS.request(kind), Map.of(), Optional.empty(), sub, names);
    }

    private static void leaves(Path place, String file, ShapeAuthority ca, String kind) throws Exception {
        for (Map.Entry<String, List<String>> names : NAMES.entrySet()) {
            keep(place, file + "-" + names.getKey() + ".der", leaf(ca, kind, names.getValue()));
        }
        Der old = leaf(ca, kind, NAMES.get("mixed"));
        keep(place, file + "-renewed.der", ca.renew(old, Optional.empty()));
        keep(
                place,
                file + "-rekeyed.der",
                ca.renew(old, Optional.of(KEYS.request(kind.startsWith("RSA-") ? kind : kind + " other"))));
    }

    private static void templates(Path place, String file, ShapeAuthority ca) throws Exception {
        String names = "\"dnsNames\":[\"a.example.com\"]";
        List<String> templates = List.of(
                "{\"subject\":{},%s}",
                "{\"subject\":{\"country\":\"DE\",\"organization\":[\"Acme\",\"Acme & Söhne\"],\"organizationalUnit\":\"Ops\","
                        + "\"locality\":\"Zürich\",\"province\":\"ZH\",\"streetAddress\":\"Weg 1\",\"postalCode\":\"8000\","
                        + "\"serialNumber\":\"7\",\"commonName\":\"a.example.com\","
                        + "\"extraNames\":[{\"type\":\"0.9.2342.19200300.100.1.25\",\"value\":\"example\"}]},%s}",
                "{\"rawSubject\":\"MBkxFzAVBgNVBAMMDmEuZXhhbXBsZS5jb20h\",%s}",
                "{\"subject\":\"x\",%s,\"keyUsage\":[\"digitalSignature\",\"contentCommitment\"]}",
                "{\"subject\":\"x\",%s,\"extKeyUsage\":[\"codeSigning\",\"timeStamping\",\"emailProtection\"],"
                        + "\"unknownExtKeyUsage\":[\"1.2.3.4\"]}",
                "{\"subject\":\"x\",%s,\"ocspServer\":\"http://o.example.com\",\"issuingCertificateURL\":[\"http://c.example.com/i\"],"
                        + "\"crlDistributionPoints\":[\"http://c.example.com/crl\",\"ldap://c.example.com/cn=x\"]}",
                "{\"subject\":\"x\",%s,\"policyIdentifiers\":[\"1.2.3.4\",\"1.2.3.5\"],\"basicConstraints\":{\"isCA\":false}}",
                "{\"subject\":\"x\",%s,\"subjectKeyId\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQ=\"}",
                "{\"subject\":\"x\",%s,\"extensions\":[{\"id\":\"1.2.3.6\",\"value\":{{ asn1Enc \"utf8:Zürich\" | toJson }}}]}",
                "{\"subject\":\"x\",%s,\"sans\":[{\"type\":\"userPrincipalName\",\"value\":\"ann@corp.example.com\"},"
                        + "{\"type\":\"permanentIdentifier\",\"value\":\"123\"},{\"type\":\"registeredID\",\"value\":\"1.2.3\"},"
                        + "{\"type\":\"dn\",\"value\":\"{\\\"commonName\\\":\\\"y\\\"}\"},{\"type\":\"ip\",\"value\":\"10.1.2.3\"}]}",
                "{\"subject\":\"x\",%s,\"notAfter\":\"2051-01-01T00:00:00Z\"}",
                "{\"subject\":\"Sub\",\"keyUsage\":[\"certSign\",\"crlSign\"],\"basicConstraints\":{\"isCA\":true,\"maxPathLen\":0}}",
                "{\"subject\":\"Sub\",\"keyUsage\":[\"certSign\"],\"basicConstraints\":{\"isCA\":true,\"maxPathLen\":0},"
                        + "\"nameConstraints\":{\"critical\":true,\"permittedDNSDomains\":[\"example.com\"],"
                        + "\"permittedIPRanges\":[\"10.0.0.0/8\"],\"excludedEmailAddresses\":[\"x.example.com\"],"
                        + "\"permittedURIDomains\":[\".example.com\"]}}");
        for (int i = 0; i < templates.size(); i++) {
            for (String kind : List.of("P-256", "RSA-2048")) {
                Map<String, Object> x509 = Map.of("template", templates.get(i).replace("%s", names));
                keep(
                        place,
                        file + "-template-" + i + "-" + kind + ".der",
                        ca.issue(
                                KEYS.request(kind), x509, Optional.empty(), "a.example.com", List.of("a.example.com")));
            }
        }
    }

    private static void lengths(Path place, String file, ShapeAuthority ca) throws Exception {
        for (String length : List.of("1s", "5m", "24h", "9552h", "87600h", "400000h")) {
            keep(
                    place,
                    file + "-for-" + length + ".der",
                    ca.issue(
                            KEYS.request("P-256"),
                            Map.of(),
                            Optional.of(length),
                            "a.example.com",
                            List.of("a.example.com")));
        }
    }

    private static void server(Path place, String file, ShapeAuthority ca) throws Exception {
        PreparedCertificate prepared = ServerCertificateProfile.prepare(
                ca.issuer(),
                ShapeAuthority.serial(),
                "Step Online CA",
                List.of("ca.example.com", "127.0.0.1", "[::1]", "localhost"),
                NameConstraints.of(List.of()),
                KEYS.of("P-256").getPublic(),
                ShapeAuthority.NOW);
        keep(place, file + "-server.der", ca.signed(prepared));
    }

    @Test
    void where_step_signs_what_the_standards_forbid_a_strict_rule_can_be_had_that_does_not() throws Exception {
        Path place = place("odd");
        ShapeAuthority ca = AUTHORITIES.get("P-256");
        for (int i = 0; i < ODD_NAMES.size(); i++) {
            Der leaf = ca.issue(KEYS.request("P-256"), Map.of(), Optional.empty(), "a.example.com", ODD_NAMES.get(i));
            keep(place, "name-" + i + ".der", leaf);
        }
        keep(
                place,
                "long-common-name.der",
                ca.issue(KEYS.request("P-256"), Map.of(), Optional.empty(), "x".repeat(300), List.of("a.example.com")));
        for (String kind : List.of("P-256", "RSA-2048")) {
            String template =
                    "{\"subject\":\"x\",\"dnsNames\":\"x.example.com\",\"keyUsage\":[\"keyEncipherment\",\"keyAgreement\"]}";
            keep(
                    place,
                    "usages-of-" + kind + ".der",
                    ca.issue(
                            KEYS.request(kind),
                            Map.of("template", template),
                            Optional.empty(),
                            "x.example.com",
                            List.of("x.example.com")));
        }
        keep(
                place,
                "rekeyed.der",
                ca.renew(leaf(ca, "RSA-2048", NAMES.get("one")), Optional.of(KEYS.request("P-256"))));

        Zlint.Report report = Zlint.judge(place);

        Lint strict = Lint.of(true, List.of(), List.of());
        List<String> loose = new ArrayList<>();
        for (String file :
                new TreeSet<>(report.broken().stream().map(Zlint.Broken::file).toList())) {
            Der tbs = Der.of(Certificate.getInstance(Files.readAllBytes(place.resolve(file)))
                    .getTBSCertificate()
                    .getEncoded());
            if (strict.first(tbs, Optional.of(SigningCertificate.of(ca.issuer().certificate())))
                    .isEmpty()) {
                loose.add(file);
            }
        }
        assertThat(loose).as("%s", distinct(report.broken())).isEmpty();
        assertThat(report.broken().stream().map(Zlint.Broken::rule).distinct())
                .as("%s", distinct(report.broken()))
                .containsExactlyInAnyOrderElementsOf(EXCEPTIONS.keySet());
    }

    @Test
    void lists_of_revoked_certificates_break_no_rule() throws Exception {
        Path place = place("lists");
        for (Map.Entry<String, ShapeAuthority> each : AUTHORITIES.entrySet()) {
            for (int count : new int[] {0, 1, 11, 500}) {
                CrlEntries entries = new CrlEntries();
                for (int i = 0; i < count; i++) {
                    entries.add(
                            ShapeAuthority.serial().value(), ShapeAuthority.NOW.minus(Duration.ofMinutes(i)), i % 11);
                }
                for (String url : List.of("", "http://ca.example.com/crl")) {
                    PreparedCrl list = PreparedCrl.prepare(
                            each.getValue().issuer(),
                            BigInteger.valueOf(ShapeAuthority.NOW.toEpochMilli()),
                            new PreparedCrl.Validity(ShapeAuthority.NOW, ShapeAuthority.NOW.plus(Duration.ofHours(24))),
                            entries,
                            Optional.of(url).filter(it -> !it.isEmpty()));
                    Der whole = SignedCrl.assemble(
                            each.getValue().issuer(), list, each.getValue().sign(list.tbs()), ShapeAuthority.KEYS);
                    keep(place, each.getKey() + "-" + count + (url.isEmpty() ? "" : "-url") + ".crl", whole);
                }
            }
        }

        Zlint.Report report = Zlint.judge(place);

        assertThat(report.broken()).as("%s", distinct(report.broken())).isEmpty();
        assertThat(report.files()).isEqualTo(40);
        assertThat(report.rules()).isGreaterThan(8);
    }
}
