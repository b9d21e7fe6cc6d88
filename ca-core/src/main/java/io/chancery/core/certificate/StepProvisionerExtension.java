package io.chancery.core.certificate;

import java.nio.charset.StandardCharsets;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;

/** The extension in which step notes the provisioner of a certificate (wire contract s. 7.3); never critical. */
public final class StepProvisionerExtension {
    public static final ASN1ObjectIdentifier OID = new ASN1ObjectIdentifier("1.3.6.1.4.1.37476.9000.64.1");

    private StepProvisionerExtension() {}

    /**
     * @param type number of the provisioner's type
     * @param credentialId for a JWK its {@code kid}
     */
    public static DERSequence of(int type, String name, String credentialId) {
        ASN1EncodableVector members = new ASN1EncodableVector();
        members.add(new ASN1Integer(type));
        members.add(new DEROctetString(name.getBytes(StandardCharsets.UTF_8)));
        members.add(new DEROctetString(credentialId.getBytes(StandardCharsets.UTF_8)));
        return new DERSequence(members);
    }
}
