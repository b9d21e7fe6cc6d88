package io.chancery.core.certificate;

import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.Extension;

/**
 * The certificate type of Netscape, which is older than basic constraints: OpenSSL still takes a certificate that has
 * neither those nor a key usage for a CA's where this says so ({@code check_ca} of its {@code v3_purp.c}).
 */
public final class NetscapeType {
    private static final ASN1ObjectIdentifier OID = new ASN1ObjectIdentifier("2.16.840.1.113730.1.1");
    /** The last three bits of the first octet: for TLS, mail, and code. */
    private static final int CA = 0b111;

    private NetscapeType() {}

    /** Whether an extension is of this type and says CA, or cannot be read and might. */
    public static boolean saysCa(Extension extension) {
        if (!extension.getExtnId().equals(OID)) {
            return false;
        }
        try {
            byte[] bits = ASN1BitString.getInstance(extension.getParsedValue()).getBytes();
            return bits.length > 0 && (bits[0] & CA) != 0;
        } catch (RuntimeException e) {
            return true;
        }
    }
}
