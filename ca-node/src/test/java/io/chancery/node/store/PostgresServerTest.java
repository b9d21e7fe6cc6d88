package io.chancery.node.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.config.PostgresSource;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a server is spoken to. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PostgresServerTest {
    @ParameterizedTest
    @CsvSource({
        "postgresql://u@h/d, prefer",
        "postgresql://u@h/d?sslmode=require, require",
        "postgresql://u@h/d?sslmode=require&sslrootcert=ca.pem, verify-ca",
        "postgresql://u@h/d?sslmode=verify-full&sslrootcert=ca.pem, verify-full"
    })
    void tls_is_verified_where_libpq_would(String text, String mode) {
        assertThat(PostgresServer.sslMode(PostgresSource.parse(text, Optional.empty())))
                .isEqualTo(mode);
    }

    @Test
    void a_node_that_makes_the_first_tables_does_not_wait_without_an_end_for_a_server_that_has_vanished() {
        PostgresServer server = new PostgresServer(PostgresSource.parse("postgresql://u@h/d", Optional.empty()));
        assertThat(server.forFirstTables().getSocketTimeout()).isEqualTo(60);
    }
}
