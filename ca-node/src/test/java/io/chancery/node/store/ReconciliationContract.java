package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.START;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.serial;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.der.Sha256;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.store.Reconciliation.Finding;
import io.chancery.node.store.Reconciliation.Kind;
import io.chancery.node.store.Reconciliation.Summary;
import io.chancery.testing.MutableInstantSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The signers' logs against the store, beside the open store, whatever database that is. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
abstract class ReconciliationContract {
    @TempDir
    private Path folder;

    private final MutableInstantSource clock = new MutableInstantSource(START);
    private final List<Finding> findings = new ArrayList<>();
    private LedgerFixture fixture;
    private OpenedStore opened;
    private Store store;
    private Path log;

    abstract OpenedStore open(Path inFolder, InstantSource byClock) throws Exception;

    @BeforeEach
    void open() throws Exception {
        fixture = LedgerFixture.create(START);
        opened = open(folder, clock);
        store = opened.store();
        log = Files.createFile(folder.resolve("signatures.log"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Claim reserve(String token) throws Exception {
        Claim claim = fixture.claim(token);
        get(store.ledger().reserve(claim, soon()));
        return claim;
    }

    private Claim issue(String token) throws Exception {
        Claim claim = reserve(token);
        get(store.ledger().finish(serial(claim), LedgerFixture.bytes("der"), "r", soon()));
        return claim;
    }

    private static String line(Claim claim) {
        return line(
                serial(claim).decimal(), claim.issuance().certificate().tbs().bytes());
    }

    private static String line(String serial, byte[] tbs) {
        return START + " " + serial + " " + Sha256.digest(tbs).hex() + " local\n";
    }

    private void logged(String... lines) throws Exception {
        Files.writeString(log, String.join("", lines), StandardOpenOption.APPEND);
    }

    private Summary compare() throws Exception {
        return compare(Instant.EPOCH, clock.instant().plusSeconds(1));
    }

    private Summary compare(Instant since, Instant until) throws Exception {
        findings.clear();
        try (Reconciliation reconciliation = Reconciliation.in(opened.place(), clock.instant(), findings::add)) {
            return reconciliation.compare(List.of(log), since, until);
        }
    }

    @Test
    void what_was_signed_logged_and_issued_agrees() throws Exception {
        logged(line(issue("a")), line(issue("b")));
        assertThat(compare()).isEqualTo(new Summary(2, 2, 0, 0, 0, 0));
    }

    @Test
    void a_list_of_revoked_certificates_is_held_against_no_certificate() throws Exception {
        logged(line(issue("a")), line("crl:1795669698646", new byte[1]));
        assertThat(compare()).isEqualTo(new Summary(1, 1, 0, 0, 0, 0));
        assertThat(findings).isEmpty();
    }

    @Test
    void signed_again_over_the_same_bytes_is_no_difference() throws Exception {
        Claim claim = issue("a");
        logged(line(claim), line(claim));
        assertThat(compare()).isEqualTo(new Summary(2, 1, 0, 0, 0, 0));
    }

    @Test
    void a_signature_that_the_store_does_not_know_is_found() throws Exception {
        logged(line("4711", new byte[1]));
        assertThat(compare().agree()).isFalse();
        assertThat(findings).extracting(Finding::kind).containsExactly(Kind.NOT_RECORDED);
        assertThat(findings.get(0).serial()).isEqualTo("4711");
    }

    @Test
    void a_signature_over_other_bytes_than_recorded_is_found_also_beside_the_right_one() throws Exception {
        Claim claim = issue("a");
        logged(line(claim), line(serial(claim).decimal(), new byte[1]));
        assertThat(compare().agree()).isFalse();
        assertThat(findings).extracting(Finding::kind).containsExactly(Kind.OTHER_BYTES);
    }

    @Test
    void a_signature_for_a_row_that_was_voided_or_abandoned_is_found() throws Exception {
        Claim voided = reserve("a");
        get(store.ledger().release(serial(voided), "r", "nobody", soon()));
        Claim abandoned = reserve("b");
        clock.advance(Duration.ofMinutes(10));
        get(store.jobs().abandon(soon()));
        logged(line(voided), line(abandoned));
        assertThat(compare().findings()).isEqualTo(2);
        assertThat(findings).extracting(Finding::kind).containsOnly(Kind.NOT_ISSUED);
        assertThat(findings).extracting(Finding::detail).containsExactly("its row is voided", "its row is abandoned");
    }

    @Test
    void a_signature_for_a_reserved_row_is_under_way_until_its_deadline_and_a_difference_from_then_on()
            throws Exception {
        logged(line(reserve("a")));
        assertThat(compare()).isEqualTo(new Summary(1, 0, 0, 0, 1, 0));
        clock.advance(Duration.ofSeconds(20));
        assertThat(compare()).isEqualTo(new Summary(1, 0, 1, 0, 0, 0));
        assertThat(findings).extracting(Finding::kind).containsExactly(Kind.NOT_ISSUED);
    }

    @Test
    void a_certificate_without_a_line_is_found_unless_the_logs_do_not_reach_that_far() throws Exception {
        issue("a");
        assertThat(compare().agree()).isFalse();
        assertThat(findings).extracting(Finding::kind).containsExactly(Kind.NOT_LOGGED);
        assertThat(compare(START.plusSeconds(1), START.plusSeconds(2)).agree()).isTrue();
        assertThat(compare(Instant.EPOCH, START).agree()).isTrue();
    }

    @Test
    void what_was_signed_before_the_end_of_certificates_that_are_forgotten_is_told_and_no_difference()
            throws Exception {
        logged(line(issue("forgotten")), line(issue("the newest row is kept")), line("4711", new byte[1]));
        clock.advance(Duration.ofDays(2));
        assertThat(get(store.jobs().forgetTokens(soon()))).isEqualTo(2);
        assertThat(get(store.jobs().forgetCertificates(Duration.ofDays(1)))).isEqualTo(1);
        assertThat(compare()).isEqualTo(new Summary(3, 1, 0, 0, 0, 2));
        logged(clock.instant()
                + line("4712", new byte[1]).substring(START.toString().length()));
        assertThat(compare()).isEqualTo(new Summary(4, 1, 1, 0, 0, 2));
        assertThat(findings).extracting(Finding::kind).containsExactly(Kind.NOT_RECORDED);
    }

    @Test
    void a_line_that_a_killed_signer_broke_off_is_tolerated_and_told() throws Exception {
        String whole = line(issue("a"));
        logged(whole, whole.substring(0, 40));
        assertThat(compare()).isEqualTo(new Summary(1, 1, 0, 1, 0, 0));
        // Started again, the signer goes on behind what was broken off.
        logged(line(issue("b")));
        assertThat(compare()).isEqualTo(new Summary(2, 2, 0, 1, 0, 0));
    }

    @Test
    void a_line_that_is_none_is_found_and_a_very_long_one_fills_no_memory() throws Exception {
        logged("nonsense\n", "x".repeat(100_000) + "\n", line(issue("a")));
        assertThat(compare()).isEqualTo(new Summary(1, 1, 2, 0, 0, 0));
        assertThat(findings).extracting(Finding::kind).containsOnly(Kind.UNREADABLE);
        assertThat(findings.get(1).detail()).startsWith("line 2 of ");
    }

    @Test
    void more_certificates_than_one_step_reads_are_all_compared() throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            List<io.vertx.core.Future<?>> some = new ArrayList<>();
            for (int j = 0; j < 90; j++) {
                Claim claim = fixture.claim("t" + i + "-" + j);
                lines.add(line(claim));
                some.add(store.ledger()
                        .reserve(claim, soon())
                        .compose(owned ->
                                store.ledger().finish(serial(claim), LedgerFixture.bytes("der"), "r", soon())));
            }
            get(io.vertx.core.Future.all(some));
        }
        logged(lines.toArray(String[]::new));
        assertThat(compare()).isEqualTo(new Summary(1080, 1080, 0, 0, 0, 0));
    }
}
