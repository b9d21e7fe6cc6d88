package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.signer.admin.CaSigning;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bouncycastle.asn1.x500.X500Name;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chancery hsm selfsign}: a root certificate for a key on a token. */
@Command(
        name = "selfsign",
        description = {
            "Make a root certificate for the URI's key, write it beside the key, and print it as PEM.",
            "Checked against RFC 5280 before it is signed."
        },
        mixinStandardHelpOptions = true)
public final class SelfsignCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private CaFields fields;

    @Option(names = "--subject", required = true, description = "CN=Example Root CA,O=Example, or a common name alone")
    @SuppressWarnings("NullAway.Init")
    private String subject;

    @Option(names = "--replace", description = "in place of a certificate that the key has")
    private boolean replace;

    public SelfsignCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        X500Name name = CaFields.subject(subject);
        try (TokenSession session = place.open(surroundings)) {
            ManagedKey key = session.key(place.uri(surroundings));
            X509Certificate made = CaSigning.certificate(
                    fields.template(name, key.publicKey(), CaIssuer.itself(name, key.publicKey()), surroundings),
                    key,
                    Optional.empty());
            key.writeCertificate(made, replace);
            surroundings.out().print(PemFiles.pem(made));
            surroundings.out().flush();
        }
        return 0;
    }
}
