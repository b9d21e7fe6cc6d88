package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.signer.admin.CaSigning;
import io.chancery.signer.admin.TokenSession;
import java.util.concurrent.Callable;
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

    public CsrCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (TokenSession session = place.open(surroundings)) {
            surroundings
                    .out()
                    .print(PemFiles.pem(
                            "CERTIFICATE REQUEST",
                            CaSigning.request(session.key(place.uri(surroundings)), CaFields.subject(subject))));
            surroundings.out().flush();
        }
        return 0;
    }
}
