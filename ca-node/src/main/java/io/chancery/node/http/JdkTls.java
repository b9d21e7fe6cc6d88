package io.chancery.node.http;

import java.security.Security;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the JDK's TLS does for a whole process: it reads this once, before its first handshake, that of an event bus
 * included.
 */
public final class JdkTls {
    /**
     * Certificates that the other side may show. Anybody may, and the JDK looks for a way through them before it asks for the
     * proof of a key: through a hundred that name each other there are more ways than time and memory.
     */
    private static final String LONGEST_CHAIN = "10";
    /** Ten certificates with many names. */
    private static final String LARGEST_MESSAGE = "65536";
    /**
     * Each TLS context keeps its key in a key store of its own, in memory and under a password that stands beside it: 10,000
     * rounds protect nothing there, and are a sixth of the CPU time of a start. No key store is ever written to a file.
     */
    private static final String KEY_STORE_ROUNDS = "1";

    private JdkTls() {}

    private static final String PREFERRED = "jdk.security.provider.preferred";
    /**
     * What costs most in a handshake, by Corretto's provider where it is in the JDK's list: the JDK's TLS has no provider of its
     * own. One that is not there is passed over.
     */
    private static final String IN_HANDSHAKES = Stream.of(
                    "Signature.SHA256withECDSA",
                    "Signature.SHA384withECDSA",
                    "Signature.SHA512withECDSA",
                    "Signature.RSASSA-PSS",
                    "KeyPairGenerator.EC",
                    "KeyAgreement.ECDH")
            .map(algorithm -> algorithm + ":AmazonCorrettoCryptoProvider")
            .collect(Collectors.joining(", "));

    /** To be called before anything of the process speaks TLS, or uses the JDK's cryptography at all. */
    public static void prepare() {
        String preferred = Security.getProperty(PREFERRED);
        if (preferred == null || preferred.isBlank()) {
            Security.setProperty(PREFERRED, IN_HANDSHAKES);
        }
        set("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        set("jdk.tls.maxCertificateChainLength", LONGEST_CHAIN);
        set("jdk.tls.maxHandshakeMessageSize", LARGEST_MESSAGE);
        set("keystore.pkcs12.keyPbeIterationCount", KEY_STORE_ROUNDS);
    }

    /** What the command line says stays. */
    private static void set(String name, String value) {
        if (System.getProperty(name) == null) {
            String unused = System.setProperty(name, value);
        }
    }
}
