package io.chancery.cli.quickstart;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.cli.SecretFiles;
import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.hsm.CaFields;
import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.crypto.BouncyCastle;
import io.chancery.core.der.Der;
import io.chancery.core.pem.PemBlock;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyMaker;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.ModuleFile;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/**
 * The PKI of a quick start: an encrypted software root, an intermediate whose key is made in the SoftHSM token and never
 * leaves it, one JWK provisioner, and the two configuration files. Made once; ca.json is written last, so a folder that
 * has one is whole.
 */
final class QuickstartPki {
    static final String PROVISIONER = "admin";

    private static final String NAME = "Chancery Quick Start";
    private static final Duration LIFE = Duration.ofDays(3650);
    private static final String MODULE = "libsofthsm2.so";

    private final Path folder;
    private final Surroundings surroundings;

    QuickstartPki(Path folder, Surroundings surroundings) {
        this.folder = folder.toAbsolutePath().normalize();
        this.surroundings = surroundings;
    }

    Path caJson() {
        return folder.resolve("ca.json");
    }

    String provisionerPassword() throws IOException {
        return Files.readString(folder.resolve("provisioner-password"), StandardCharsets.UTF_8)
                .strip();
    }

    /** Leaves a PKI that is there as it is. */
    void makeIfMissing() throws IOException, GeneralSecurityException, JOSEException, UsageException {
        if (Files.exists(caJson())) {
            surroundings.err().println("using the PKI in " + folder);
            return;
        }
        if (!Files.isReadable(folder.resolve("pin"))) {
            throw new UsageException(folder.resolve("pin") + " cannot be read. First make a token, with its PIN there:"
                    + " softhsm/init-token.sh FOLDER/softhsm chancery FOLDER/pin FOLDER/so-pin; it prints the line to"
                    + " type next");
        }
        surroundings.err().println("making a PKI in " + folder + ", the issuing key in SoftHSM");
        Path unused = Files.createDirectories(folder.resolve("db"));
        String label = "intermediate-" + random(4);
        String uri = "pkcs11:module-path=" + module() + ";token=chancery;object=" + label + "?pin-source="
                + percentEncoded(folder.resolve("pin"));
        Instant now = surroundings.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        KeyPair rootKey = rootKey();
        X509Certificate root = CaCertificate.make(
                new CaCertificate.Root(
                        NAME + " Root CA", rootKey.getPublic(), CaFields.serial(surroundings), now, now.plus(LIFE), 1),
                tbs -> sign(rootKey, tbs));
        X509Certificate intermediate = intermediate(Pkcs11Uri.parse(uri), root, rootKey);
        replace("root_ca.crt", pem(root));
        replace("intermediate_ca.crt", pem(intermediate));
        secret("root-password", random(24));
        secret("root_ca_key", encrypted(rootKey, Files.readString(folder.resolve("root-password"))));
        secret("provisioner-password", random(16));
        replace("chancery.json", chanceryJson());
        // Whole or not at all: a disk may be full.
        secret("ca.json.new", caJson(uri));
        Path unusedToo = Files.move(folder.resolve("ca.json.new"), caJson(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** With its key made on the token, and the certificate beside it there. */
    private X509Certificate intermediate(Pkcs11Uri uri, X509Certificate root, KeyPair rootKey)
            throws GeneralSecurityException, IOException {
        Optional<Secret> pin = uri.pin();
        try (TokenSession session = TokenSession.open(uri, pin)) {
            ManagedKey key = KeyMaker.generate(session, uri, KeyAlgorithm.EC_P256);
            X509Certificate intermediate = CaCertificate.make(
                    new CaTemplate(
                            CaNames.subject(NAME + " Intermediate CA"),
                            key.publicKey(),
                            CaIssuer.of(root),
                            CaFields.serial(surroundings),
                            root.getNotBefore().toInstant(),
                            root.getNotAfter().toInstant(),
                            OptionalInt.of(0),
                            Optional.empty()),
                    Optional.of(root),
                    tbs -> sign(rootKey, tbs));
            key.writeCertificate(intermediate, false);
            return intermediate;
        } finally {
            pin.ifPresent(Secret::close);
        }
    }

    private KeyPair rootKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), surroundings.random());
        return generator.generateKeyPair();
    }

    private static byte[] sign(KeyPair key, Der tbs) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key.getPrivate());
        signature.update(tbs.bytes());
        return signature.sign();
    }

    private String encrypted(KeyPair key, String password) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(new JcaPKCS8Generator(
                    key.getPrivate(),
                    new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                            .setProvider(BouncyCastle.whole())
                            .setRandom(surroundings.random())
                            .setPassword(password.toCharArray())
                            .build()));
        } catch (OperatorCreationException e) {
            throw new IOException("the root key cannot be encrypted", e);
        }
        return text.toString();
    }

    private String caJson(String keyUri) throws IOException, JOSEException {
        ProvisionerKey key = ProvisionerKey.generate(surroundings.random());
        Map<String, Object> provisioner = new LinkedHashMap<>();
        provisioner.put("type", "JWK");
        provisioner.put("name", PROVISIONER);
        provisioner.put("key", publicKey(key));
        provisioner.put("encryptedKey", key.encrypt(provisionerPassword()));
        Map<String, Object> ca = new LinkedHashMap<>();
        ca.put("root", folder.resolve("root_ca.crt").toString());
        ca.put("crt", folder.resolve("intermediate_ca.crt").toString());
        ca.put("key", keyUri);
        ca.put("address", "127.0.0.1:" + freePort(9000));
        ca.put("dnsNames", List.of("localhost", "127.0.0.1"));
        ca.put("db", Map.of("type", "sqlite", "dataSource", folder.resolve("db").toString()));
        ca.put("authority", Map.of("provisioners", List.of(provisioner)));
        return JSONObjectUtils.toJSONString(ca) + "\n";
    }

    private static Map<String, Object> publicKey(ProvisionerKey key) throws IOException {
        try {
            return JSONObjectUtils.parse(key.publicJson());
        } catch (java.text.ParseException e) {
            throw new IOException("a key that does not print as JSON", e);
        }
    }

    private static String chanceryJson() throws IOException {
        return JSONObjectUtils.toJSONString(Map.of("management", Map.of("address", "127.0.0.1:" + freePort(9090))))
                + "\n";
    }

    /** The usual port when nobody has it, else any. */
    private static int freePort(int usual) throws IOException {
        return isFree(usual) ? usual : anyFreePort();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static int anyFreePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String module() throws UsageException {
        return ModuleFile.installed().stream()
                .filter(path -> path.endsWith("/" + MODULE))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "SoftHSM's library " + MODULE + " is not among those that chancery hsm modules finds: install"
                                + " softhsm2 (apt-get install softhsm2)"));
    }

    /** RFC 7512 s. 2.3: a path may hold characters that mean something in a URI. */
    private static String percentEncoded(Path path) {
        return URLEncoder.encode(path.toString(), StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    private String random(int bytes) {
        byte[] value = new byte[bytes];
        surroundings.random().nextBytes(value);
        return HexFormat.of().formatHex(value);
    }

    private static String pem(X509Certificate certificate) throws GeneralSecurityException {
        return new PemBlock("CERTIFICATE", Map.of(), Der.of(certificate.getEncoded())).encode();
    }

    private void replace(String name, String text) throws IOException {
        Path unused = Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
    }

    private void secret(String name, String text) throws IOException {
        boolean unused = Files.deleteIfExists(folder.resolve(name)); // left by a first start that broke off
        SecretFiles.write(folder.resolve(name), text);
    }
}
