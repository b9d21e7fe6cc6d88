package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.crypto.BouncyCastle;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.error.CaException;
import io.chancery.signer.admin.CaSigning;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery hsm sign-intermediate}: the offline root's one job. */
@Command(
        name = "sign-intermediate",
        description = {
            "Sign an intermediate's request with the URI's key, the root's, and print the certificate as PEM.",
            "Subject and key come from the request, whose signature is verified; all else from the options."
        },
        mixinStandardHelpOptions = true)
public final class SignIntermediateCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private CaFields fields;

    @Option(
            names = "--crl-url",
            paramLabel = "URL",
            description =
                    "where the root's list of revoked certificates is had, once for each place of that one list; see sign-crl")
    private List<String> crlUrls = List.of();

    @Parameters(paramLabel = "CSR_FILE", description = "PEM, as chancery hsm csr prints it")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(
            names = "--issuer-cert",
            paramLabel = "CRT_FILE",
            description = "the root's certificate, when it is not on the token")
    @Nullable
    private Path issuerFile;

    public SignIntermediateCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        CertificateRequest request = request(file);
        X500Name subject = CertificationRequest.getInstance(request.der().bytes())
                .getCertificationRequestInfo()
                .getSubject();
        List<String> lists = crlUrls();
        try (TokenSession session = place.open(surroundings)) {
            ManagedKey key = session.key(place.uri(surroundings));
            X509Certificate issuer = issuer(key, issuerFile);
            X509Certificate made = CaSigning.certificate(
                    fields.template(subject, request.key(), CaIssuer.of(issuer), surroundings)
                            .withCrlUrls(lists),
                    key,
                    Optional.of(issuer));
            surroundings.out().print(PemFiles.pem(made));
            surroundings.out().flush();
        }
        return 0;
    }

    private List<String> crlUrls() throws UsageException {
        try {
            return CaNames.crlUrls(crlUrls);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--crl-url: " + e.getMessage());
        }
    }

    /** With its own signature verified. */
    public static CertificateRequest request(Path file) throws UsageException {
        try {
            return CertificateRequest.read(PemFiles.request(file), new PublicKeys(BouncyCastle.PROVIDER));
        } catch (CaException e) {
            throw new UsageException(file + " is no request that can be signed: " + e.getMessage());
        }
    }

    /** The signing key's, from the file, or the token when none is given. */
    static X509Certificate issuer(ManagedKey key, @Nullable Path file) throws UsageException {
        if (file != null) {
            return PemFiles.certificate(file);
        }
        return key.certificates().stream()
                .findFirst()
                .orElseThrow(() -> HsmException.misconfigured("the key " + key.label()
                        + " has no certificate on the token; name the root's with --issuer-cert"));
    }
}
