package io.chancery.core.name;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * One subject alternative name of the four kinds that a token can ask for (RFC 5280 s. 4.2.1.6).
 *
 * @param text as the user writes it; an address in its canonical text form
 */
public record SubjectAltName(Kind kind, String text) {
    /** In the order in which they stand in a certificate. */
    public enum Kind {
        DNS("DNS names"),
        EMAIL("email addresses"),
        IP("IP addresses"),
        URI("URIs");

        private final String plural;

        Kind(String plural) {
            this.plural = plural;
        }

        /** As step-ca's messages call them. */
        public String plural() {
            return plural;
        }
    }

    /**
     * Guesses the kind as step does, in its order: address, URI, e-mail, DNS. So {@code host:8443} is a URI. Address and
     * URI are kept as Go prints them.
     */
    public static SubjectAltName guess(String text) {
        Optional<byte[]> address = IpLiteral.parse(text);
        if (address.isPresent()) {
            return new SubjectAltName(Kind.IP, IpLiteral.print(address.get()));
        }
        Optional<GoUrl> url = GoUrl.parse(text);
        if (url.isPresent()) {
            return new SubjectAltName(Kind.URI, url.get().print());
        }
        return new SubjectAltName(text.contains("@") ? Kind.EMAIL : Kind.DNS, text);
    }

    /** Empty for kinds that step does not compare either; IllegalArgumentException when the name is not what it says. */
    public static Optional<SubjectAltName> ofGeneralName(GeneralName name) {
        return switch (name.getTagNo()) {
            case GeneralName.dNSName -> Optional.of(new SubjectAltName(Kind.DNS, ia5(name)));
            case GeneralName.rfc822Name -> Optional.of(new SubjectAltName(Kind.EMAIL, ia5(name)));
            case GeneralName.uniformResourceIdentifier ->
                Optional.of(new SubjectAltName(
                        Kind.URI,
                        GoUrl.parse(ia5(name))
                                .filter(GoUrl::canBeNamed)
                                .map(GoUrl::print)
                                .orElseThrow(() -> new IllegalArgumentException(
                                        "no URI with a scheme, or one with a host that is none"))));
            case GeneralName.iPAddress ->
                Optional.of(new SubjectAltName(
                        Kind.IP,
                        IpLiteral.print(
                                ASN1OctetString.getInstance(name.getName()).getOctets())));
            default -> Optional.empty();
        };
    }

    /** CaException MALFORMED when the text does not fit an IA5String, or Go could not read a certificate with it. */
    public GeneralName generalName() {
        if (kind == Kind.IP) {
            byte[] octets =
                    IpLiteral.parse(text).orElseThrow(() -> new IllegalStateException("not an address: " + text));
            return new GeneralName(GeneralName.iPAddress, new DEROctetString(octets));
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7f || text.charAt(i) == 0) {
                throw CaException.of(
                        ErrorCode.MALFORMED, "the name \"" + text + "\" has a character that certificates cannot hold");
            }
        }
        if (kind == Kind.URI
                && GoUrl.parse(text).filter(url -> !url.canBeNamed()).isPresent()) {
            throw CaException.of(
                    ErrorCode.MALFORMED,
                    "the host of the name \"" + text
                            + "\" has an empty label, or a character that certificates cannot hold");
        }
        int tag = kind == Kind.DNS
                ? GeneralName.dNSName
                : kind == Kind.EMAIL ? GeneralName.rfc822Name : GeneralName.uniformResourceIdentifier;
        return new GeneralName(tag, new DERIA5String(text));
    }

    private static String ia5(GeneralName name) {
        String text = ASN1IA5String.getInstance(name.getName()).getString();
        if (text.chars().anyMatch(c -> c > 0x7f)) {
            throw new IllegalArgumentException("a name that is not ASCII");
        }
        return text;
    }

    /** Whether the text is an address: a literal, without brackets. */
    public static boolean isAddress(String text) {
        return IpLiteral.parse(text).isPresent();
    }
}
