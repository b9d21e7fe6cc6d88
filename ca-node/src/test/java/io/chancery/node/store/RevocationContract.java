package io.chancery.node.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.crl.PreparedCrl;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.Grant;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.TokenUse;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.revocation.PreparedRevocation;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceLedger;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.node.revocation.CrlLedger;
import io.chancery.node.revocation.RevocationLedger;
import io.chancery.node.revocation.RevocationLedger.Outcome;
import io.chancery.testing.Answers;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What every store must do with revocations and their lists, whatever database is behind it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
abstract class RevocationContract {
    static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

    final MutableInstantSource clock = new MutableInstantSource(START);
    final Batches batches = new Batches();
    LedgerFixture fixture;

    static final class Batches implements WriteObserver {
        final List<Integer> sizes = new CopyOnWriteArrayList<>();

        @Override
        public void committed(int writes, Duration commit) {
            sizes.add(writes);
        }

        @Override
        public void failed(int writes) {}
    }

    /** The store under test; another object after a restart. It reports to {@link #batches} and goes by {@link #clock}. */
    abstract Store store();

    /** Whether other processes write to it, too. */
    abstract boolean isShared();

    @BeforeEach
    void makeClaims() throws Exception {
        fixture = LedgerFixture.create(START);
    }

    static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(20));
    }

    static <T> T get(Future<T> future) throws Exception {
        return Answers.of(future);
    }

    static ErrorCode failure(Future<?> future) throws Exception {
        return ((CaException) Answers.failureOf(future)).code();
    }

    IssuanceLedger ledger() {
        return store().ledger();
    }

    CrlLedger lists() {
        return store().lists();
    }

    Reservation reserve(Claim claim) throws Exception {
        return get(ledger().reserve(claim, Deadline.in(Duration.ofSeconds(10))));
    }

    private KeyId issuer() {
        return fixture.issuer().keyId();
    }

    static SerialNumber serial(Claim claim) {
        return claim.issuance().certificate().serial();
    }

    Claim issued() throws Exception {
        Claim claim = fixture.claim("token " + System.nanoTime());
        assertThat(reserve(claim)).isInstanceOf(Reservation.Owned.class);
        Der unused = get(ledger().finish(serial(claim), LedgerFixture.bytes("der"), "r", soon()));
        return claim;
    }

    /** By whoever shows the certificate over TLS. */
    Claim renewing(SerialNumber old, Optional<String> repeatKey, SerialNumber... above) {
        return LedgerFixture.claim(
                new PreparedIssuance(
                        Grant.ofRenewal("admin", Optional.empty(), old, List.of(above)),
                        fixture.certificate(),
                        Sha256.digest()),
                repeatKey.map(LedgerFixture::key),
                "request");
    }

    private RevocationLedger.Claim revoking(SerialNumber serial, Optional<String> token, Optional<String> repeatKey) {
        return new RevocationLedger.Claim(
                new PreparedRevocation(
                        serial,
                        1,
                        "lost",
                        token.map(id -> new TokenUse(
                                LedgerFixture.key(id),
                                Optional.of(START),
                                Optional.of(START.plusSeconds(300)),
                                "admin")),
                        List.of(),
                        Optional.empty()),
                repeatKey.map(LedgerFixture::key),
                "request");
    }

    private Outcome revoke(RevocationLedger.Claim claim) throws Exception {
        return get(store().revocations().revoke(claim, soon()));
    }

    Outcome revoke(SerialNumber serial) throws Exception {
        return revoke(revoking(serial, Optional.empty(), Optional.empty()));
    }

    @Test
    void a_certificate_is_renewed_as_often_as_its_holder_likes() throws Exception {
        SerialNumber old = serial(issued());
        assertThat(reserve(renewing(old, Optional.empty()))).isInstanceOf(Reservation.Owned.class);
        assertThat(reserve(renewing(old, Optional.empty()))).isInstanceOf(Reservation.Owned.class);
    }

    @Test
    void a_renewal_that_is_repeated_with_its_key_gets_the_same_certificate() throws Exception {
        SerialNumber old = serial(issued());
        Claim first = renewing(old, Optional.of("key"));
        assertThat(reserve(first)).isInstanceOf(Reservation.Owned.class);
        Der der = get(ledger().finish(serial(first), LedgerFixture.bytes("renewed"), "r", soon()));
        assertThat(reserve(renewing(old, Optional.of("key"))))
                .isEqualTo(new Reservation.AlreadyIssued(serial(first), der));
        assertThat(reserve(renewing(old, Optional.of("another")))).isInstanceOf(Reservation.Owned.class);
    }

    @Test
    void a_revoked_certificate_is_not_renewed_from_the_answer_on() throws Exception {
        SerialNumber old = serial(issued());
        assertThat(revoke(old)).isInstanceOf(Outcome.Revoked.class);
        assertThat(reserve(renewing(old, Optional.empty()))).isInstanceOf(Reservation.Revoked.class);
        assertThat(reserve(renewing(old, Optional.of("key")))).isInstanceOf(Reservation.Revoked.class);
        // Nor when nothing is left of it but that: some provisioners let renew what has expired.
        Claim unused = issued();
        clock.advance(Duration.ofHours(3));
        assertThat(get(store().jobs().forgetTokens(soon()))).isEqualTo(2);
        assertThat(get(store().jobs().forgetCertificates(Duration.ofHours(1)))).isEqualTo(1);
        assertThat(reserve(renewing(old, Optional.empty()))).isInstanceOf(Reservation.Revoked.class);
    }

    /** By a token that certificates have signed. */
    private Claim resting(String token, SerialNumber... on) {
        TokenUse use = new TokenUse(
                LedgerFixture.key(token), Optional.of(START), Optional.of(START.plusSeconds(300)), "admin");
        return LedgerFixture.claim(
                new PreparedIssuance(
                        Grant.ofToken("admin", Optional.of(use), List.of(on)), fixture.certificate(), Sha256.digest()),
                Optional.empty(),
                "request");
    }

    @Test
    void a_token_that_rests_on_a_revoked_certificate_buys_and_revokes_nothing() throws Exception {
        SerialNumber good = serial(issued());
        SerialNumber bad = serial(issued());
        assertThat(revoke(bad)).isInstanceOf(Outcome.Revoked.class);
        assertThat(reserve(resting("first", good))).isInstanceOf(Reservation.Owned.class);
        assertThat(reserve(resting("second", good, bad))).isInstanceOf(Reservation.Used.class);
        assertThat(reserve(resting("second", good))).as("it stays free").isInstanceOf(Reservation.Owned.class);
        RevocationLedger.Claim claim = revoking(good, Optional.of("third"), Optional.empty());
        PreparedRevocation without = claim.revocation();
        PreparedRevocation with =
                new PreparedRevocation(without.serial(), 1, "", without.token(), List.of(bad), without.shown());
        assertThat(revoke(new RevocationLedger.Claim(with, Optional.empty(), "r")))
                .isInstanceOf(Outcome.Used.class);
        assertThat(revoke(claim)).isInstanceOf(Outcome.Revoked.class);
    }

    /** By a certificate for itself, that was or was not signed by an issuer of the configuration. */
    private RevocationLedger.Claim byItself(SerialNumber serial, Der der, boolean issuedHere, SerialNumber... above) {
        ClientCertificate shown =
                new ClientCertificate(PresentedCertificate.parse(der), List.of(above), Instant.MAX, issuedHere);
        PreparedRevocation itself =
                new PreparedRevocation(serial, 1, "", Optional.empty(), shown.above(), Optional.of(shown));
        return new RevocationLedger.Claim(itself, Optional.empty(), "r");
    }

    @Test
    void a_certificate_under_a_revoked_one_is_not_renewed_and_revokes_nothing() throws Exception {
        SerialNumber leaf = serial(issued());
        SerialNumber above = serial(issued());
        assertThat(reserve(renewing(leaf, Optional.empty(), above))).isInstanceOf(Reservation.Owned.class);
        assertThat(revoke(above)).isInstanceOf(Outcome.Revoked.class);
        assertThat(reserve(renewing(leaf, Optional.empty(), above))).isInstanceOf(Reservation.Revoked.class);
        assertThat(revoke(byItself(leaf, fixture.issuer().der(), true, above))).isInstanceOf(Outcome.Used.class);
    }

    /** Issued with the fixture's issuer's serial. */
    private SerialNumber issuedAsTheIssuer(Der der) throws Exception {
        Claim same = LedgerFixture.create("CA", LedgerFixture.OWN_SERIAL.subtract(BigInteger.ONE), START)
                .claim("token of the same serial");
        assertThat(reserve(same)).isInstanceOf(Reservation.Owned.class);
        Der unused = get(ledger().finish(serial(same), der, "r", soon()));
        return serial(same);
    }

    @Test
    void a_certificate_that_no_issuer_of_ours_signed_does_not_revoke_the_one_whose_serial_it_has() throws Exception {
        Der forged = fixture.issuer().der();
        SerialNumber serial = PresentedCertificate.parse(forged).serial();
        assertThat(revoke(byItself(serial, forged, false))).isInstanceOf(Outcome.NotOurs.class);
        assertThat(issuedAsTheIssuer(LedgerFixture.bytes("the victim's"))).isEqualTo(serial);
        assertThat(revoke(byItself(serial, forged, false))).isInstanceOf(Outcome.NotOurs.class);
        assertThat(reserve(renewing(serial, Optional.empty()))).isInstanceOf(Reservation.Owned.class);
    }

    @Test
    void a_certificate_of_an_issuer_that_was_replaced_revokes_itself_as_the_store_has_it() throws Exception {
        Der own = fixture.issuer().der();
        assertThat(revoke(byItself(issuedAsTheIssuer(own), own, false))).isInstanceOf(Outcome.Revoked.class);
    }

    @Test
    void one_that_a_job_gave_up_is_revoked_as_well() throws Exception {
        Claim claim = fixture.claim("never finished");
        assertThat(reserve(claim)).isInstanceOf(Reservation.Owned.class);
        clock.advance(Duration.ofMinutes(11));
        assertThat(get(store().jobs().abandon(soon()))).isEqualTo(1);
        assertThat(reserve(renewing(serial(claim), Optional.empty()))).isInstanceOf(Reservation.Revoked.class);
        assertThat(entries(begin()))
                .extracting(CrlLedger.Entry::serial)
                .containsExactly(serial(claim).value());
    }

    @Test
    void what_a_job_gave_up_is_on_the_list_of_its_issuer_alone() throws Exception {
        LedgerFixture other = LedgerFixture.create("Other CA", 5000, START);
        Claim ours = fixture.claim("never finished");
        Claim others = other.claim("never finished there");
        for (Claim each : List.of(ours, others)) {
            assertThat(reserve(each)).isInstanceOf(Reservation.Owned.class);
        }
        clock.advance(Duration.ofMinutes(11));
        assertThat(get(store().jobs().abandon(soon()))).isEqualTo(2);
        assertThat(serials(begin())).containsExactly(serial(ours).value());
        assertThat(serials(get(lists().begin(other.issuer().keyId(), BigInteger.ZERO, soon()))
                        .orElseThrow()))
                .containsExactly(serial(others).value());
    }

    @Test
    void a_serial_is_revoked_once_and_the_token_of_a_vain_attempt_stays_free() throws Exception {
        SerialNumber first = serial(issued());
        SerialNumber second = serial(issued());
        assertThat(revoke(first)).isInstanceOf(Outcome.Revoked.class);
        assertThat(revoke(first)).isInstanceOf(Outcome.AlreadyRevoked.class);
        assertThat(revoke(revoking(first, Optional.of("t"), Optional.empty())))
                .isInstanceOf(Outcome.AlreadyRevoked.class);
        assertThat(revoke(revoking(second, Optional.of("t"), Optional.empty()))).isInstanceOf(Outcome.Revoked.class);
    }

    @Test
    void a_grid_without_memory_is_told_of_tokens_that_have_revoked_and_of_what_repeats_them() throws Exception {
        SerialNumber ours = serial(issued());
        assertThat(revoke(revoking(ours, Optional.of("repeatable"), Optional.of("k"))))
                .isInstanceOf(Outcome.Revoked.class);
        assertThat(revoke(revoking(
                        new SerialNumber(BigInteger.valueOf(4711)), Optional.of("of none of ours"), Optional.empty())))
                .isInstanceOf(Outcome.Revoked.class);
        List<UsedTokenRow> rows = get(store().usedTokens(Optional.empty(), soon()));
        Optional<Instant> end = Optional.of(START.plusSeconds(300));
        assertThat(rows)
                .contains(
                        new UsedTokenRow(LedgerFixture.key("repeatable"), end, Optional.of(LedgerFixture.key("k"))),
                        new UsedTokenRow(LedgerFixture.key("of none of ours"), end, Optional.empty()));
        clock.advance(Duration.ofSeconds(361)); // leeway included, nobody can offer them any more
        assertThat(get(store().usedTokens(Optional.empty(), soon()))).isEmpty();
    }

    @Test
    void a_token_revokes_once_and_buys_nothing_afterwards() throws Exception {
        SerialNumber first = serial(issued());
        assertThat(revoke(revoking(first, Optional.of("t"), Optional.empty()))).isInstanceOf(Outcome.Revoked.class);
        assertThat(revoke(revoking(serial(issued()), Optional.of("t"), Optional.empty())))
                .isInstanceOf(Outcome.Used.class);
        assertThat(reserve(fixture.claim("t"))).isInstanceOf(Reservation.Used.class);
        Claim bought = fixture.claim("bought");
        assertThat(reserve(bought)).isInstanceOf(Reservation.Owned.class);
        assertThat(revoke(revoking(serial(issued()), Optional.of("bought"), Optional.empty())))
                .isInstanceOf(Outcome.Used.class);
    }

    @Test
    void a_revocation_that_is_repeated_with_its_key_is_answered_as_the_first_time() throws Exception {
        SerialNumber serial = serial(issued());
        assertThat(revoke(revoking(serial, Optional.of("t"), Optional.of("key"))))
                .isInstanceOf(Outcome.Revoked.class);
        assertThat(revoke(revoking(serial, Optional.of("t"), Optional.of("key"))))
                .isInstanceOf(Outcome.Revoked.class);
        assertThat(revoke(revoking(serial, Optional.of("t"), Optional.of("other"))))
                .isInstanceOf(Outcome.Used.class);
        assertThat(revoke(revoking(serial, Optional.of("u"), Optional.of("key"))))
                .isInstanceOf(Outcome.AlreadyRevoked.class);
        assertThat(entries(begin())).hasSize(1);
    }

    @Test
    void a_serial_that_nobody_here_has_issued_can_be_revoked() throws Exception {
        SerialNumber stranger = new SerialNumber(BigInteger.valueOf(77));
        assertThat(revoke(stranger)).isInstanceOf(Outcome.Revoked.class);
        assertThat(reserve(renewing(stranger, Optional.empty()))).isInstanceOf(Reservation.Revoked.class);
    }

    @Test
    void a_token_of_before_the_store_s_memory_revokes_nothing() throws Exception {
        SerialNumber serial = serial(issued());
        clock.advance(Duration.ofHours(2));
        assertThat(revoke(revoking(serial, Optional.of("late"), Optional.empty())))
                .isInstanceOf(Outcome.Used.class);
    }

    @Test
    void a_probe_tells_which_node_makes_the_lists_and_the_epoch() throws Exception {
        assertThat(get(store().probe(soon())).listNodes()).isEmpty();
        CrlLedger.Build unused = begin();
        Store.Probe probe = get(store().probe(soon()));
        assertThat(probe.listNodes())
                .singleElement()
                .satisfies(node -> assertThat(new NodeId(node)).isNotNull());
        assertThat(probe.epoch()).isEqualTo(1);
    }

    @Test
    void fifty_revocations_of_one_serial_at_once_are_one() throws Exception {
        SerialNumber serial = serial(issued());
        List<Future<Outcome>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(store().revocations()
                    .revoke(revoking(serial, Optional.of("token " + i), Optional.empty()), soon()));
        }
        int revoked = 0;
        for (Future<Outcome> each : all) {
            revoked += get(each) instanceof Outcome.Revoked ? 1 : 0;
        }
        assertThat(revoked).isEqualTo(1);
    }

    CrlLedger.Build begin() throws Exception {
        return get(lists().begin(issuer(), BigInteger.ZERO, soon())).orElseThrow();
    }

    List<CrlLedger.Entry> entries(CrlLedger.Build build) throws Exception {
        List<CrlLedger.Entry> all = new ArrayList<>();
        List<CrlLedger.Entry> page = get(lists().entries(build, 0, soon()));
        while (!page.isEmpty()) {
            all.addAll(page);
            page = get(lists().entries(build, page.get(page.size() - 1).place(), soon()));
        }
        return all;
    }

    private void publish(CrlLedger.Build build, String text) throws Exception {
        Void unused = get(lists().put(build, 0, LedgerFixture.bytes(text), soon()));
        PreparedCrl list =
                new PreparedCrl(build.number(), build.now(), build.now().plusSeconds(60), LedgerFixture.bytes("tbs"));
        Void unusedPublished = get(lists().publish(build, list, 1, build.revocations(), soon()));
    }

    @Test
    void numbers_of_lists_only_rise_published_or_not_and_whatever_the_clock_does() throws Exception {
        BigInteger last = BigInteger.ZERO;
        for (int i = 0; i < 5; i++) {
            CrlLedger.Build build = begin();
            assertThat(build.number()).isGreaterThan(last);
            last = build.number();
            if (i % 2 == 0) {
                publish(build, "list");
            } else {
                Void unused = get(lists().giveUp(build, soon()));
            }
            clock.advance(Duration.ofMinutes(i == 2 ? -10 : 1));
        }
    }

    @Test
    void a_list_s_number_is_higher_than_what_a_store_that_was_put_back_would_count_to() throws Exception {
        assertThat(begin().number()).isEqualTo(BigInteger.valueOf(START.toEpochMilli()));
    }

    @Test
    void a_list_s_number_is_higher_than_one_that_was_published_though_the_store_has_forgotten_it() throws Exception {
        BigInteger published = BigInteger.valueOf(START.toEpochMilli() + 5_000);
        assertThat(get(lists().begin(issuer(), published, soon())).orElseThrow().number())
                .isEqualTo(published.add(BigInteger.ONE));
    }

    @Test
    void one_process_at_a_time_makes_a_list_and_another_takes_over_when_it_is_dead() throws Exception {
        CrlLedger other = new SqlCrl(store().writer(), "another process", true);
        CrlLedger.Build first = begin();
        assertThat(get(other.begin(issuer(), BigInteger.ZERO, soon()))).isEmpty();
        clock.advance(Duration.ofSeconds(31));
        CrlLedger.Build second =
                get(other.begin(issuer(), BigInteger.ZERO, soon())).orElseThrow();
        assertThat(second.number()).isGreaterThan(first.number());
        assertThat(failure(lists().entries(first, 0, soon()))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(failure(lists().put(first, 0, LedgerFixture.bytes("x"), soon())))
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        PreparedCrl late = new PreparedCrl(first.number(), START, START.plusSeconds(9), LedgerFixture.bytes("tbs"));
        assertThat(failure(lists().publish(first, late, 1, 0, soon()))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(get(lists().state(issuer(), soon())).published()).isEmpty();
    }

    @Test
    void where_one_process_writes_what_another_one_had_begun_keeps_it_waiting_for_nothing() throws Exception {
        CrlLedger killed = new SqlCrl(store().writer(), "killed", false);
        CrlLedger.Build first =
                get(killed.begin(issuer(), BigInteger.ZERO, soon())).orElseThrow();
        assertThat(get(killed.begin(issuer(), BigInteger.ZERO, soon())))
                .as("its own")
                .isEmpty();
        CrlLedger next = new SqlCrl(store().writer(), "next", false);
        assertThat(get(next.begin(issuer(), BigInteger.ZERO, soon()))
                        .orElseThrow()
                        .number())
                .isGreaterThan(first.number());
    }

    @Test
    void a_build_that_makes_steps_stays_with_its_process() throws Exception {
        CrlLedger other = new SqlCrl(store().writer(), "another process", true);
        CrlLedger.Build build = begin();
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofSeconds(20));
            assertThat(get(lists().entries(build, 0, soon()))).isEmpty();
            assertThat(get(other.begin(issuer(), BigInteger.ZERO, soon()))).isEmpty();
        }
        publish(build, "list");
        assertThat(get(other.begin(issuer(), BigInteger.ZERO, soon()))).isPresent();
    }

    @Test
    void the_published_list_and_the_one_before_it_can_be_read_and_no_older_one() throws Exception {
        List<BigInteger> numbers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            CrlLedger.Build build = begin();
            numbers.add(build.number());
            publish(build, "list " + i);
        }
        CrlLedger.State state = get(lists().state(issuer(), soon()));
        assertThat(state.published().orElseThrow().number()).isEqualTo(numbers.get(2));
        assertThat(get(lists().part(issuer(), numbers.get(2), 0, soon()))).contains(LedgerFixture.bytes("list 2"));
        assertThat(get(lists().part(issuer(), numbers.get(1), 0, soon()))).contains(LedgerFixture.bytes("list 1"));
        assertThat(get(lists().part(issuer(), numbers.get(0), 0, soon()))).isEmpty();
    }

    @Test
    void where_several_processes_write_a_revocation_is_not_sure_to_be_the_last_in_sight_for_a_minute()
            throws Exception {
        assertThat(get(lists().state(issuer(), soon())).settled()).isEmpty();
        assertThat(revoke(serial(issued()))).isInstanceOf(Outcome.Revoked.class);
        assertThat(get(lists().state(issuer(), soon())).settled())
                .isEqualTo(isShared() ? Optional.of(START.plusSeconds(60)) : Optional.empty());
    }

    @Test
    void an_entry_stays_until_one_list_after_its_certificate_s_end_has_named_it() throws Exception {
        SerialNumber ours = serial(issued()); // of an hour
        SerialNumber stranger = new SerialNumber(BigInteger.valueOf(77));
        assertThat(revoke(ours)).isInstanceOf(Outcome.Revoked.class);
        assertThat(revoke(stranger)).isInstanceOf(Outcome.Revoked.class);
        assertThat(listed()).containsExactly(ours.value(), stranger.value());
        clock.advance(Duration.ofMinutes(61));
        assertThat(listed()).as("the one after its end").containsExactly(ours.value(), stranger.value());
        assertThat(listed()).as("of an end that is not known").containsExactly(stranger.value());
        assertThat(reserve(renewing(ours, Optional.empty()))).isInstanceOf(Reservation.Revoked.class);
    }

    /** Makes a list as the job does; answers whom it names. */
    private List<BigInteger> listed() throws Exception {
        CrlLedger.Build build = begin();
        List<BigInteger> serials =
                entries(build).stream().map(CrlLedger.Entry::serial).toList();
        publish(build, "list");
        int unused = get(lists().drop(build.issuer(), build.now(), build.revocations(), soon()));
        return serials;
    }

    @Test
    void an_entry_of_nobody_s_does_not_stay_for_the_list_of_an_issuer_that_no_node_has() throws Exception {
        Void unused =
                get(store().issuers().remember(Issuers.of(List.of(), fixture.named("ca.json"), key -> true), soon()));
        LedgerFixture former = LedgerFixture.create("Former CA", 5000, START);
        publish(
                get(lists().begin(former.issuer().keyId(), BigInteger.ZERO, soon()))
                        .orElseThrow(),
                "its last list");
        boolean inserted = get(store().writer()
                .submit(
                        session -> RevocationRows.insert(
                                session,
                                RevocationRows.NewRow.byJob(
                                        "77",
                                        START.getEpochSecond(),
                                        START.plusSeconds(60).getEpochSecond())),
                        soon()));
        assertThat(inserted).isTrue();
        clock.advance(Duration.ofMinutes(61));
        assertThat(listed()).containsExactly(BigInteger.valueOf(77));
        assertThat(listed()).isEmpty();
    }

    @Test
    void more_entries_than_a_page_are_all_read_once() throws Exception {
        int count = SqlCrl.PAGE + 10;
        int unused = get(store().writer()
                .submit(
                        session -> {
                            for (int i = 1; i <= count; i++) {
                                boolean unusedRow = RevocationRows.insert(
                                        session, RevocationRows.NewRow.byJob("" + i, i, START.getEpochSecond()));
                            }
                            return count;
                        },
                        soon()));
        assertThat(entries(begin()))
                .hasSize(count)
                .doesNotHaveDuplicates()
                .first()
                .satisfies(entry -> assertThat(entry.serial()).isEqualTo(BigInteger.ONE));
    }

    @Test
    void a_list_names_what_its_issuer_signed_and_what_nobody_knows() throws Exception {
        SerialNumber ours = serial(issued());
        LedgerFixture other = LedgerFixture.create("Other CA", 5000, START);
        Claim claim = other.claim("token of the other");
        assertThat(reserve(claim)).isInstanceOf(Reservation.Owned.class);
        SerialNumber stranger = new SerialNumber(BigInteger.valueOf(77));
        for (SerialNumber each : List.of(ours, serial(claim), stranger)) {
            assertThat(revoke(each)).isInstanceOf(Outcome.Revoked.class);
        }
        assertThat(serials(begin())).containsExactly(ours.value(), stranger.value());
        CrlLedger.Build others = get(lists().begin(other.issuer().keyId(), BigInteger.ZERO, soon()))
                .orElseThrow();
        assertThat(serials(others)).containsExactly(serial(claim).value(), stranger.value());
    }

    @Test
    void a_revocation_concerns_the_list_of_its_issuer_alone_or_every_list_when_nobody_knows_it() throws Exception {
        LedgerFixture other = LedgerFixture.create("Other CA", 5000, START);
        KeyId others = other.issuer().keyId();
        assertThat(revoke(serial(issued()))).isEqualTo(new Outcome.Revoked(Optional.of(issuer())));
        long first = get(lists().state(issuer(), soon())).revocations();
        assertThat(get(lists().state(others, soon())).revocations()).isZero();
        assertThat(revoke(new SerialNumber(BigInteger.valueOf(77)))).isEqualTo(new Outcome.Revoked(Optional.empty()));
        long second = get(lists().state(issuer(), soon())).revocations();
        assertThat(second).isGreaterThan(first);
        assertThat(get(lists().state(others, soon())).revocations()).isEqualTo(second);
    }

    private List<BigInteger> serials(CrlLedger.Build build) throws Exception {
        return entries(build).stream().map(CrlLedger.Entry::serial).toList();
    }

    @Test
    void an_issuer_is_missed_as_long_as_a_certificate_of_it_is_good() throws Exception {
        IssuerMemory issuers = store().issuers();
        LedgerFixture next = LedgerFixture.create("Next CA", 5000, START);
        Issuers both = Issuers.of(List.of(next.named("next")), fixture.named("ca.json"), key -> true);
        Issuers nextAlone = Issuers.of(List.of(), next.named("next"), key -> true);
        assertThat(get(issuers.missed(nextAlone, soon()))).as("never had").isEmpty();
        Void unused = get(issuers.remember(both, soon()));
        assertThat(get(issuers.missed(nextAlone, soon()))).as("signed nothing").isEmpty();

        Claim unusedClaim = issued(); // of an hour
        assertThat(get(issuers.missed(nextAlone, soon())))
                .containsExactly(new IssuerMemory.Missed(
                        "ca.json", fixture.issuer().keyId(), fixture.issuer().hash(), START.plus(Duration.ofHours(1))));
        assertThat(get(issuers.missed(both, soon()))).isEmpty();
        clock.advance(Duration.ofMinutes(61));
        assertThat(get(issuers.missed(nextAlone, soon()))).as("all have ended").isEmpty();
    }

    @Test
    void certificates_of_before_issuers_were_noted_are_the_first_one_s() throws Exception {
        Claim unusedClaim = issued();
        int unusedRows =
                get(store().writer().submit(session -> session.update("UPDATE certificate SET issuer = NULL"), soon()));
        IssuerMemory issuers = store().issuers();
        LedgerFixture next = LedgerFixture.create("Next CA", 5000, START);
        Issuers both = Issuers.of(List.of(next.named("next")), fixture.named("ca.json"), key -> true);
        Void unused = get(issuers.remember(both, soon()));
        Void unusedAgain = get(issuers.remember(both, soon()));
        assertThat(get(issuers.missed(Issuers.of(List.of(), next.named("next"), key -> true), soon())))
                .extracting(IssuerMemory.Missed::name)
                .containsExactly("ca.json");
        assertThat(get(issuers.missed(Issuers.of(List.of(), fixture.named("ca.json"), key -> true), soon())))
                .isEmpty();
    }

    @Test
    void the_list_of_an_issuer_that_no_node_has_any_more_is_dropped() throws Exception {
        LedgerFixture next = LedgerFixture.create("Next CA", 5000, START);
        IssuerMemory issuers = store().issuers();
        Void unused = get(issuers.remember(
                Issuers.of(List.of(next.named("next")), fixture.named("ca.json"), key -> true), soon()));
        publish(begin(), "list");
        assertThat(get(lists().state(issuer(), soon())).published()).isPresent();
        Void unusedAgain = get(issuers.remember(Issuers.of(List.of(), next.named("next"), key -> true), soon()));
        assertThat(get(lists().state(issuer(), soon())).published()).isEmpty();
    }
}
