package io.chancery.conformance;

import io.chancery.testing.PostgresProcess;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a database ran while used tokens were offered, by its own count ({@code pg_stat_statements}).
 *
 * @param asked for a token's row: so many replays have reached it
 * @param own looks of the nodes, which they take without being asked anything
 * @param others that are neither, by how often
 */
record ReplayStatements(long asked, long own, Map<String, Long> others) {
    private static final String STATEMENTS = "SELECT calls || ' ' || regexp_replace(query, '\\s+', ' ', 'g')"
            + " FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%' ORDER BY calls DESC";

    /** Each replay that reaches the database asks for the token's row, and nobody else does. */
    private static final Pattern ASKS = Pattern.compile("INSERT INTO used_token .*");

    /**
     * What nodes run without being asked anything: whether the store is there, has forgotten nothing and what time it is; its
     * jobs, and the lists of revoked certificates. What begins and ends a transaction says nothing by itself.
     */
    private static final Pattern OWN_LOOKS = Pattern.compile(
            "(BEGIN|COMMIT|ROLLBACK|SET|SHOW)\\b.*|SELECT (current_setting|pg_is_in_recovery|set_config|\\(extract).*"
                    + "|.*\\b(store_probe|store_epoch|store_job|store_schema|flyway_schema_history|pg_control_system|crl|issuer"
                    + "|revocation)\\b.*|DELETE FROM used_token .*|UPDATE certificate SET state = .* ORDER BY number LIMIT .*");

    static void reset(PostgresProcess server) throws Exception {
        String unused = server.sql(EqualNodes.DATABASE, "SELECT pg_stat_statements_reset()");
    }

    /** What it ran since the last reset. */
    static ReplayStatements read(PostgresProcess server) throws Exception {
        long asked = 0;
        long own = 0;
        Map<String, Long> others = new LinkedHashMap<>();
        for (String line : server.sql(EqualNodes.DATABASE, STATEMENTS).lines().toList()) {
            String query = line.substring(line.indexOf(' ') + 1);
            long calls = Long.parseLong(line.substring(0, line.indexOf(' ')));
            if (ASKS.matcher(query).matches()) {
                asked += calls;
            } else if (OWN_LOOKS.matcher(query).matches()) {
                own += calls;
            } else {
                long unused = others.merge(query, calls, Long::sum);
            }
        }
        return new ReplayStatements(asked, own, others);
    }

    /** All that replays may have caused. */
    long caused() {
        return asked + others.values().stream().mapToLong(Long::longValue).sum();
    }
}
