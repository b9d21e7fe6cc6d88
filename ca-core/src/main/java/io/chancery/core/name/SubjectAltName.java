package io.chancery.core.name;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;
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

    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern URI_FORM = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:[^\\x00-\\x20\\x7f]*");
    private static final Pattern BAD_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    /** Guesses the kind as step does, in its order: address, URI, e-mail, DNS. So {@code host:8443} is a URI. */
    public static SubjectAltName guess(String text) {
        Optional<InetAddress> address = address(text);
        if (address.isPresent()) {
            return new SubjectAltName(Kind.IP, canonical(address.get()));
        }
        if (URI_FORM.matcher(text).matches() && !BAD_PERCENT.matcher(text).find()) {
            return new SubjectAltName(Kind.URI, text);
        }
        return new SubjectAltName(text.contains("@") ? Kind.EMAIL : Kind.DNS, text);
    }

    /** Empty for kinds that step does not compare either. */
    public static Optional<SubjectAltName> ofGeneralName(GeneralName name) {
        return switch (name.getTagNo()) {
            case GeneralName.dNSName -> Optional.of(new SubjectAltName(Kind.DNS, ia5(name)));
            case GeneralName.rfc822Name -> Optional.of(new SubjectAltName(Kind.EMAIL, ia5(name)));
            case GeneralName.uniformResourceIdentifier -> Optional.of(new SubjectAltName(Kind.URI, ia5(name)));
            case GeneralName.iPAddress ->
                Optional.of(new SubjectAltName(
                        Kind.IP,
                        canonical(octets(
                                ASN1OctetString.getInstance(name.getName()).getOctets()))));
            default -> Optional.empty();
        };
    }

    /** CaException MALFORMED when the text does not fit an IA5String. */
    public GeneralName generalName() {
        if (kind == Kind.IP) {
            byte[] octets = address(text)
                    .orElseThrow(() -> new IllegalStateException("not an address"))
                    .getAddress();
            return new GeneralName(GeneralName.iPAddress, new DEROctetString(octets));
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7f || text.charAt(i) == 0) {
                throw CaException.of(
                        ErrorCode.MALFORMED, "the name \"" + text + "\" has a character that certificates cannot hold");
            }
        }
        int tag = kind == Kind.DNS
                ? GeneralName.dNSName
                : kind == Kind.EMAIL ? GeneralName.rfc822Name : GeneralName.uniformResourceIdentifier;
        return new GeneralName(tag, new DERIA5String(text));
    }

    private static String ia5(GeneralName name) {
        return ASN1IA5String.getInstance(name.getName()).getString();
    }

    /** The address that a literal names; never asks DNS. */
    public static Optional<InetAddress> address(String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static InetAddress octets(byte[] octets) {
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 octets", e);
        }
    }

    /** As Go prints it: IPv6 in the form of RFC 5952. */
    private static String canonical(InetAddress address) {
        byte[] octets = address.getAddress();
        if (octets.length == 4) {
            return address.getHostAddress();
        }
        return Ipv6Text.of(octets);
    }
}
