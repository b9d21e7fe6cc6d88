package io.chancery.cli.start;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.secret.Secret;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery start CA_JSON}: what {@code step-ca CA_JSON} does, on the same files. */
@Command(
        name = "start",
        description = "Start the CA that a ca.json describes, in the foreground.",
        mixinStandardHelpOptions = true)
public final class StartCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "CA_JSON", description = "step's ca.json; a chancery.json beside it is read too")
    @SuppressWarnings("NullAway.Init")
    private Path caJson;

    @Option(names = "--password-file", paramLabel = "FILE", description = "holds the password of the issuer's key")
    private @Nullable Path passwordFile;

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            defaultValue = "all",
            description = "all, api (HTTP and store) or signer (the key); the latter two in a cluster only")
    @SuppressWarnings("NullAway.Init")
    private Ca.Role role;

    @Option(names = "--check-config", description = "check both files and stop")
    private boolean checkOnly;

    @Option(names = "--strict", description = "warnings about the files stop the start, too")
    private boolean strict;

    @Option(
            names = "--start-empty",
            description = "go on where a step-ca has worked and its used tokens and revocations cannot be read")
    private boolean startEmpty;

    public StartCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Reload reload = new Reload(caJson, strict, surroundings);
        if (!checkOnly) {
            reload.onHangUp(); // first of all: before, it would end the process
        }
        if (checkOnly) {
            return check();
        }
        LoadedConfig loaded = LoadedConfig.forStart(caJson, strict, role, surroundings);
        ConfigFiles files = loaded.files();
        Optional<Secret> password = role == Ca.Role.api ? Optional.empty() : KeyPassword.find(files, passwordFile);
        Ca ca = Ca.start(loaded, role, password, startEmpty, surroundings);
        surroundings.end().stopBefore(ca);
        Signals.endWellOnTerm();
        reload.started(ca);
        if (role == Ca.Role.signer) {
            surroundings.out().println("ready: signer");
            surroundings.out().flush();
            return ca.awaitEnd();
        }
        Optional<Integer> early = ca.awaitReadyOrEnd();
        if (early.isPresent()) {
            return early.get();
        }
        int port = ca.awaitReady();
        Foreground.announce(ca, port, surroundings.out());
        return ca.awaitEnd();
    }

    private int check() throws UsageException {
        Optional<Secret> password = Optional.empty();
        Optional<UsageException> unread = Optional.empty(); // told when the files' own problems are
        try {
            password = passwordFile == null || role == Ca.Role.api
                    ? Optional.empty()
                    : Optional.of(KeyPassword.of(passwordFile));
        } catch (UsageException e) {
            unread = Optional.of(e);
        }
        KeyCheck keys = new KeyCheck(password, unread.isPresent(), surroundings.err());
        LoadedConfig loaded;
        try {
            loaded = LoadedConfig.forCheck(caJson, strict, role, keys, surroundings);
        } catch (UsageException e) {
            unread.ifPresent(also -> surroundings.err().println("error: " + also.getMessage()));
            throw e;
        }
        if (unread.isPresent()) {
            throw unread.get();
        }
        loaded.served().ifPresent(LoadedConfig.Served::warn);
        surroundings.err().println("the configuration is fine");
        return 0;
    }
}
