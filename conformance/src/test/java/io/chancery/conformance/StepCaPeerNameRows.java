package io.chancery.conformance;

import static io.chancery.conformance.StepCaPeerCsr.dns;
import static io.chancery.conformance.StepCaPeerCsr.email;
import static io.chancery.conformance.StepCaPeerCsr.ip;
import static io.chancery.conformance.StepCaPeerCsr.uri;
import static io.chancery.conformance.StepCaPeerRow.differs;
import static io.chancery.conformance.StepCaPeerRow.same;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.GeneralName;

/** Rows of the table about names: what the token grants, what the request asks, what the certificate says. */
final class StepCaPeerNameRows {
    private static final String NAME = "name.example";

    private static final String NOT_ASCII = "A name that is not ASCII is refused with 400, step-ca answers 500.";
    private static final String SIGNED = "One with a NUL is refused too; step-ca signs it.";
    private static final String NO_HOST =
            "A URI whose host has an empty label, ends in a dot or is not ASCII is refused with 400, too; step-ca answers 500.";
    private static final Map<String, String> DIVERGENT = Map.ofEntries(
            Map.entry("https://\u00fc.example/x", NO_HOST),
            Map.entry("https://a.example./x", NO_HOST),
            Map.entry("https://a..b/", NO_HOST),
            Map.entry("https://.a/", NO_HOST),
            Map.entry("b\u00fccher.example", NOT_ASCII),
            Map.entry("m\u00e9@a.example", NOT_ASCII),
            Map.entry("\u2603.example", NOT_ASCII),
            Map.entry("a\u3002example", NOT_ASCII),
            Map.entry("\ud83d\ude00@a.example", NOT_ASCII),
            Map.entry("a\u0000b", SIGNED));

    private final StepCaPeerTokens tokens;
    private final StepCaPeerCsr csrs;
    private final List<StepCaPeerRow> rows = new ArrayList<>();

    StepCaPeerNameRows(StepCaPeerTokens tokens, StepCaPeerCsr csrs) {
        this.tokens = tokens;
        this.csrs = csrs;
    }

    List<StepCaPeerRow> rows() throws Exception {
        oddSans();
        oddSansClaims();
        subjects();
        requestedNames();
        return rows;
    }

    /** Whatever stands in {@code sans}, with a request that names nothing but the subject. */
    private void oddSans() throws Exception {
        for (String san : List.of(
                "a.example",
                "A.Example",
                "*.a.example",
                "*",
                "a.example.",
                ".a.example",
                "a..example",
                "a b.example",
                "a_b.example",
                "xn--bcher-kva.example",
                "b\u00fccher.example",
                "host:8443",
                "a.example:8443",
                "localhost",
                "",
                " ",
                "-",
                "a,b",
                "a\\b",
                "a\"b",
                "10.1.2.3",
                "010.1.2.3",
                "10.1.2",
                "10.1.2.3.4",
                "10.1.2.256",
                "0x0a.1.2.3",
                "1.2.3.4/24",
                "::1",
                "[::1]",
                "2001:DB8::1",
                "2001:0db8:0000::0001",
                "::ffff:10.1.2.3",
                "fe80::1%eth0",
                "::1.2.3.4",
                "1::2::3",
                "12345::1",
                "me@a.example",
                "Me@A.Example",
                "me@",
                "@a.example",
                "a@b@c.example",
                "Me <me@a.example>",
                "m\u00e9@a.example",
                "https://a.example/x",
                "https://a.example",
                "HTTPS://A.example/x",
                "spiffe://a.example/b c",
                "spiffe://a.example/b%20c",
                "urn:uuid:1",
                "mailto:me@a.example",
                "file:///x",
                "http://",
                "http://a b/",
                "http:// a",
                "://a",
                "1http://a",
                "a:b@c",
                "a/b:c",
                "a%zz:x",
                "http://[::1]/x",
                "https://\u00fc.example/x",
                "https://a.example./x",
                "https://a..b/",
                "https://.a/",
                "https://10.1.2.3/x",
                "https://[fe80::1%25eth0]:8443/",
                "https://:443/",
                "spiffe:///x",
                "http://[::1",
                "http://a.example:x/",
                "tel:+1",
                "x:y#f",
                "http://a.example/\u00e9",
                "a\tb",
                "a\u0000b",
                "x".repeat(64) + ".example",
                "x.".repeat(130) + "example",
                "*.*.example",
                "a.*.example",
                "f*.example",
                "\u2603.example",
                "a\u3002example",
                "\ud83d\ude00@a.example")) {
            rows.add(StepCaPeerRow.of(
                    "san " + printable(san),
                    Optional.ofNullable(DIVERGENT.get(san)),
                    StepCaPeerRequest.sign(csrs.of(NAME), tokens.withSans(NAME, san))));
        }
    }

    private static String printable(String text) {
        return (text.length() > 40 ? text.substring(0, 40) : text).replaceAll("\\p{Cntrl}", "?");
    }

