package io.chancery.core.template;

import io.chancery.core.name.SubjectAltName;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PolicyInformation;

/** The extensions that have members of their own in step's JSON, in Go's order. Pure. */
final class ExtensionReader {
    private static final Map<String, Integer> USAGES = Map.of(
            "digitalsignature", KeyUsage.digitalSignature,
            "contentcommitment", KeyUsage.nonRepudiation,
            "nonrepudiation", KeyUsage.nonRepudiation,
            "keyencipherment", KeyUsage.keyEncipherment,
            "dataencipherment", KeyUsage.dataEncipherment,
            "keyagreement", KeyUsage.keyAgreement,
            "certsign", KeyUsage.keyCertSign,
            "crlsign", KeyUsage.cRLSign,
            "encipheronly", KeyUsage.encipherOnly,
            "decipheronly", KeyUsage.decipherOnly);
    /** As step writes them, in the order of their bits. */
    private static final List<String> USAGE_NAMES = List.of(
            "digitalSignature",
            "contentCommitment",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "certSign",
            "crlSign",
            "encipherOnly",
            "decipherOnly");

    /** In the order of Go's numbers. */
    private static final List<String> PURPOSE_NAMES = List.of(
            "any",
            "serverAuth",
            "clientAuth",
            "codeSigning",
            "emailProtection",
            "ipsecEndSystem",
            "ipsecTunnel",
            "ipsecUser",
            "timeStamping",
            "ocspSigning",
            "microsoftServerGatedCrypto",
            "netscapeServerGatedCrypto",
            "microsoftCommercialCodeSigning",
            "microsoftKernelCodeSigning");

    private static final Map<String, String> PURPOSES = Map.ofEntries(
            Map.entry("any", "2.5.29.37.0"),
            Map.entry("serverauth", "1.3.6.1.5.5.7.3.1"),
            Map.entry("clientauth", "1.3.6.1.5.5.7.3.2"),
            Map.entry("codesigning", "1.3.6.1.5.5.7.3.3"),
            Map.entry("emailprotection", "1.3.6.1.5.5.7.3.4"),
            Map.entry("ipsecendsystem", "1.3.6.1.5.5.7.3.5"),
            Map.entry("ipsectunnel", "1.3.6.1.5.5.7.3.6"),
            Map.entry("ipsecuser", "1.3.6.1.5.5.7.3.7"),
            Map.entry("timestamping", "1.3.6.1.5.5.7.3.8"),
            Map.entry("ocspsigning", "1.3.6.1.5.5.7.3.9"),
            Map.entry("microsoftservergatedcrypto", "1.3.6.1.4.1.311.10.3.3"),
            Map.entry("netscapeservergatedcrypto", "2.16.840.1.113730.4.1"),
            Map.entry("microsoftcommercialcodesigning", "1.3.6.1.4.1.311.2.1.22"),
            Map.entry("microsoftkernelcodesigning", "1.3.6.1.4.1.311.61.1.1"));

    private final Members certificate;

    ExtensionReader(Members certificate) {
        this.certificate = certificate;
    }

    List<Extension> beforeIdentifiers() {
        List<Extension> all = new ArrayList<>();
        usage().ifPresent(value -> all.add(CertificateReader.extension(Extension.keyUsage, true, value)));
        purposes().ifPresent(value -> all.add(CertificateReader.extension(Extension.extendedKeyUsage, false, value)));
        certificate
                .object("basicConstraints")
                .map(ExtensionReader::constraints)
                .ifPresent(value -> all.add(CertificateReader.extension(Extension.basicConstraints, true, value)));
        return all;
    }

    /** @param names the extension of alternative names, or none: it stands among them */
    List<Extension> behindIdentifiers(List<Extension> names) {
        List<Extension> all = new ArrayList<>();
        access().ifPresent(value -> all.add(CertificateReader.extension(Extension.authorityInfoAccess, false, value)));
        all.addAll(names);
        policies()
                .ifPresent(value -> all.add(CertificateReader.extension(Extension.certificatePolicies, false, value)));
        certificate
                .object("nameConstraints")
                .ifPresent(given -> nameConstraints(given)
                        .ifPresent(value -> all.add(CertificateReader.extension(
                                Extension.nameConstraints, given.flag("critical"), value))));
        lists().ifPresent(value -> all.add(CertificateReader.extension(Extension.cRLDistributionPoints, false, value)));
        return all;
    }

    /** The same usages under their own names, each once, in the order of their bits. */
    static List<String> usageNames(List<String> given) {
        List<Integer> bits = given.stream().map(each -> USAGES.get(plain(each))).toList();
        return USAGE_NAMES.stream()
                .filter(name -> bits.contains(USAGES.get(plain(name))))
                .toList();
    }

    /** @param bits as Go has them, the first usage the lowest */
    static List<String> usageNames(long bits) {
        return IntStream.range(0, USAGE_NAMES.size())
                .filter(i -> (bits >> i & 1) != 0)
                .mapToObj(USAGE_NAMES::get)
                .toList();
    }

    /** @param number Go's, of a purpose that it has a name for */
    static String purposeName(long number) {
        return PURPOSE_NAMES.get((int) number);
    }

    static List<String> unknownPurposes(List<KeyPurposeId> purposes) {
        return purposes.stream()
                .map(KeyPurposeId::getId)
                .filter(id -> !PURPOSES.containsValue(id))
                .toList();
    }

    /** The number of a purpose among Go's; empty for one that Go has no name for. */
    static OptionalInt purposeNumber(KeyPurposeId purpose) {
        return IntStream.range(0, PURPOSE_NAMES.size())
                .filter(i -> purpose.getId().equals(PURPOSES.get(plain(PURPOSE_NAMES.get(i)))))
                .findFirst();
    }

