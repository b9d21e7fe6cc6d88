package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** More issuers of a PKI, and chains as OpenSSL judges them. */
final class IssuerFiles {
    private IssuerFiles() {}

    /** Has the root sign another intermediate, its key in a file; answers its entry for chancery.json. */
    static Map<String, Object> make(StepPki pki, String name) throws Exception {
        sign(
                pki,
                "Issuer " + name,
                certificate(pki, name),
                pki.file(name + ".key"),
                "8760h",
                "--no-password",
                "--insecure");
        return new HashMap<>(Map.of(
                "name",
                name,
                "crt",
                certificate(pki, name).toString(),
                "key",
                pki.file(name + ".key").toString()));
    }

    /**
     * Has the root sign an intermediate.
     *
     * @param end as step writes a time or a duration from now on
     * @param more options, as what to do with the key
     */
    static void sign(StepPki pki, String subject, Path certificate, Path key, String end, String... more)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "certificate",
                "create",
                subject,
                certificate.toString(),
                key.toString(),
                "--profile",
                "intermediate-ca",
                "--ca",
                pki.root().toString(),
                "--ca-key",
                pki.file("step/secrets/root_ca_key").toString(),
                "--ca-password-file",
                pki.password(),
                "--not-after",
                end));
        command.addAll(List.of(more));
        pki.step(command.toArray(String[]::new)).succeeded();
    }

    static Path certificate(StepPki pki, String name) {
        return pki.file(name + ".crt");
    }

    /** PEM: the certificate that was answered, then those behind it. */
    static List<String> chain(ApiClient.Answer answer) {
        try {
            List<String> chain = new ArrayList<>();
            for (Object pem : (List<?>) JSONObjectUtils.parse(answer.body()).get("certChain")) {
                chain.add((String) pem);
            }
            return chain;
        } catch (ParseException e) {
            throw new AssertionError("not JSON: " + answer.body(), e);
        }
    }

    /** The entry with what it issues. */
    static Map<String, Object> issuing(Map<String, Object> entry, Map<String, Object> issues) {
        Map<String, Object> all = new HashMap<>(entry);
        all.put("issues", issues);
        return all;
    }

    /** Fails unless each chain leads to the root by what was sent with it alone. */
    static void verify(StepPki pki, List<List<String>> chains) throws Exception {
        for (List<String> chain : chains) {
            Path leaf = Files.writeString(pki.file("verified-leaf.pem"), chain.get(0));
            Path rest =
                    Files.writeString(pki.file("verified-rest.pem"), String.join("", chain.subList(1, chain.size())));
            List<String> command =
                    new ArrayList<>(List.of("openssl", "verify", "-purpose", "sslserver", "-x509_strict"));
            command.addAll(List.of("-CAfile", pki.root().toString(), "-untrusted", rest.toString(), leaf.toString()));
            Commands.run(pki.folder(), Map.of(), command.toArray(String[]::new)).succeeded();
        }
    }
}
