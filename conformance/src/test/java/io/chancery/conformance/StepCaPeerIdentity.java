package io.chancery.conformance;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** A client's certificate with what stands above it, and its key. */
record StepCaPeerIdentity(List<X509Certificate> chain, PrivateKey key) {
    static StepCaPeerIdentity read(Path crt, Path key) throws GeneralSecurityException, IOException {
        List<X509Certificate> chain = new ArrayList<>();
        try (var pem = Files.newInputStream(crt)) {
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(pem)
                    .forEach(each -> chain.add((X509Certificate) each));
        }
        try (PEMParser parser = new PEMParser(Files.newBufferedReader(key))) {
            Object object = parser.readObject();
            PrivateKeyInfo info =
                    object instanceof PEMKeyPair pair ? pair.getPrivateKeyInfo() : (PrivateKeyInfo) object;
            return new StepCaPeerIdentity(chain, new JcaPEMKeyConverter().getPrivateKey(info));
        }
    }

    /** The same certificate with another's key. */
    StepCaPeerIdentity withKeyOf(StepCaPeerIdentity other) {
        return new StepCaPeerIdentity(chain, other.key);
    }

    /** The certificate alone, as some clients send it. */
    StepCaPeerIdentity leafOnly() {
        return new StepCaPeerIdentity(chain.subList(0, 1), key);
    }

    String serial() {
        return chain.get(0).getSerialNumber().toString();
    }

    /** As a renew token's header carries it. */
    List<String> inHeader() throws GeneralSecurityException {
        List<String> all = new ArrayList<>();
        for (X509Certificate each : chain) {
            all.add(Base64.getEncoder().encodeToString(each.getEncoded()));
        }
        return all;
    }

    /** A compact JWS over the content, which is header and payload encoded. */
    String signed(String content) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key);
        signature.update(content.getBytes(StandardCharsets.US_ASCII));
        return content + "." + StepCaPeerTokens.encode(signature.sign());
    }

    /** Shows the certificate whatever the server asks for, also one that it will refuse. */
    KeyManager keyManager() {
        return new X509ExtendedKeyManager() {
            @Override
            public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
                return "own";
            }

            @Override
            public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
                return type.equals(key.getAlgorithm()) ? "own" : null;
            }

            @Override
            public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
                return "own";
            }

            @Override
            public String[] getClientAliases(String type, Principal[] issuers) {
                return new String[] {"own"};
            }

            @Override
            public X509Certificate[] getCertificateChain(String alias) {
                return chain.toArray(X509Certificate[]::new);
            }

            @Override
            public PrivateKey getPrivateKey(String alias) {
                return key;
            }

            @Override
            public String[] getServerAliases(String type, Principal[] issuers) {
                return new String[0];
            }

            @Override
            public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
                return "own";
            }
        };
    }
}