    /** The same purpose under its own name. */
    static String purposeName(String given) {
        return PURPOSE_NAMES.stream()
                .filter(name -> plain(name).equals(plain(given)))
                .findFirst()
                .orElse(given);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "");
    }

    private Optional<ASN1Encodable> usage() {
        int bits = 0;
        for (String each : certificate.texts("keyUsage")) {
            Integer bit = USAGES.get(plain(each));
            if (bit == null) {
                throw new IllegalArgumentException("unsupported keyUsage " + each);
            }
            bits |= bit;
        }
        return bits == 0 ? Optional.empty() : Optional.of(new KeyUsage(bits));
    }

    private Optional<ASN1Encodable> purposes() {
        List<KeyPurposeId> all = new ArrayList<>();
        for (String each : certificate.texts("extKeyUsage")) {
            String oid = PURPOSES.get(plain(each));
            if (oid == null) {
                throw new IllegalArgumentException("unsupported extKeyUsage " + each);
            }
            all.add(KeyPurposeId.getInstance(new ASN1ObjectIdentifier(oid)));
        }
        certificate.texts("unknownExtKeyUsage").forEach(each -> all.add(KeyPurposeId.getInstance(Asn1Text.oid(each))));
        return all.isEmpty() ? Optional.empty() : Optional.of(new ExtendedKeyUsage(all.toArray(KeyPurposeId[]::new)));
    }

    private static ASN1Encodable constraints(Members given) {
        int length = given.number("maxPathLen");
        if (!given.flag("isCA")) {
            return new BasicConstraints(false);
        }
        return length < 0 ? new BasicConstraints(true) : new BasicConstraints(length);
    }

    private Optional<ASN1Encodable> access() {
        List<AccessDescription> all = new ArrayList<>();
        certificate
                .texts("ocspServer")
                .forEach(url -> all.add(new AccessDescription(AccessDescription.id_ad_ocsp, url("ocspServer", url))));
        certificate
                .texts("issuingCertificateURL")
                .forEach(url -> all.add(
                        new AccessDescription(AccessDescription.id_ad_caIssuers, url("issuingCertificateURL", url))));
        return all.isEmpty() ? Optional.empty() : Optional.of(new DERSequence(all.toArray(ASN1Encodable[]::new)));
    }

    private GeneralName url(String member, String text) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String(ascii(member, text)));
    }

    private String ascii(String member, String text) {
        if (text.chars().anyMatch(c -> c > 0x7F || c == 0)) {
            throw certificate.wrong(member, "a character that certificates cannot hold");
        }
        return text;
    }

    private Optional<ASN1Encodable> policies() {
        PolicyInformation[] all = certificate.texts("policyIdentifiers").stream()
                .map(each -> new PolicyInformation(Asn1Text.oid(each)))
                .toArray(PolicyInformation[]::new);
        return all.length == 0 ? Optional.empty() : Optional.of(new CertificatePolicies(all));
    }

    private Optional<ASN1Encodable> lists() {
        DistributionPoint[] all = certificate.texts("crlDistributionPoints").stream()
                .map(each -> new DistributionPoint(
                        new DistributionPointName(new GeneralNames(url("crlDistributionPoints", each))), null, null))
                .toArray(DistributionPoint[]::new);
        return all.length == 0 ? Optional.empty() : Optional.of(new CRLDistPoint(all));
    }

    private Optional<ASN1Encodable> nameConstraints(Members given) {
        GeneralSubtree[] permitted = subtrees(given, "permitted");
        GeneralSubtree[] excluded = subtrees(given, "excluded");
        return permitted.length + excluded.length == 0
                ? Optional.empty()
                : Optional.of(new NameConstraints(
                        permitted.length == 0 ? null : permitted, excluded.length == 0 ? null : excluded));
    }

    private GeneralSubtree[] subtrees(Members given, String kind) {
        List<GeneralName> names = new ArrayList<>();
        given.texts(kind + "DNSDomains").forEach(text -> names.add(domain(GeneralName.dNSName, kind, text)));
        given.texts(kind + "IPRanges")
                .forEach(text -> names.add(new GeneralName(GeneralName.iPAddress, new DEROctetString(range(text)))));
        given.texts(kind + "EmailAddresses").forEach(text -> names.add(domain(GeneralName.rfc822Name, kind, text)));
        given.texts(kind + "URIDomains")
                .forEach(text -> names.add(domain(GeneralName.uniformResourceIdentifier, kind, text)));
        return names.stream()
                .map(name -> new GeneralSubtree(name, BigInteger.ZERO, null))
                .toArray(GeneralSubtree[]::new);
    }

    private GeneralName domain(int tag, String kind, String text) {
        return new GeneralName(tag, new DERIA5String(ascii("nameConstraints." + kind, text)));
    }

    private static byte[] range(String text) {
        int slash = text.indexOf('/');
        SubjectAltName address = SubjectAltName.guess(slash < 0 ? "" : text.substring(0, slash));
        String length = text.substring(slash + 1);
        if (address.kind() != SubjectAltName.Kind.IP || !length.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("invalid CIDR address: " + text);
        }
        byte[] octets =
                ASN1OctetString.getInstance(address.generalName().getName()).getOctets();
        int bits = Integer.parseInt(length);
        if (bits > octets.length * Byte.SIZE) {
            throw new IllegalArgumentException("invalid CIDR address: " + text);
        }
        byte[] range = new byte[octets.length * 2];
        for (int i = 0; i < octets.length; i++) {
            int kept = Math.max(0, Math.min(Byte.SIZE, bits - i * Byte.SIZE));
            int mask = (0xff << (Byte.SIZE - kept)) & 0xff;
            range[i] = (byte) (octets[i] & mask);
            range[octets.length + i] = (byte) mask;
        }
        return range;
    }
}
