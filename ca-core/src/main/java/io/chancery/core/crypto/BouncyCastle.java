package io.chancery.core.crypto;

import java.security.Provider;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * BouncyCastle's provider, one for all of a process. It is not installed: only who is given it uses it. Any thread.
 */
public final class BouncyCastle {
    /**
     * Its keys and signatures, of the kinds that {@link PublicKeys} and {@link SignatureCheck} know. {@link #whole} takes
     * 0.3 s of CPU: hundreds of classes are loaded to register two thousand algorithms.
     */
    public static final Provider PROVIDER = new Signatures();

    private BouncyCastle() {}

    /** All that it has. */
    public static Provider whole() {
        return Whole.PROVIDER;
    }

    private static final class Whole {
        static final Provider PROVIDER = new BouncyCastleProvider();
    }

    private static final class Signatures extends Provider {
        private static final long serialVersionUID = 1L;
        private static final String CLASSES = "org.bouncycastle.jcajce.provider.asymmetric.";

        Signatures() {
            super(
                    BouncyCastleProvider.PROVIDER_NAME,
                    String.valueOf(BouncyCastleProvider.class.getPackage().getImplementationVersion()),
                    "BouncyCastle's keys and signatures");
            Map.of(
                            "KeyFactory.EC", "ec.KeyFactorySpi$EC",
                            "KeyFactory.RSA", "rsa.KeyFactorySpi",
                            "KeyFactory.Ed25519", "edec.KeyFactorySpi$Ed25519",
                            "Signature.Ed25519", "edec.SignatureSpi$Ed25519",
                            "Signature.RSASSA-PSS", "rsa.PSSSignatureSpi$PSSwithRSA")
                    .forEach(this::register);
            for (String bits : new String[] {"256", "384", "512"}) {
                register("Signature.SHA" + bits + "withECDSA", "ec.SignatureSpi$ecDSA" + bits);
                register("Signature.SHA" + bits + "withRSA", "rsa.DigestSignatureSpi$SHA" + bits);
            }
        }

        private void register(String service, String className) {
            Object unused = put(service, CLASSES + className);
        }
    }
}
