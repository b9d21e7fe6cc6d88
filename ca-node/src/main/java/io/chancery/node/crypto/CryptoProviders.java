package io.chancery.node.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import io.chancery.core.crypto.BouncyCastle;
import java.security.Provider;
import java.security.Security;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses what verifies signatures: Corretto's provider where its native library loads (12,000 P-256 verifications/s on a
 * core), else BouncyCastle (8,000), as the JDK's own manages 620 on JDK 17. Corretto's, where it is chosen, signs and
 * verifies in TLS handshakes, too ({@code JdkTls}).
 */
public final class CryptoProviders {
    private static final Logger LOG = LoggerFactory.getLogger(CryptoProviders.class);

    private CryptoProviders() {}

    /** The same one for all of a process. The first call loads a native library: not for an event loop. */
    public static Provider choose() {
        return Chosen.PROVIDER;
    }

    private static final class Chosen {
        static final Provider PROVIDER = chosen();
    }

    private static Provider chosen() {
        Provider provider = corretto();
        LOG.atInfo()
                .addKeyValue("provider", provider.getName())
                .addKeyValue("version", provider.getVersionStr())
                .log("crypto provider chosen");
        return provider;
    }

    private static Provider corretto() {
        try {
            AmazonCorrettoCryptoProvider corretto = AmazonCorrettoCryptoProvider.INSTANCE;
            if (corretto.getLoadingError() == null) {
                // Last in the list, where it is asked for what is preferred of it alone.
                int unusedPlace = Security.addProvider(corretto);
                return corretto;
            }
        } catch (LinkageError e) {
            LOG.atDebug().setCause(e).log("no native crypto library for this machine");
        }
        return BouncyCastle.PROVIDER;
    }

    /** The JDK's own EC provider, which makes the server's keys. */
    public static Provider platformEc() {
        return Security.getProvider("SunEC");
    }
}
