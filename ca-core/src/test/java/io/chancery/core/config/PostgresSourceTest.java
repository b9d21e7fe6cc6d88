package io.chancery.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.secret.Secret;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PostgresSourceTest {
    private static PostgresSource parse(String text) {
        return PostgresSource.parse(text, Optional.empty());
    }

    private static String password(PostgresSource source) {
        return new String(source.password().orElseThrow().chars());
    }

    @Test
    void what_step_documents_is_read() {
        PostgresSource source =
                PostgresSource.parse("postgresql://postgres:pass%40word@127.0.0.1:5433/", Optional.of("stepca"));
        assertThat(source.hosts()).containsExactly(new CaConfig.HostPort("127.0.0.1", 5433));
        assertThat(source.user()).contains("postgres");
        assertThat(password(source)).isEqualTo("pass@word");
        assertThat(source.database()).contains("stepca");
        assertThat(source.place()).isEqualTo("postgresql://127.0.0.1:5433/stepca");
    }

    @Test
    void several_hosts_and_the_settings_of_tls_are_read() {
        PostgresSource source = parse("postgres://ca@db1,db2:6432,[2001:db8::1]:5/chancery?sslmode=verify-full"
                + "&sslrootcert=/etc/db%20ca.pem&connect_timeout=3&pool_max_conns=7");
        assertThat(source.hosts())
                .containsExactly(
                        new CaConfig.HostPort("db1", 5432),
                        new CaConfig.HostPort("db2", 6432),
                        new CaConfig.HostPort("2001:db8::1", 5));
        assertThat(source.ssl()).isEqualTo(Map.of("sslmode", "verify-full", "sslrootcert", "/etc/db ca.pem"));
        assertThat(source.unknown()).containsExactly("pool_max_conns");
        assertThat(source.password()).isEmpty();
        assertThat(source.place()).isEqualTo("postgresql://db1:5432,db2:6432,[2001:db8::1]:5/chancery");
    }

    @Test
    void words_are_read_as_libpq_reads_them() {
        PostgresSource source = parse("host=a,b port = 5433 user=ca  password='it\\'s \\\\ me' dbname=x");
        assertThat(source.hosts()).containsExactly(new CaConfig.HostPort("a", 5433), new CaConfig.HostPort("b", 5433));
        assertThat(password(source)).isEqualTo("it's \\ me");
        assertThat(source.database()).contains("x");
    }

    @Test
    void without_a_host_it_is_this_machine() {
        assertThat(parse("postgresql:///chancery").place()).isEqualTo("postgresql://localhost:5432/chancery");
        assertThat(parse("user=ca").place()).isEqualTo("postgresql://localhost:5432/ca");
    }

    @Test
    void what_stands_after_the_question_mark_goes_before_what_stands_ahead_of_it() {
        PostgresSource source =
                parse("postgresql://a:old@db1:5433/one?user=b&password=new&host=db2&port=6432&dbname=two");
        assertThat(source.hosts()).containsExactly(new CaConfig.HostPort("db2", 6432));
        assertThat(source.user()).contains("b");
        assertThat(password(source)).isEqualTo("new");
        assertThat(source.database()).contains("two");
        assertThat(parse("postgresql://a@db1:5433/?host=db2").place()).isEqualTo("postgresql://db2:5433/a");
    }

    @Test
    void a_plus_sign_of_a_password_stays_one() {
        assertThat(password(parse("postgresql://u:a+b@h/d"))).isEqualTo("a+b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "db.example.com:5432/hidden",
                "postgresql://u:hidden@h:0/",
                "postgresql://u:hidden@h:x/",
                "postgresql://u:hidden@[::1/",
                "postgresql://u:hidden@[::1]5432/",
                "postgresql://u:hidden%2@h/",
                "postgresql://u:hidden@h/d?sslmode=please",
                "postgresql://u:hidden@h/d?x",
                "host=a,b,c port=1,2 password=hidden",
                "host=/run/postgresql password=hidden",
                "password='hidden",
                "=hidden"
            })
    void what_cannot_be_read_is_explained_without_showing_it(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hidden");
    }

    @Test
    void it_prints_no_password() {
        assertThat(new PostgresSource(
                                parse("host=a").hosts(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(Secret.of("s3cr3t")),
                                Map.of(),
                                java.util.List.of())
                        .toString())
                .doesNotContain("s3cr3t");
    }
}
