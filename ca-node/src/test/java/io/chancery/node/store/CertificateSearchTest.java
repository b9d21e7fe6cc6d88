package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.START;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.testing.MutableInstantSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class CertificateSearchTest {
    @TempDir
    private Path folder;

    private final MutableInstantSource clock = new MutableInstantSource(START);
    private LedgerFixture fixture;
    private Store store;

    @BeforeEach
    void open() throws Exception {
        fixture = LedgerFixture.create(START);
        store = SqliteStore.open(folder, new StoreSettings("n1", 100, false, "birth"), clock);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private SerialNumber row(String subject, String... names) throws Exception {
        return row(Duration.ofHours(1), subject, names);
    }

    private SerialNumber row(Duration validity, String subject, String... names) throws Exception {
        PreparedCertificate c = fixture.certificate();
        get(store.ledger()
                .reserveOwn(
                        new PreparedCertificate(
                                c.serial(), c.issuer(), c.tbs(), subject, List.of(names), START, START.plus(validity)),
                        "r",
                        soon()));
        return c.serial();
    }

    private List<SerialNumber> find(CertificateQuery query) throws Exception {
        return CertificateSearch.in(StorePlace.sqlite(folder)).find(query).stream()
                .map(CertificateSearch.Found::serial)
                .toList();
    }

    private static CertificateQuery named(String name) {
        return new CertificateQuery(
                Optional.of(name), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 100, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "web1.example.com,   1",
        "WEB1.Example.COM,   1",
        "web1.example.co,    0",
        "web*,               2",
        "*.example.com,      3",
        "*example.org,       1",
        "*example*,          4",
        "web%,               0",
        "the subject,        1",
        "the*,               1",
    })
    void a_name_is_found_whole_in_any_case_or_by_its_start_end_or_middle(String name, int found) throws Exception {
        row("", "Web1.example.com");
        row("", "web2.example.com");
        row("", "*.example.com");
        row("The Subject", "other.example.org");
        assertThat(find(named(name))).hasSize(found);
    }

    @Test
    void newest_come_first_and_limit_and_offset_walk_through_them() throws Exception {
        SerialNumber first = row("a", "a");
        SerialNumber second = row("b", "b");
        SerialNumber third = row("c", "c");
        assertThat(find(page(2, 0))).containsExactly(third, second);
        assertThat(find(page(2, 2))).containsExactly(first);
    }

    private static CertificateQuery page(int limit, int offset) {
        return new CertificateQuery(
                Optional.empty(),
                Optional.of(""),
                Optional.of(CertificateState.reserved),
                Optional.empty(),
                Optional.empty(),
                limit,
                offset);
    }

    @Test
    void a_moment_finds_what_ends_before_it_and_what_is_valid_then_both_ends_included() throws Exception {
        SerialNumber hour = row(Duration.ofHours(1), "hour", "hour");
        SerialNumber day = row(Duration.ofDays(1), "day", "day");
        Instant end = START.plus(Duration.ofHours(1));
        assertThat(find(times(Optional.of(end), Optional.empty()))).isEmpty();
        assertThat(find(times(Optional.of(end.plusSeconds(1)), Optional.empty())))
                .containsExactly(hour);
        assertThat(find(times(Optional.empty(), Optional.of(end)))).containsExactly(day, hour);
        assertThat(find(times(Optional.empty(), Optional.of(end.plusSeconds(1)))))
                .containsExactly(day);
        assertThat(find(times(Optional.empty(), Optional.of(START.minusSeconds(1)))))
                .isEmpty();
    }

    private static CertificateQuery times(Optional<Instant> expiresBefore, Optional<Instant> validAt) {
        return new CertificateQuery(
                Optional.empty(), Optional.empty(), Optional.empty(), expiresBefore, validAt, 100, 0);
    }

    @Test
    void provisioner_and_state_narrow_what_is_found() throws Exception {
        var claim = fixture.claim("t");
        get(store.ledger().reserve(claim, soon()));
        row("own", "b.example");
        CertificateQuery query = new CertificateQuery(
                Optional.of("b.example"),
                Optional.of("admin"),
                Optional.of(CertificateState.reserved),
                Optional.empty(),
                Optional.empty(),
                10,
                0);
        assertThat(find(query)).containsExactly(LedgerContract.serial(claim));
        assertThat(find(new CertificateQuery(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(CertificateState.issued),
                        Optional.empty(),
                        Optional.empty(),
                        10,
                        0)))
                .isEmpty();
    }

    @Test
    void a_row_is_shown_with_its_names_as_they_stand_in_the_certificate() throws Exception {
        SerialNumber serial = row("A.example", "A.example", "b.example");
        CertificateSearch.Found found =
                CertificateSearch.in(StorePlace.sqlite(folder)).show(serial).orElseThrow();
        assertThat(found.names()).containsExactly("A.example", "b.example");
        assertThat(found.subject()).isEqualTo("A.example");
        assertThat(found.history().epoch()).isEqualTo(1);
        assertThat(found.history().events()).hasSize(1);
    }

    @Test
    void where_no_store_is_that_is_said() {
        assertThatThrownBy(() -> CertificateSearch.in(StorePlace.sqlite(folder.resolve("none")))
                        .find(CertificateQuery.reserved()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no store");
    }
}
