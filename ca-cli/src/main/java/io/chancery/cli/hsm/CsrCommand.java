package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.signer.admin.CaSigning;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chancery hsm csr}: what an offline root needs to sign an intermediate. */
@Command(
        name = "csr",
        description = {
            "Print a certificate request for the URI's key, as PEM.",
            "Next: the root's side signs it (chancery hsm sign-intermediate), then import-cert here."
        },
        mixinStandardHelpOptions = true)
public final class CsrCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Option(
            names = "--subject",
            required = true,
            description = "CN=Example Issuing CA,O=Example, or a common name alone")
    @SuppressWarnings("NullAway.Init")
    private String subject;

    @Option(
            names = "--signature-algorithm",
            paramLabel = "NAME",
            description = "how the key signs the request, such as SHA256-RSAPSS; else as Go chooses for it")
    @Nullable
    private String signatureAlgorithm;

    public CsrCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (TokenSession session = place.open(surroundings)) {
            ManagedKey key = session.key(place.uri(surroundings));
            Der request = CaSigning.request(key, CaFields.subject(subject), scheme(key));
            surroundings.out().print(PemFiles.pem("CERTIFICATE REQUEST", request));
            surroundings.out().flush();
        }
        return 0;
    }

    private SignatureScheme scheme(ManagedKey key) throws UsageException {
        try {
            return signatureAlgorithm == null
                    ? SignatureScheme.defaultFor(key.publicKey())
                    : CaFields.scheme(signatureAlgorithm).fitting(key.publicKey());
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }
}
