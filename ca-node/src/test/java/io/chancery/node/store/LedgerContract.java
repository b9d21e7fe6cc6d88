package io.chancery.node.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.node.issuance.IssuanceLedger.Spent;
import io.chancery.node.revocation.CrlLedger;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/**
 * What every ledger must do, whatever database is behind it: one owner a token, each state left once, and nothing told
 * as done that is not durable. A test of a database extends it.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
abstract class LedgerContract extends RevocationContract {
    private static final Reservation.Used BEFORE_ITS_MEMORY =
            new Reservation.Used("issued before this store's memory begins");

    /** Where it is. */
    abstract StorePlace place();

    /** Closes the store and opens it on what it has written. */
    abstract void restart() throws Exception;

    /** Begins a new epoch, as after a restore. */
    abstract void beginEpoch(SqlSession session) throws SQLException;

    /**
     * Puts another store in the place of this one: its tables were of the version before revocations had one of their own
     * while it was changed, and are of this version now.
     */
    abstract void bringUpToDate(Change change) throws Exception;

    /** What is done in one transaction. */
    interface Change {
        void in(SqlSession session) throws SQLException;
    }

    private StoreJobs jobs() {
        return store().jobs();
    }

    private void beginEpoch() throws Exception {
        boolean unused = get(store().writer()
                .submit(
                        session -> {
                            beginEpoch(session);
                            return true;
                        },
                        soon()));
    }

    /** State of the row with this serial. */
    private Optional<CertificateState> state(SerialNumber serial) throws Exception {
        return CertificateSearch.in(place()).show(serial).map(CertificateSearch.Found::state);
    }

    /** Names of the row's audit events, in their order. */
    private List<String> events(SerialNumber serial) throws Exception {
        return CertificateSearch.in(place()).show(serial).orElseThrow().history().events().stream()
                .map(CertificateSearch.Event::name)
                .toList();
    }

    /** Keeps every write waiting that comes from now on; running the answer lets them go, all in one batch. */
    private Runnable holdWrites() throws Exception {
        return holdWrites(store());
    }

    /** As above, of any store. */
    static Runnable holdWrites(Store store) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Future<Boolean> unused = store.writer()
                .submitFirst( // whose time says nothing of the others
                        session -> {
                            held.countDown();
                            try {
                                return go.await(20, TimeUnit.SECONDS);
                            } catch (InterruptedException e) {
                                throw new SQLException(e);
                            }
                        },
                        soon());
        held.await();
        return go::countDown;
    }

    /** How many writes shared each transaction so far, in order. */
    private List<Integer> batches() {
        return batches.sizes;
    }

    private long count(String table) throws Exception {
        return get(store().writer()
                .submit(
                        session -> session.first("SELECT count(*) FROM " + table, row -> row.getLong(1))
                                .orElseThrow(),
                        soon()));
    }

    /** Of rows that belong to a certificate. */
    private long count(String table, SerialNumber serial) throws Exception {
        return get(store().writer()
                .submit(
                        session -> session.first(
                                        "SELECT count(*) FROM " + table
                                                + " WHERE certificate = (SELECT number FROM certificate WHERE serial = ?)",
                                        row -> row.getLong(1),
                                        serial.decimal())
                                .orElseThrow(),
                        soon()));
    }

    private CertificateState state(Claim claim) throws Exception {
        return state(serial(claim)).orElseThrow();
    }

    @Test
    void a_token_belongs_to_the_first_request_that_claims_it() throws Exception {
        Claim first = fixture.claim("t");
        assertThat(reserve(first)).isInstanceOf(Reservation.Owned.class);
        Claim second = fixture.claim("t");
        assertThat(reserve(second)).isInstanceOf(Reservation.Used.class);
        assertThat(state(first)).isEqualTo(CertificateState.reserved);
        assertThat(state(serial(second))).isEmpty();
    }

    @Test
    void of_fifty_copies_of_a_token_among_others_one_owns_it() throws Exception {
        long seed = System.nanoTime();
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            claims.add(fixture.claim("copied"));
            claims.add(fixture.claim("other-" + i));
        }
        Collections.shuffle(claims, new Random(seed));
        Runnable release = holdWrites();
        List<Future<Reservation>> answers =
                claims.stream().map(claim -> ledger().reserve(claim, soon())).toList();
        release.run();
        int owned = 0;
        for (int i = 0; i < claims.size(); i++) {
            boolean copy =
                    claims.get(i).issuance().grant().token().orElseThrow().key().equals(LedgerFixture.key("copied"));
            boolean owner = get(answers.get(i)) instanceof Reservation.Owned;
            assertThat(owner || copy).as("seed %d", seed).isTrue();
            owned += copy && owner ? 1 : 0;
        }
        assertThat(owned).as("seed %d", seed).isEqualTo(1);
        assertThat(batches()).as("one batch had them all").contains(claims.size());
    }

    @Test
    void a_used_token_stays_used_over_a_restart() throws Exception {
        reserve(fixture.claim("t"));
        restart();
        assertThat(reserve(fixture.claim("t"))).isInstanceOf(Reservation.Used.class);
    }

    @Test
    void a_finished_certificate_is_issued_once_and_the_stored_one_is_answered() throws Exception {
        Claim claim = fixture.claim("t");
        reserve(claim);
        Der first = LedgerFixture.bytes("first");
        assertThat(get(ledger().finish(serial(claim), first, "r", soon()))).isEqualTo(first);
        assertThat(get(ledger().finish(serial(claim), LedgerFixture.bytes("second"), "r", soon())))
                .isEqualTo(first);
        assertThat(state(claim)).isEqualTo(CertificateState.issued);
    }

    @Test
    void a_released_reservation_is_voided_and_its_token_is_free() throws Exception {
        Claim claim = fixture.claim("t");
        reserve(claim);
        assertThat(get(ledger().release(serial(claim), "r", "nobody signed", soon())))
                .isTrue();
        assertThat(state(claim)).isEqualTo(CertificateState.voided);
        assertThat(reserve(fixture.claim("t"))).isInstanceOf(Reservation.Owned.class);
    }

    @Test
    void an_issued_certificate_is_not_released() throws Exception {
        Claim claim = fixture.claim("t");
        reserve(claim);
        get(ledger().finish(serial(claim), LedgerFixture.bytes("der"), "r", soon()));
        assertThat(get(ledger().release(serial(claim), "r", "late", soon()))).isFalse();
        assertThat(reserve(fixture.claim("t"))).isInstanceOf(Reservation.Used.class);
    }

    @Test
    void a_voided_certificate_is_not_finished() throws Exception {
        Claim claim = fixture.claim("t");
        reserve(claim);
        get(ledger().release(serial(claim), "r", "nobody", soon()));
        assertThat(failure(ledger().finish(serial(claim), LedgerFixture.bytes("der"), "r", soon())))
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    @Test
    void a_release_frees_only_the_token_that_its_own_serial_claims() throws Exception {
        Claim first = fixture.claim("t");
        reserve(first);
        get(ledger().release(serial(first), "r", "nobody", soon()));
        Claim second = fixture.claim("t");
        reserve(second);
        assertThat(get(ledger().release(serial(first), "r", "again", soon()))).isFalse();
        assertThat(reserve(fixture.claim("t"))).isInstanceOf(Reservation.Used.class);
    }

    @Test
    void a_repeat_waits_for_the_first_then_takes_the_row_up_and_the_row_is_not_released_any_more() throws Exception {
        Claim first = fixture.repeatable("t", "k");
        reserve(first);
        assertThat(reserve(fixture.repeatable("t", "k"))).isInstanceOf(Reservation.StillRunning.class);
        assertThat(reserve(fixture.repeatable("t", "other"))).isInstanceOf(Reservation.Used.class);
        clock.advance(Duration.ofSeconds(11));
        Reservation taken = reserve(LedgerFixture.claim(
                fixture.repeatable("t", "k").issuance(), Optional.of(LedgerFixture.key("k")), "r2"));
        assertThat(taken)
                .isEqualTo(new Reservation.TakenUp(
                        serial(first), first.issuance().certificate().tbs()));
        assertThat(get(ledger().release(serial(first), "r", "late", soon()))).isFalse();
        get(ledger().finish(serial(first), LedgerFixture.bytes("der"), "r2", soon()));
        assertThat(reserve(fixture.repeatable("t", "k")))
                .isEqualTo(new Reservation.AlreadyIssued(serial(first), LedgerFixture.bytes("der")));
    }

    @Test
    void a_token_from_before_the_memory_of_the_store_is_refused() throws Exception {
        Optional<Instant> expires = Optional.of(START.plusSeconds(60));
        assertThat(reserve(fixture.claim("old", Optional.of(START.minusSeconds(1)), expires, Optional.empty())))
                .isEqualTo(BEFORE_ITS_MEMORY);
        assertThat(reserve(fixture.claim("new", Optional.of(START), expires, Optional.empty())))
                .isInstanceOf(Reservation.Owned.class);
        assertThat(reserve(fixture.claim("none", Optional.empty(), expires, Optional.empty())))
                .isInstanceOf(Reservation.Owned.class);
    }

    @Test
    void a_token_from_further_in_the_future_than_the_leeway_is_refused_by_the_clock_of_the_store() throws Exception {
        Instant latest = START.plus(Duration.ofMinutes(1));
        Claim near = fixture.claim("near", Optional.of(latest), Optional.empty(), Optional.empty());
        Claim far = fixture.claim("far", Optional.of(latest.plusSeconds(1)), Optional.empty(), Optional.empty());
        assertThat(reserve(far)).isEqualTo(new Reservation.Used("issued in the future"));
        assertThat(reserve(near)).isInstanceOf(Reservation.Owned.class);
        clock.advance(Duration.ofSeconds(1));
        assertThat(reserve(far)).isInstanceOf(Reservation.Owned.class);
    }

    @Test
    void a_new_epoch_refuses_the_tokens_of_its_past_and_those_without_iat() throws Exception {
        beginEpoch();
        assertThat(reserve(fixture.claim("t"))).isEqualTo(BEFORE_ITS_MEMORY);
        assertThat(reserve(fixture.claim("u", Optional.empty(), Optional.empty(), Optional.empty())))
                .isEqualTo(new Reservation.Used("a token without iat, and the store may have forgotten tokens"));
        clock.advance(Duration.ofMinutes(2));
        assertThat(reserve(fixture.claim("v", Optional.of(clock.instant()), Optional.empty(), Optional.empty())))
                .isInstanceOf(Reservation.Owned.class);
    }

    @Test
    void a_new_epoch_refuses_what_was_issued_in_the_second_in_which_it_begins_to_trust() throws Exception {
        clock.advance(Duration.ofMillis(900));
        beginEpoch();
        clock.advance(Duration.ofMinutes(2));
        Instant begins = START.plus(Duration.ofMinutes(1));
        assertThat(reserve(fixture.claim("t", Optional.of(begins), Optional.empty(), Optional.empty())))
                .isInstanceOf(Reservation.Used.class);
        assertThat(reserve(fixture.claim("u", Optional.of(begins.plusSeconds(1)), Optional.empty(), Optional.empty())))
                .isInstanceOf(Reservation.Owned.class);
    }

    @Test
    void a_token_is_forgotten_an_hour_after_its_leeway_and_refused_from_then_on() throws Exception {
        reserve(fixture.claim("t"));
        clock.advance(Duration.ofSeconds(300 + 60 + 3599));
        assertThat(get(jobs().forgetTokens(soon()))).isZero();
        clock.advance(Duration.ofSeconds(1));
        assertThat(get(jobs().forgetTokens(soon()))).isEqualTo(1);
        assertThat(reserve(fixture.claim("t")))
                .isEqualTo(new Reservation.Used("expired so long ago that its use may be forgotten"));
    }

    private static void insertEarlier(SqlSession session, SerialNumber serial, Optional<Instant> revokedAt)
            throws SQLException {
        int unused = session.update(
                "INSERT INTO certificate (serial, state, subject, names, provisioner, not_before, not_after,"
                        + " pending_until, epoch, request_id, reserved_at, finished_at, revoked_at, tbs, der)"
                        + " VALUES (?, ?, 'a.example', 'a.example', 'admin', ?, ?, 0, 1, 'r', ?, ?, ?, ?, ?)",
                serial.decimal(),
                revokedAt.isPresent() ? "abandoned" : "issued",
                START.getEpochSecond(),
                START.plusSeconds(3600).getEpochSecond(),
                START.getEpochSecond(),
                START.getEpochSecond(),
                revokedAt.map(Instant::getEpochSecond).orElse(null),
                LedgerFixture.bytes("tbs").bytes(),
                revokedAt.isPresent() ? null : LedgerFixture.bytes("der").bytes());
    }

    @Test
    void what_an_earlier_version_has_issued_used_up_and_revoked_is_so_once_the_tables_are_of_this_version()
            throws Exception {
        SerialNumber issued = new SerialNumber(BigInteger.valueOf(11));
        SerialNumber revokedLast = new SerialNumber(BigInteger.valueOf(12));
        SerialNumber revokedFirst = new SerialNumber(BigInteger.valueOf(13));
        Instant iat = START.plusSeconds(60); // of this epoch
        bringUpToDate(session -> {
            beginEpoch(session);
            insertEarlier(session, issued, Optional.empty());
            insertEarlier(session, revokedLast, Optional.of(START.plusSeconds(2)));
            insertEarlier(session, revokedFirst, Optional.of(START.plusSeconds(1)));
            int unused = session.update(
                    "INSERT INTO used_token (token_key, serial, issued_at, provisioner) VALUES (?, ?, ?, 'admin')",
                    LedgerFixture.key("t").value(),
                    issued.decimal(),
                    iat.getEpochSecond());
        });
        assertThat(CertificateSearch.in(place()).show(issued))
                .hasValueSatisfying(found -> assertThat(found.certificate()).contains(LedgerFixture.bytes("der")));
        assertThat(reserve(fixture.claim("t", Optional.of(iat), Optional.empty(), Optional.empty())))
                .isEqualTo(new Reservation.Used("used for 11", Optional.of(new Spent(Optional.empty()))));
        assertThat(reserve(fixture.claim("u", Optional.of(iat), Optional.empty(), Optional.empty())))
                .isInstanceOf(Reservation.Owned.class);
        assertThat(reserve(renewing(issued, Optional.empty()))).isInstanceOf(Reservation.Owned.class);
        assertThat(reserve(renewing(revokedFirst, Optional.empty()))).isInstanceOf(Reservation.Revoked.class);
        assertThat(entries(begin()))
                .extracting(CrlLedger.Entry::serial, CrlLedger.Entry::revokedAt)
                .containsExactly(
                        tuple(revokedFirst.value(), START.plusSeconds(1)),
                        tuple(revokedLast.value(), START.plusSeconds(2)));
    }

    @Test
    void a_token_that_never_expires_is_never_forgotten() throws Exception {
        reserve(fixture.claim("t", Optional.of(START), Optional.empty(), Optional.empty()));
        clock.advance(Duration.ofDays(10_000));
        assertThat(get(jobs().forgetTokens(soon()))).isZero();
    }

    @Test
    void a_row_reserved_for_ten_minutes_is_abandoned_and_its_token_stays_used() throws Exception {
        Claim claim = fixture.repeatable("t", "k");
        reserve(claim);
        clock.advance(Duration.ofMinutes(10).minusSeconds(1));
        assertThat(get(jobs().abandon(soon()))).isZero();
        clock.advance(Duration.ofSeconds(1));
        assertThat(get(jobs().abandon(soon()))).isEqualTo(1);
        assertThat(state(claim)).isEqualTo(CertificateState.abandoned);
        assertThat(events(serial(claim))).containsExactly("intent", "abandoned");
        assertThat(reserve(fixture.repeatable("t", "k"))).isInstanceOf(Reservation.Used.class);
        assertThat(failure(ledger().finish(serial(claim), LedgerFixture.bytes("der"), "r", soon())))
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    @Test
    void certificates_are_forgotten_when_they_have_ended_long_ago_and_nothing_rests_on_them_any_more()
            throws Exception {
        Claim forgotten = issued();
        Claim remembered = fixture.claim("remembered", Optional.of(START), Optional.empty(), Optional.empty());
        reserve(remembered);
        Der unused = get(ledger().finish(serial(remembered), LedgerFixture.bytes("der"), "r", soon()));
        Claim open = fixture.claim("open");
        reserve(open);
        Claim newest = issued();
        Duration kept = Duration.ofHours(2);
        clock.advance(Duration.ofHours(3).minusSeconds(1));
        assertThat(get(jobs().forgetCertificates(kept))).isZero();
        clock.advance(Duration.ofSeconds(1));
        assertThat(get(jobs().forgetCertificates(kept)))
                .as("while their tokens are remembered")
                .isZero();
        assertThat(get(jobs().forgetTokens(soon()))).isEqualTo(3);
        assertThat(get(jobs().forgetCertificates(kept))).isEqualTo(1);
        assertThat(state(serial(forgotten))).isEmpty();
        assertThat(state(remembered)).isEqualTo(CertificateState.issued);
        assertThat(state(open)).isEqualTo(CertificateState.reserved);
        assertThat(state(newest)).isEqualTo(CertificateState.issued);
        assertThat(count("certificate_name")).isEqualTo(3 * count("certificate_name", serial(newest)));
        assertThat(count("audit_event WHERE serial = '" + serial(forgotten).decimal() + "'"))
                .isZero();
        assertThat(get(jobs().forgetCertificates(kept))).isZero();
    }

    @Test
    void rows_of_an_older_epoch_are_left_to_the_operator() throws Exception {
        reserve(fixture.claim("t"));
        beginEpoch();
        clock.advance(Duration.ofDays(1));
        assertThat(get(jobs().abandon(soon()))).isZero();
    }

    /** Its end may have been lost, with a client that holds the certificate: its serial is not signed again. */
    @Test
    void a_repeat_takes_up_no_row_of_an_older_epoch() throws Exception {
        SerialNumber old = serial(issued());
        assertThat(reserve(renewing(old, Optional.of("key")))).isInstanceOf(Reservation.Owned.class);
        beginEpoch();
        clock.advance(Duration.ofSeconds(90));
        assertThat(reserve(renewing(old, Optional.of("key")))).isInstanceOf(Reservation.Used.class);
    }

    @Test
    void a_grid_without_memory_is_told_every_token_that_is_used_for_good_and_can_still_be_offered() throws Exception {
        Claim issued = fixture.repeatable("issued", "k");
        Claim taken = fixture.claim("taken up");
        Claim open = fixture.claim("open");
        Claim voided = fixture.claim("voided");
        Claim expired =
                fixture.claim("expired", Optional.of(START), Optional.of(START.plusSeconds(20)), Optional.empty());
        for (Claim claim : List.of(issued, taken, open, voided, expired)) {
            assertThat(reserve(claim)).isInstanceOf(Reservation.Owned.class);
        }
        get(ledger().finish(serial(issued), LedgerFixture.bytes("der"), "r", soon()));
        get(ledger().finish(serial(expired), LedgerFixture.bytes("der"), "r", soon()));
        get(ledger().release(serial(voided), "r", "nobody", soon()));
        assertThat(usedTokens())
                .extracting(UsedTokenRow::key)
                .containsExactlyInAnyOrder(LedgerFixture.key("issued"), LedgerFixture.key("expired"));
        // A row that nobody voided in time stays used; a token that has expired nobody can offer.
        clock.advance(Duration.ofSeconds(90));
        List<UsedTokenRow> rows = usedTokens();
        assertThat(rows)
                .extracting(UsedTokenRow::key)
                .containsExactlyInAnyOrder(
                        LedgerFixture.key("issued"), LedgerFixture.key("taken up"), LedgerFixture.key("open"));
        assertThat(rows)
                .filteredOn(row -> row.repeatKey().isPresent())
                .singleElement()
                .isEqualTo(new UsedTokenRow(
                        LedgerFixture.key("issued"),
                        Optional.of(START.plusSeconds(300)),
                        Optional.of(LedgerFixture.key("k"))));
        assertThat(get(store().usedTokens(Optional.of(rows.get(1).key()), soon())))
                .containsExactly(rows.get(2));
    }

    private List<UsedTokenRow> usedTokens() throws Exception {
        return get(store().usedTokens(Optional.empty(), soon()));
    }

    @Test
    void a_name_longer_than_an_index_takes_is_recorded_and_found_by_its_beginning() throws Exception {
        StringBuilder name = new StringBuilder();
        Random random = new Random(1);
        while (name.length() < 20_000) {
            name.append((char) ('a' + random.nextInt(26)));
        }
        Claim claim = fixture.claim("t");
        PreparedCertificate plain = claim.issuance().certificate();
        PreparedCertificate longName = new PreparedCertificate(
                plain.serial(),
                plain.issuer(),
                plain.tbs(),
                plain.subject(),
                List.of(name.toString()),
                plain.notBefore(),
                plain.notAfter());
        assertThat(reserve(LedgerFixture.claim(
                        new PreparedIssuance(claim.issuance().grant(), longName, LedgerFixture.key("csr")),
                        Optional.empty(),
                        "r")))
                .isInstanceOf(Reservation.Owned.class);
        CertificateQuery query = new CertificateQuery(
                Optional.of(name.toString()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                10,
                0);
        assertThat(CertificateSearch.in(place()).find(query))
                .singleElement()
                .satisfies(found -> assertThat(found.names()).containsExactly(name.toString()));
    }

    @Test
    void a_request_whose_deadline_has_passed_is_not_begun() throws Exception {
        Claim claim = fixture.claim("t");
        assertThat(failure(ledger().reserve(claim, Deadline.in(Duration.ofMillis(-1)))))
                .isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        assertThat(reserve(fixture.claim("t"))).isInstanceOf(Reservation.Owned.class);
    }

    @Test
    void one_bad_row_harms_no_other_of_its_batch() throws Exception {
        Claim good = fixture.claim("good");
        // The same serial twice: the second insert breaks the certificate's primary key.
        Claim bad = LedgerFixture.claim(
                new io.chancery.core.issuance.PreparedIssuance(
                        fixture.claim("bad").issuance().grant(),
                        good.issuance().certificate(),
                        LedgerFixture.key("csr")),
                Optional.empty(),
                "r");
        Runnable release = holdWrites();
        List<Future<Reservation>> answers = new ArrayList<>();
        answers.add(ledger().reserve(good, soon()));
        answers.add(ledger().reserve(bad, soon()));
        for (int i = 0; i < 20; i++) {
            answers.add(ledger().reserve(fixture.claim("t" + i), soon()));
        }
        release.run();
        // Which of the two with one serial is first is decided by the keys of their tokens.
        boolean goodFirst = get(answers.get(0).transform(done -> Future.succeededFuture(done.succeeded())));
        assertThat(failure(answers.get(goodFirst ? 1 : 0))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(get(answers.get(goodFirst ? 0 : 1))).isInstanceOf(Reservation.Owned.class);
        for (Future<Reservation> answer : answers.subList(2, answers.size())) {
            assertThat(get(answer)).isInstanceOf(Reservation.Owned.class);
        }
    }

    @Test
    void every_certificate_of_a_batch_has_its_names_and_its_event_and_what_was_refused_has_none() throws Exception {
        List<Claim> claims = new ArrayList<>();
        Runnable release = holdWrites();
        List<Future<Reservation>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            claims.add(fixture.claim("t" + i % 15)); // the last five copy the first
            answers.add(ledger().reserve(claims.get(i), soon()));
        }
        release.run();
        for (int i = 0; i < 20; i++) {
            boolean owned = get(answers.get(i)) instanceof Reservation.Owned;
            assertThat(owned).isEqualTo(i < 15);
            assertThat(count("certificate_name", serial(claims.get(i)))).isEqualTo(owned ? 2 : 0);
            assertThat(count("audit_event", serial(claims.get(i)))).isEqualTo(owned ? 1 : 0);
        }
        assertThat(batches()).as("one batch had them all").contains(claims.size());
        assertThat(count("certificate_name")).isEqualTo(2 * 15);
        assertThat(count("audit_event WHERE event = 'intent'")).isEqualTo(15);
    }

    @Test
    void a_name_that_cannot_be_written_fails_its_own_request_and_the_others_of_the_batch_are_written()
            throws Exception {
        int unused = get(store().writer()
                .submit(
                        session -> session.update(
                                "CREATE UNIQUE INDEX once ON certificate_name (name) WHERE name = 'once.example'"),
                        soon()));
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Claim claim = fixture.claim("t" + i);
            claims.add(i < 2 ? named("once.example", claim) : claim);
        }
        Runnable release = holdWrites();
        List<Future<Reservation>> answers =
                claims.stream().map(claim -> ledger().reserve(claim, soon())).toList();
        release.run();
        // Which of the two is first is decided by the keys of their tokens.
        boolean first = get(answers.get(0).transform(done -> Future.succeededFuture(done.succeeded())));
        int bad = first ? 1 : 0;
        assertThat(failure(answers.get(bad))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        for (int i = 0; i < 20; i++) {
            if (i != bad) {
                assertThat(get(answers.get(i))).isInstanceOf(Reservation.Owned.class);
                assertThat(events(serial(claims.get(i)))).containsExactly("intent");
                assertThat(count("certificate_name", serial(claims.get(i)))).isEqualTo(2);
            }
        }
        assertThat(state(serial(claims.get(bad)))).isEmpty();
        assertThat(count("certificate_name")).isEqualTo(2 * 19);
        assertThat(count("audit_event WHERE event = 'intent'")).isEqualTo(19);
        assertThat(reserve(fixture.claim("t" + bad))).as("its token is free").isInstanceOf(Reservation.Owned.class);
    }

    /** With one other name instead of the second. */
    private static Claim named(String name, Claim claim) {
        PreparedCertificate plain = claim.issuance().certificate();
        PreparedCertificate named = new PreparedCertificate(
                plain.serial(),
                plain.issuer(),
                plain.tbs(),
                plain.subject(),
                List.of(plain.subject(), name),
                plain.notBefore(),
                plain.notAfter());
        return LedgerFixture.claim(
                new PreparedIssuance(claim.issuance().grant(), named, LedgerFixture.key("csr")), Optional.empty(), "r");
    }

    @Test
    void what_is_given_up_and_forgotten_in_one_batch_leaves_no_event() throws Exception {
        Claim old = fixture.claim("t");
        reserve(old);
        Claim newest = issued();
        clock.advance(Duration.ofHours(3));
        assertThat(get(jobs().forgetTokens(soon()))).isEqualTo(2);
        Runnable release = holdWrites();
        Future<Integer> abandoned = jobs().abandon(soon());
        Future<Integer> forgotten = jobs().forgetCertificates(Duration.ofHours(1));
        release.run();
        assertThat(get(abandoned)).isEqualTo(1);
        assertThat(get(forgotten)).isEqualTo(1);
        assertThat(state(serial(old))).isEmpty();
        assertThat(state(newest)).isEqualTo(CertificateState.issued);
        assertThat(count("audit_event WHERE serial = '" + serial(old).decimal() + "'"))
                .isZero();
    }

    @Test
    void every_step_leaves_an_audit_event_with_its_row() throws Exception {
        Claim claim = fixture.claim("t");
        reserve(claim);
        get(ledger().finish(serial(claim), LedgerFixture.bytes("der"), "r", soon()));
        assertThat(events(serial(claim))).containsExactly("intent", "issued");
        Claim other = fixture.claim("u");
        reserve(other);
        get(ledger().release(serial(other), "r", "nobody", soon()));
        assertThat(events(serial(other))).containsExactly("intent", "voided");
    }

    @Test
    void an_unused_token_is_refused_from_an_hour_after_its_leeway_on() throws Exception {
        clock.advance(Duration.ofSeconds(300 + 60 + 3599));
        assertThat(reserve(fixture.claim("in time"))).isInstanceOf(Reservation.Owned.class);
        clock.advance(Duration.ofSeconds(1));
        assertThat(reserve(fixture.claim("late"))).isInstanceOf(Reservation.Used.class);
    }

    @Test
    void a_token_that_was_forgotten_stays_refused_when_the_clock_goes_back() throws Exception {
        reserve(fixture.claim("t"));
        clock.advance(Duration.ofMinutes(5 + 1 + 60));
        assertThat(get(jobs().forgetTokens(soon()))).isEqualTo(1);
        clock.advance(Duration.ofHours(-1));
        assertThat(reserve(fixture.claim("t"))).isInstanceOf(Reservation.Used.class);
    }

    @Test
    void what_was_forgotten_in_an_earlier_epoch_stays_refused_though_the_clock_went_back_before_the_new_one()
            throws Exception {
        Instant expired = START.plusSeconds(300);
        reserve(fixture.claim("t"));
        clock.advance(Duration.ofMinutes(5 + 1 + 60));
        assertThat(get(jobs().forgetTokens(soon()))).isEqualTo(1);
        clock.advance(Duration.ofMinutes(-(5 + 1 + 60)));
        beginEpoch();
        Optional<Instant> issued = Optional.of(START.plusSeconds(60)); // as this epoch's first tokens are
        assertThat(reserve(fixture.claim("u", issued, Optional.of(expired), Optional.empty())))
                .isInstanceOf(Reservation.Used.class);
        assertThat(reserve(fixture.claim("v", issued, Optional.of(expired.plusSeconds(1)), Optional.empty())))
                .isInstanceOf(Reservation.Owned.class);
    }

    private Optional<Spent> spent(Claim copy) throws Exception {
        return ((Reservation.Used) reserve(copy)).spent();
    }

    @Test
    void others_may_be_told_of_a_token_once_its_row_is_never_voided_any_more() throws Exception {
        Claim issued = fixture.repeatable("issued", "k");
        Claim abandoned = fixture.repeatable("abandoned", "k");
        for (Claim claim : List.of(issued, abandoned)) {
            assertThat(reserve(claim)).isInstanceOf(Reservation.Owned.class);
        }
        assertThat(spent(fixture.claim("issued"))).as("while reserved").isEmpty();
        Der unused = get(ledger().finish(serial(issued), LedgerFixture.bytes("der"), "r", soon()));
        assertThat(spent(fixture.claim("issued"))).contains(new Spent(Optional.of(LedgerFixture.key("k"))));
        clock.advance(Duration.ofMinutes(10));
        assertThat(get(jobs().abandon(soon()))).isEqualTo(1);
        assertThat(spent(fixture.claim("abandoned"))).contains(new Spent(Optional.empty()));
        assertThat(spent(fixture.repeatable("abandoned", "k"))).contains(new Spent(Optional.empty()));
    }

    @Test
    void a_grid_without_memory_is_told_of_an_abandoned_row_and_of_no_right_to_repeat_it() throws Exception {
        Optional<Instant> end = Optional.of(START.plus(Duration.ofHours(1)));
        reserve(fixture.claim("t", Optional.of(START), end, Optional.of("k")));
        clock.advance(Duration.ofMinutes(10));
        assertThat(get(jobs().abandon(soon()))).isEqualTo(1);
        assertThat(usedTokens()).containsExactly(new UsedTokenRow(LedgerFixture.key("t"), end, Optional.empty()));
    }
}
