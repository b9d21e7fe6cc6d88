package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which token, which key and which PIN; every verb has them. */
public final class KeyPlace {
    @Option(
            names = "--kms",
            paramLabel = "URI",
            description =
                    "token and key: pkcs11:module-path=FILE;token=LABEL;object=KEY?pin-source=FILE (RFC 7512), as in"
                            + " ca.json")
    @Nullable
    private String kms;

    @Option(
            names = "--config",
            paramLabel = "CA_JSON",
            description = "token and key as this ca.json and its chancery.json name them; --kms wins where both do")
    @Nullable
    private Path config;

    @Option(
            names = "--pin",
            paramLabel = "SOURCE",
            description = "where the PIN is, when not in the URI: " + PinSource.FORMS)
    @Nullable
    private String pin;

    private Optional<ConfigFiles> read = Optional.empty();

    /** What stands in --config; empty without it. */
    Optional<ConfigFiles> files(Surroundings surroundings) throws UsageException {
        if (read.isEmpty() && config != null) {
            read = Optional.of(ConfigFiles.read(config, false, surroundings.err()));
        }
        return read;
    }

    @Nullable
    Path config() {
        return config;
    }

    boolean namesKms() {
        return kms != null;
    }

    /** From both options together. */
    Pkcs11Uri uri(Surroundings surroundings) throws UsageException {
        Optional<Pkcs11Uri> configured = files(surroundings).flatMap(KeyPlace::configured);
        if (kms == null) {
            return configured.orElseThrow(() -> new UsageException(
                    config == null
                            ? "which token? Name it with --kms pkcs11:… or --config CA_JSON"
                            : config + " names no key on a token; name one with --kms pkcs11:…"));
        }
        Pkcs11Uri named = parse("--kms", kms);
        if (kms.contains("pin-value=")) {
            surroundings
                    .err()
                    .println("warning: a PIN in the command line is there for every user of this machine to see while"
                            + " this runs; write it to a file of yours alone and use pin-source=FILE, or --pin");
        }
        return configured.map(named::withDefaults).orElse(named);
    }

    /** The key and its token as the CA reads them. */
    static Optional<Pkcs11Uri> configured(ConfigFiles files) {
        String key = files.issuerKey();
        Optional<Pkcs11Uri> common = files.kmsUri().filter(Pkcs11Uri::isPkcs11).map(Pkcs11Uri::parse);
        if (!Pkcs11Uri.isPkcs11(key)) {
            return common;
        }
        Pkcs11Uri own = Pkcs11Uri.parse(key);
        return Optional.of(common.map(own::withDefaults).orElse(own));
    }

    static Pkcs11Uri parse(String option, String text) throws UsageException {
        try {
            return Pkcs11Uri.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    /** From --pin, else from the URI, else from ca.json's kms.pin, else asked for. The caller closes it. */
    Secret pin(Surroundings surroundings) throws UsageException {
        Pkcs11Uri uri = uri(surroundings);
        String what = "PIN of token " + uri.token().orElse(uri.serial().orElse("in " + uri.modulePath()));
        if (pin != null) {
            return PinSource.read(pin, what);
        }
        Optional<Secret> found = uri.pin();
        if (found.isPresent()) {
            return found.get();
        }
        Optional<Secret> configured = pinOfConfig(surroundings, uri);
        if (configured.isPresent()) {
            return configured.get().copy();
        }
        return PinSource.read(null, what);
    }

    /** ca.json's kms.pin, which is for the token that the files name, and may be a wrong one for another. */
    private Optional<Secret> pinOfConfig(Surroundings surroundings, Pkcs11Uri uri) throws UsageException {
        Optional<ConfigFiles> files = files(surroundings);
        boolean elsewhere = files.flatMap(KeyPlace::configured)
                .filter(uri::namesAnotherTokenThan)
                .isPresent();
        return elsewhere
                ? Optional.empty()
                : files.flatMap(each -> each.ca().kms().pin());
    }

    /**
     * The one that the CA will read at its start, from the URI or ca.json's kms.pin. The caller closes it.
     *
     * @throws UsageException when there is none, when it depends on where the CA is started, or with another beside it
     */
    Secret pinOfCa(Surroundings surroundings) throws UsageException {
        Pkcs11Uri uri = uri(surroundings);
        if (pin != null) {
            throw new UsageException(
                    "leave out --pin: what is tried is the PIN that the CA will read, from pin-source");
        }
        String source = uri.pinSource().orElse("/");
        if (!(source.regionMatches(true, 0, "file:", 0, 5) ? source.substring(5) : source).startsWith("/")) {
            throw new UsageException("pin-source=" + source + ": the CA may be started in another folder; write the"
                    + " whole path, from /");
        }
        Optional<Secret> own = uri.pin();
        if (own.isPresent()) {
            return own.get();
        }
        return files(surroundings)
                .flatMap(files -> files.ca().kms().pin())
                .map(Secret::copy)
                .orElseThrow(() ->
                        new UsageException("the CA will need the PIN at each start: add pin-source=FILE to --kms"));
    }

    /** Whether any of them says where. */
    public boolean isGiven() {
        return kms != null || config != null;
    }

    /** A session that is logged in; the PIN is tried once. */
    public TokenSession open(Surroundings surroundings) throws UsageException {
        Pkcs11Uri uri = uri(surroundings);
        try (Secret secret = pin(surroundings)) {
            return TokenSession.open(uri, Optional.of(secret));
        }
    }
}
