package io.chancery.core.provisioner;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.der.DerShape;
import io.chancery.core.json.GoBase64;
import io.chancery.core.json.Json;
import io.chancery.core.pem.Pem;
import io.chancery.core.pem.PemBlock;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * A member of a provisioner that is the base64 of a PEM bundle, as step writes {@code roots} and {@code publicKeys}.
 *
 * @param name of the member, for messages
 * @param pem empty when the member is not there
 */
record PemMember(String name, String pem) {
    /** IllegalArgumentException when the member is no base64: step-ca does not start with such a file. */
    static PemMember of(Map<String, Object> raw, String name) {
        Object value = Json.member(raw, name);
        if (value == null) {
            return new PemMember(name, "");
        }
        if (value instanceof String text) {
            try {
                return new PemMember(name, new String(GoBase64.decode(text), StandardCharsets.ISO_8859_1));
            } catch (IllegalArgumentException e) {
                // said below
            }
        }
        throw new IllegalArgumentException(name + ": not the base64 of a PEM bundle");
    }

    /** IllegalArgumentException or CaException when one is broken, or there is none. */
    List<X509Certificate> certificates() {
        List<X509Certificate> all = new ArrayList<>();
        for (PemBlock block : blocks()) {
            if (!block.type().equals("CERTIFICATE")) {
                throw wrong(block);
            }
            all.add(certificate(block.der()));
        }
        return all;
    }

    /** As {@link #certificates}, of public keys and of certificates that hold one. */
    List<PublicKey> publicKeys(PublicKeys keys) {
        List<PublicKey> all = new ArrayList<>();
        for (PemBlock block : blocks()) {
            DerShape.check(block.der().bytes());
            all.add(
                    switch (block.type()) {
                        case "PUBLIC KEY" ->
                            keys.decode(
                                    SubjectPublicKeyInfo.getInstance(block.der().bytes()));
                        case "CERTIFICATE" ->
                            keys.decode(
                                    Certificate.getInstance(block.der().bytes()).getSubjectPublicKeyInfo());
                        default -> throw wrong(block);
                    });
        }
        return all;
    }

    private List<PemBlock> blocks() {
        List<PemBlock> blocks = Pem.blocks(pem);
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException(name + " is missing, or has no PEM block");
        }
        return blocks;
    }

    private IllegalArgumentException wrong(PemBlock block) {
        return new IllegalArgumentException(name + " holds a PEM block of type " + block.type());
    }

    private X509Certificate certificate(Der der) {
        try {
            DerShape.check(der.bytes());
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der.bytes()));
        } catch (CertificateException e) {
            throw new IllegalArgumentException(name + " holds a certificate that cannot be read", e);
        }
    }
}