    private void oddSansClaims() throws Exception {
        for (Object value : List.of(
                "a.example",
                "",
                5,
                true,
                Map.of(),
                List.of(),
                List.of(1),
                List.of("a.example", 5),
                List.of(List.of("a.example")),
                List.of("a.example", "a.example"),
                List.of("a.example", "A.example"),
                List.of("b.example", "a.example"),
                List.of("https://u.example", "10.1.2.3", "me@a.example", "z.example", "::1", "a.example"))) {
            rows.add(same(
                    "sans = " + value,
                    StepCaPeerRequest.sign(csrs.of(NAME), tokens.with(NAME, Map.of("sans", value)))));
        }
        List<Object> many = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            many.add("n" + i + ".example");
        }
        rows.add(same(
                "a hundred sans", StepCaPeerRequest.sign(csrs.of(NAME), tokens.with(NAME, Map.of("sans", many)))));
    }

    private void subject(String subject, String sub, Object... sans) throws Exception {
        rows.add(same(
                "subject " + subject + " for " + sub,
                StepCaPeerRequest.sign(csrs.withSans(subject), tokens.withSans(sub, sans))));
    }

    private void subjects() throws Exception {
        subject("", NAME, NAME);
        subject("CN=" + NAME, NAME, "other.example");
        subject("CN=other.example", NAME, "other.example");
        subject("CN=other.example", NAME, NAME);
        subject("CN=NAME.example", NAME, NAME);
        subject("O=x", NAME, NAME);
        subject("CN=" + NAME + ",O=Acme,OU=x,C=DE", NAME, NAME);
        subject("CN=a.example,CN=" + NAME, NAME, NAME);
        subject("CN=" + NAME + ",CN=a.example", NAME, NAME);
        subject("CN=", NAME, NAME);
        subject("CN=J\u00fcrgen", "J\u00fcrgen", "a.example");
        subject("CN=a\\,b", "a,b", "a.example");
        subject("CN=a\\\"b", "a\"b", "a.example");
        subject("CN=\\ a", " a", "a.example");
        subject("CN=a*b", "a*b", "a.example");
        subject("CN=a@b", "a@b", "a.example");
        subject("CN=a_b & c", "a_b & c", "a.example");
        subject("CN=10.1.2.3", "10.1.2.3", "10.1.2.3");
        subject("CN=https://a.example/x", "https://a.example/x", "https://a.example/x");
        subject("CN=" + "x".repeat(64), "x".repeat(64), "a.example");
        subject("CN=" + "x".repeat(65), "x".repeat(65), "a.example");
        subject("CN=" + "x".repeat(300), "x".repeat(300), "a.example");
        rows.add(differs(
                "sub without sans, not a name",
                NOT_ASCII,
                StepCaPeerRequest.sign(
                        csrs.of("J\u00fcrgen"), tokens.with("J\u00fcrgen", Map.of("sans", StepCaPeerTokens.ABSENT)))));
        rows.add(same(
                "sub with a space, without sans",
                StepCaPeerRequest.sign(csrs.of("a b"), tokens.with("a b", Map.of("sans", List.of())))));
    }

    private void requested(String name, List<Object> granted, GeneralName... asked) throws Exception {
        rows.add(StepCaPeerRow.of(
                "asks " + name,
                Optional.ofNullable(DIVERGENT.get(name)),
                StepCaPeerRequest.sign(
                        csrs.withSans("CN=" + NAME, asked), tokens.with(NAME, Map.of("sans", granted)))));
    }

    private void requestedNames() throws Exception {
        requested("what is granted", List.of(NAME), dns(NAME));
        requested("another", List.of(NAME), dns("other.example"));
        requested("more", List.of(NAME), dns(NAME), dns("other.example"));
        requested("fewer", List.of(NAME, "b.example"), dns(NAME));
        requested("another order", List.of(NAME, "b.example"), dns("b.example"), dns(NAME));
        requested("twice the same", List.of(NAME), dns(NAME), dns(NAME));
        requested("another case", List.of(NAME), dns("NAME.example"));
        requested("an address that is not granted", List.of(NAME), ip("10.1.2.3"));
        requested("an address that is granted", List.of(NAME, "10.1.2.3"), ip("10.1.2.3"));
        requested("an address in another form", List.of("2001:DB8::1"), ip("2001:db8:0:0:0:0:0:1"));
        requested("a mapped address", List.of("::ffff:10.1.2.3"), ip("10.1.2.3"));
        requested("an e-mail address that is not granted", List.of(NAME), email("me@a.example"));
        requested("an e-mail address that is granted", List.of("me@a.example"), email("me@a.example"));
        requested("an e-mail address in another case", List.of("me@a.example"), email("me@A.example"));
        requested("a URI that is not granted", List.of(NAME), uri("https://a.example"));
        requested("a URI that is granted", List.of("https://a.example/x"), uri("https://a.example/x"));
        requested("a URI in another case", List.of("https://a.example/x"), uri("HTTPS://a.example/x"));
        requested("a URI with an escape", List.of("https://a.example/a b"), uri("https://a.example/a%20b"));
        for (String host : List.of("%C3%BC.example", "a.example.", "a..b", ".a")) {
            requested("a URI at " + host, List.of("https://" + host + "/x"), uri("https://" + host + "/x"));
        }
        requested("a URI at an address", List.of("https://[::1]:8443/x"), uri("https://[::1]:8443/x"));
        requested("a URI without a host", List.of("spiffe:///x"), uri("spiffe:///x"));
        requested(
                "all kinds",
                List.of("10.1.2.3", "me@a.example", "https://a.example", NAME),
                uri("https://a.example"),
                email("me@a.example"),
                dns(NAME),
                ip("10.1.2.3"));
        requested("a directory name", List.of(NAME), new GeneralName(new org.bouncycastle.asn1.x500.X500Name("CN=x")));
        requested("a registered id", List.of(NAME), new GeneralName(GeneralName.registeredID, "1.2.3"));
        requested("an empty name", List.of(NAME), dns(""));
    }
}
