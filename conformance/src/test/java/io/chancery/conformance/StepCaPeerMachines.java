package io.chancery.conformance;

import io.chancery.conformance.StepCaPeerMachine.Plan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.GeneralName;

/** The provisioners whose tokens a machine's certificate or a cluster's key has signed, and who signs for them. */
final class StepCaPeerMachines {
    static final String X5C = "machines";
    static final String SPACED = "two words";
    static final String TEMPLATED = "machines-template";
    static final String ENDING = "machines-end";
    static final String PODS = "pods";

    final StepCaPeerMachine root;
    final StepCaPeerMachine intermediate;
    final StepCaPeerMachine worker;
    final StepCaPeerMachine cluster;
    final StepCaPeerMachine otherCluster;

    StepCaPeerMachines() throws GeneralSecurityException, IOException {
        root = Plan.ca("Machines-Root").signedByItself();
        intermediate = Plan.ca("Machines-Intermediate").by(root);
        worker = Plan.client("worker.example")
                .names(
                        StepCaPeerCsr.dns("worker.example"),
                        StepCaPeerCsr.uri("spiffe://a/b"),
                        StepCaPeerCsr.email("a@b.c"),
                        new GeneralName(GeneralName.iPAddress, "10.1.2.3"))
                .by(intermediate);
        cluster = Plan.ca("cluster").keyKind("RSA").signedByItself();
        otherCluster = Plan.ca("other").signedByItself();
    }

    List<Map<String, Object>> provisioners() throws GeneralSecurityException {
        List<Map<String, Object>> all = new ArrayList<>();
        all.add(x5c(X5C));
        all.add(x5c(SPACED));
        all.add(withTemplate(
                x5c(TEMPLATED),
                "{\"subject\": {{ toJson .AuthorizationCrt.Subject.CommonName }}, "
                        + "\"dnsNames\": {{ toJson .AuthorizationCrt.DNSNames }}, "
                        + "\"emailAddresses\": {{ toJson .AuthorizationCrt.EmailAddresses }}, "
                        + "\"ipAddresses\": {{ toJson .AuthorizationCrt.IPAddresses }}, "
                        + "\"uris\": [\"x:{{ .AuthorizationCrt.SerialNumber }}/{{ .AuthorizationCrt.Version }}\", "
                        + "\"x:{{ .AuthorizationCrt.Issuer.CommonName }}/{{ .AuthorizationCrt.NotAfter.Unix }}\", "
                        + "\"x:{{ index .AuthorizationCrt.URIs 0 }}\", \"x:{{ len .AuthorizationCrt.Raw }}\", "
                        + "\"x:{{ printf `%d` .AuthorizationCrt.KeyUsage }}/{{ toJson .AuthorizationCrt.KeyUsage }}/"
                        + "{{ range .AuthorizationCrt.ExtKeyUsage }}{{ printf `%d` . }},{{ end }}"
                        + "{{ len .AuthorizationCrt.UnknownExtKeyUsage }}/{{ .AuthorizationCrt.IsCA }}/"
                        + "{{ .AuthorizationCrt.BasicConstraintsValid }}/{{ .AuthorizationCrt.MaxPathLen }}/"
                        + "{{ .AuthorizationCrt.MaxPathLenZero }}/{{ typeOf .AuthorizationCrt.PublicKey }}\", "
                        + "\"x:{{ range .AuthorizationCrt.Extensions }}{{ .Id }}-{{ .Critical }}-{{ len .Value }},{{ end }}"
                        + "{{ len .AuthorizationCrt.SubjectKeyId }}/{{ len .AuthorizationCrt.AuthorityKeyId }}/"
                        + "{{ len .AuthorizationCrt.RawTBSCertificate }}/{{ len .AuthorizationCrt.RawSubjectPublicKeyInfo }}/"
                        + "{{ len .AuthorizationCrt.OCSPServer }}\"]}"));
        all.add(withTemplate(
                x5c(ENDING),
                "{\"subject\": {{ toJson .Subject }}, \"sans\": {{ toJson .SANs }}, "
                        + "\"notAfter\": {{ now | date_modify \"30h\" | formatTime | toJson }}}"));
        Map<String, Object> pods = new LinkedHashMap<>();
        pods.put("type", "K8sSA");
        pods.put("name", PODS);
        String keys = StepCaPeerCsr.pem(
                        "PUBLIC KEY", cluster.certificate().getPublicKey().getEncoded())
                + otherCluster.pem();
        pods.put("publicKeys", Base64.getEncoder().encodeToString(keys.getBytes(StandardCharsets.US_ASCII)));
        all.add(pods);
        return all;
    }

    private Map<String, Object> x5c(String name) throws GeneralSecurityException {
        Map<String, Object> provisioner = new LinkedHashMap<>();
        provisioner.put("type", "X5C");
        provisioner.put("name", name);
        String roots = root.pem();
        provisioner.put("roots", Base64.getEncoder().encodeToString(roots.getBytes(StandardCharsets.US_ASCII)));
        return provisioner;
    }

    private static Map<String, Object> withTemplate(Map<String, Object> provisioner, String template) {
        Map<String, Object> x509 = new LinkedHashMap<>();
        x509.put("template", template);
        provisioner.put("options", Map.of("x509", x509));
        return provisioner;
    }
}
