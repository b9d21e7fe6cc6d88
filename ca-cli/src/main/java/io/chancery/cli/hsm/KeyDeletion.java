package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.signer.admin.ManagedKey;
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

    static void refuse(
            ManagedKey key, KeyPlace place, @Nullable String confirm, boolean force, Surroundings surroundings)
            throws UsageException {
        Optional<ConfigFiles> files = place.files(surroundings);
        if (files.isPresent() && isIssuers(key, files.get())) {
            throw new UsageException("the key " + key.label() + " is the one that " + place.config()
                    + " issues with; it is not deleted. First let the CA use another");
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
