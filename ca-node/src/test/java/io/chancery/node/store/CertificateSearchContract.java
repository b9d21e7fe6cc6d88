package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.START;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.revocation.PreparedRevocation;
import io.chancery.node.revocation.RevocationLedger;
import io.chancery.testing.MutableInstantSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found of certificates, whatever database they are in. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
abstract class CertificateSearchContract {
    @TempDir
    private Path folder;

    private final MutableInstantSource clock = new MutableInstantSource(START);
    private LedgerFixture fixture;
    private OpenedStore opened;
    private Store store;

    abstract OpenedStore open(Path inFolder, InstantSource byClock) throws Exception;

    /** Where no store is. */
    abstract StorePlace nowhere(Path inFolder) throws Exception;

    @BeforeEach
    void open() throws Exception {
        fixture = LedgerFixture.create(START);
        opened = open(folder, clock);
        store = opened.store();
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
        return CertificateSearch.in(opened.place()).find(query).stream()
                .map(CertificateSearch.Found::serial)
                .toList();
    }

    private static CertificateQuery named(String name) {
        return new CertificateQuery(
                Optional.of(name),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                100,
                0);
    }

    @Test
    void a_name_is_found_whole_in_any_case_or_by_its_start_end_or_middle() throws Exception {
        row("", "Web1.example.com");
        row("", "web2.example.com");
        row("", "*.example.com");
        row("The Subject", "other.example.org");
        Map<String, Integer> expected = Map.of(
                "web1.example.com", 1,
                "WEB1.Example.COM", 1,
                "web1.example.co", 0,
                "web*", 2,
                "*.example.com", 3,
                "*example.org", 1,
                "*example*", 4,
                "web%", 0,
                "the subject", 1,
                "the*", 1);
        Map<String, Integer> found = new HashMap<>();
        for (String name : expected.keySet()) {
            found.put(name, find(named(name)).size());
        }
        assertThat(found).isEqualTo(expected);
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
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), expiresBefore, validAt, 100, 0);
    }

    @Test
    void whether_it_is_revoked_narrows_what_is_found() throws Exception {
        SerialNumber good = row("good", "good.example");
        SerialNumber bad = row("bad", "bad.example");
        PreparedRevocation revoking = new PreparedRevocation(bad, 1, "", Optional.empty(), List.of(), Optional.empty());
        assertThat(get(store.revocations().revoke(new RevocationLedger.Claim(revoking, Optional.empty(), "r"), soon())))
                .isInstanceOf(RevocationLedger.Outcome.Revoked.class);
        assertThat(find(revoked(Optional.of(true)))).containsExactly(bad);
        assertThat(find(revoked(Optional.of(false)))).containsExactly(good);
        assertThat(find(revoked(Optional.empty()))).containsExactly(bad, good);
    }

    private static CertificateQuery revoked(Optional<Boolean> is) {
        return new CertificateQuery(
                Optional.empty(), Optional.empty(), Optional.empty(), is, Optional.empty(), Optional.empty(), 10, 0);
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
                        Optional.empty(),
                        10,
                        0)))
                .isEmpty();
    }

    @Test
    void a_row_is_shown_with_its_names_as_they_stand_in_the_certificate() throws Exception {
        SerialNumber serial = row("A.example", "A.example", "b.example");
        CertificateSearch.Found found =
                CertificateSearch.in(opened.place()).show(serial).orElseThrow();
        assertThat(found.names()).containsExactly("A.example", "b.example");
        assertThat(found.subject()).isEqualTo("A.example");
        assertThat(found.history().epoch()).isEqualTo(1);
        assertThat(found.history().events()).hasSize(1);
    }

    @Test
    void where_no_store_is_that_is_said() throws Exception {
        StorePlace nowhere = nowhere(folder);
        assertThatThrownBy(() -> CertificateSearch.in(nowhere).find(CertificateQuery.reserved()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no store");
    }
}
