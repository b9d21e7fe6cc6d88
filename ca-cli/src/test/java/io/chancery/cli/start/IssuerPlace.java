package io.chancery.cli.start;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.cli.ProcessEnd;
import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.der.Der;
import io.chancery.core.pem.PemBlock;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OutputEncryptor;

/** A folder with a root, intermediates under it, and the files of a configuration that names them. */
final class IssuerPlace {
    static final Surroundings SURROUNDINGS =
            new Surroundings(System.out, System.err, Instant::now, new SecureRandom(), new ProcessEnd());

    private final Path folder;
    private final Map<String, KeyPair> keys = new HashMap<>();
    private long serials;

    IssuerPlace(Path folder) throws Exception {
        this.folder = folder;
        write("root.crt", certificate("Root", "Root"));
    }

    private KeyPair key(String name) throws Exception {
        if (!keys.containsKey(name)) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair made = generator.generateKeyPair();
            keys.put(name, made);
            Files.writeString(
                    folder.resolve(name + ".key"),
                    new PemBlock(
                                    "PRIVATE KEY",
                                    Map.of(),
                                    Der.of(made.getPrivate().getEncoded()))
                            .encode());
        }
        return keys.get(name);
    }

    /** A CA certificate; each has its own serial number, so two of the same key and name differ. */
    X509Certificate certificate(String subject, String issuer) throws Exception {
        return certificate(subject, issuer, Optional.empty());
    }

    private X509Certificate certificate(String subject, String issuer, Optional<NameConstraints> constraints)
            throws Exception {
        KeyPair by = key(issuer);
        Instant now = Instant.now();
        CaTemplate template = new CaTemplate(
                CaNames.subject(subject),
                key(subject).getPublic(),
                CaIssuer.itself(CaNames.subject(issuer), by.getPublic()),
                BigInteger.valueOf(++serials),
                now.minusSeconds(60),
                now.plus(Duration.ofDays(30)),
                OptionalInt.of(2),
                constraints);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(by.getPrivate());
        signature.update(template.tbs().bytes());
        return template.certificate(template.tbs(), Der.of(signature.sign()));
    }

    void write(String file, X509Certificate... certificates) throws Exception {
        StringBuilder text = new StringBuilder();
        for (X509Certificate each : certificates) {
            text.append(new PemBlock("CERTIFICATE", Map.of(), Der.of(each.getEncoded())).encode());
        }
        Files.writeString(folder.resolve(file), text);
    }

    /** A new intermediate in a file of its name. */
    void make(String name) throws Exception {
        write(name + ".crt", certificate(name, "Root"));
    }

    /** As {@link #make}, for names of a domain alone. */
    void makeFor(String name, String domain) throws Exception {
        GeneralSubtree permitted = new GeneralSubtree(new GeneralName(GeneralName.dNSName, domain));
        NameConstraints constraints = new NameConstraints(new GeneralSubtree[] {permitted}, null);
        write(name + ".crt", certificate(name, "Root", Optional.of(constraints)));
    }

    /** Its key is for who knows the password, from now on. */
    void encrypt(String name, String password) throws Exception {
        OutputEncryptor encryptor = new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                .setProvider(new BouncyCastleProvider())
                .setPassword(password.toCharArray())
                .build();
        try (JcaPEMWriter writer = new JcaPEMWriter(Files.newBufferedWriter(folder.resolve(name + ".key")))) {
            writer.writeObject(new JcaPKCS8Generator(key(name).getPrivate(), encryptor));
        }
    }

    /** An entry of chancery.json for the one of that name, its key beside it. */
    Map<String, Object> entry(String name) {
        return new HashMap<>(Map.of(
                "name",
                name,
                "crt",
                name + ".crt",
                "key",
                folder.resolve(name + ".key").toString()));
    }

    /** With the one of that name in ca.json; nobody looks whether the keys are there. */
    LoadedConfig load(String standing, Map<String, Object> chancery) throws Exception {
        Path file = configure(standing, chancery);
        List<String> problems = new ArrayList<>();
        try {
            LoadedConfig loaded = LoadedConfig.forReload(file, false, Ca.Role.all, SURROUNDINGS, problems::add);
            NodeParts.makeFolder(loaded.files());
            return loaded;
        } catch (UsageException e) {
            throw new UsageException(String.join("\n", problems) + "\n" + e.getMessage());
        }
    }

    LoadedConfig load(String standing, List<Map<String, Object>> listed) throws Exception {
        return load(standing, Map.of("issuers", listed));
    }

    /** Writes both files, and answers where ca.json is. */
    Path configure(String standing, Map<String, Object> chancery) throws Exception {
        String caJson = JSONObjectUtils.toJSONString(Map.of(
                "root",
                folder.resolve("root.crt").toString(),
                "crt",
                folder.resolve(standing + ".crt").toString(),
                "key",
                folder.resolve(standing + ".key").toString(),
                "address",
                ":0",
                "db",
                Map.of("type", "badgerv2", "dataSource", folder.resolve("db").toString())));
        Files.writeString(folder.resolve("chancery.json"), JSONObjectUtils.toJSONString(chancery));
        return Files.writeString(folder.resolve("ca.json"), caJson);
    }
}
