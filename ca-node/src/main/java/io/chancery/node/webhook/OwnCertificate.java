package io.chancery.node.webhook;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The server's own certificate with its chain, shown to whoever asks for one. The JDK shows it only to a server that names
 * an authority above it; step-ca leaves it to the server what to make of it, which may know the certificate by other means.
 */
final class OwnCertificate extends X509ExtendedKeyManager {
    private final X509ExtendedKeyManager own;

    /** @param own has one key */
    OwnCertificate(X509ExtendedKeyManager own) {
        this.own = own;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] types, Principal @Nullable [] authorities, SSLEngine engine) {
        return own.chooseEngineClientAlias(types, null, engine);
    }

    @Override
    public @Nullable String chooseClientAlias(String[] types, Principal @Nullable [] authorities, Socket socket) {
        return own.chooseClientAlias(types, null, socket);
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] authorities) {
        return own.getClientAliases(type, null);
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] authorities) {
        return own.getServerAliases(type, authorities);
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] authorities, Socket socket) {
        return own.chooseServerAlias(type, authorities, socket);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return own.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return own.getPrivateKey(alias);
    }
}
