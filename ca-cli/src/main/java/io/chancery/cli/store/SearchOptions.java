package io.chancery.cli.store;

import io.chancery.cli.UsageException;
import io.chancery.core.time.GoDuration;
import io.chancery.node.store.CertificateQuery;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code store list} looks for. */
final class SearchOptions {
    @Option(names = "--name", description = "a name in it, in any case; *.example.com or web* for a part of one")
    private @Nullable String name;

    @Option(names = "--provisioner", description = "the name of the provisioner that let it be issued")
    private @Nullable String provisioner;

    @Option(names = "--state", description = "${COMPLETION-CANDIDATES}")
    private @Nullable ListedState state;

    @Option(
            names = "--expires-before",
            paramLabel = "TIME",
            description = "ends earlier: 2026-12-01T00:00:00Z, or 24h for so long from now")
    private @Nullable String expiresBefore;

    @Option(names = "--valid-at", paramLabel = "TIME", description = "is valid then; 0s for now")
    private @Nullable String validAt;

    @Option(names = "--limit", defaultValue = "100", description = "at most so many, up to 10000 (${DEFAULT-VALUE})")
    private int limit;

    @Option(names = "--offset", defaultValue = "0", description = "pass over so many first")
    private int offset;

    CertificateQuery query(Instant now) throws UsageException {
        if (limit < 1 || limit > CertificateQuery.MOST || offset < 0) {
            throw new UsageException("--limit is 1 to " + CertificateQuery.MOST + " and --offset 0 or more, not "
                    + limit + " and " + offset);
        }
        return new CertificateQuery(
                Optional.ofNullable(name),
                Optional.ofNullable(provisioner),
                Optional.ofNullable(state).map(ListedState::row),
                Optional.ofNullable(state).flatMap(ListedState::isRevoked),
                time("--expires-before", expiresBefore, now),
                time("--valid-at", validAt, now),
                limit,
                offset);
    }

    static Optional<Instant> time(String option, @Nullable String text, Instant now) throws UsageException {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException notATime) {
            try {
                return Optional.of(now.plus(GoDuration.parse(text)));
            } catch (IllegalArgumentException e) {
                throw new UsageException(
                        option + " is a time such as 2026-12-01T00:00:00Z, or a duration from now such as"
                                + " 24h, not " + text);
            }
        }
    }
}
