package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What stands between a slip of the hand and a lost key. */
final class KeyDeletion {
    private KeyDeletion() {}

    /** UsageException says why not, with nothing done. */
    static void refuse(
            TokenSession session,
            ManagedKey key,
            KeyPlace place,
            @Nullable String confirm,
            boolean force,
            Surroundings surroundings)
            throws UsageException {
        Optional<ConfigFiles> files = place.files(surroundings);
        if (files.isPresent() && isIssuers(key, files.get())) {
            throw new UsageException("the key " + key.label() + " is the one that " + place.config()
                    + " issues with; it is not deleted. First let the CA use another");
        }
        if (files.isPresent() && !force) {
            refuseUncertain(session, key, place, files.get());
        }
        for (X509Certificate certificate : key.certificates()) {
            boolean valid = certificate
                    .getNotAfter()
                    .toInstant()
                    .isAfter(surroundings.clock().instant());
            if (valid && !force) {
                throw new UsageException("the key " + key.label() + " has a certificate that is valid until "
                        + certificate.getNotAfter().toInstant() + ", of "
                        + certificate.getSubjectX500Principal() + "; --force deletes it all the same");
            }
        }
        if (!key.label().equals(confirm)) {
            throw new UsageException("deleting the key " + key.label() + " (id " + key.idHex()
                    + ") cannot be undone; if that is what you want, add --confirm " + key.label());
        }
    }

    private static void refuseUncertain(TokenSession session, ManagedKey key, KeyPlace place, ConfigFiles files)
            throws UsageException {
        if (isNamed(session, key, files)) {
            throw new UsageException("the key " + key.label() + " is one that " + place.config()
                    + " or its chancery.json names, although it is not that of an issuer's certificate, as far as the"
                    + " token shows; --force deletes it all the same");
        }
        if (key.knownPublicKey().isEmpty()) {
            throw new UsageException("the token does not show the public half of the key " + key.label()
                    + ", so nobody can tell whether " + place.config()
                    + " issues with it; --force deletes it all the same");
        }
    }

    /** Whether an issuer's URI finds it. */
    private static boolean isNamed(TokenSession session, ManagedKey key, ConfigFiles files) {
        Optional<String> token = Optional.of(session.token().slot().identity());
        return KeyPlace.ofNode(files).stream()
                .filter(uri -> uri.object().isPresent() || uri.id().isPresent())
                .filter(uri -> KeyPlace.token(uri).equals(token))
                .flatMap(uri -> session.keys(uri).stream())
                .anyMatch(each -> each.label().equals(key.label()) && each.id().equals(key.id()));
    }

    /** Also one that only signs lists any more, or does not sign yet. */
    private static boolean isIssuers(ManagedKey key, ConfigFiles files) throws UsageException {
        List<Path> certificates = new ArrayList<>(List.of(files.ca().pki().crt()));
        files.chancery().issuers().forEach(issuer -> certificates.add(issuer.crt()));
        for (Path file : certificates) {
            byte[] issuers = PemFiles.certificate(file).getPublicKey().getEncoded();
            if (key.knownPublicKey()
                    .filter(known -> Arrays.equals(known.getEncoded(), issuers))
                    .isPresent()) {
                return true;
            }
        }
        return false;
    }
}
