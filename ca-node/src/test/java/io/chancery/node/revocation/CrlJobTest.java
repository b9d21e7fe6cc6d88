package io.chancery.node.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.revocation.PreparedRevocation;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceFixture;
import io.chancery.node.issuance.SigningClient.Outcome;
import io.chancery.node.store.SqliteStore;
import io.chancery.node.store.Store;
import io.chancery.node.store.StoreSettings;
import io.chancery.testing.Answers;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Lists are made, verified and served; what fails leaves the last good one. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class CrlJobTest {
    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");
    private static final CrlSettings AT_ONCE =
            new CrlSettings(true, Duration.ofHours(1), Duration.ofMinutes(40), Optional.of("https://ca/crl"));

    private static final CrlSettings AT_ITS_TIME =
            new CrlSettings(false, Duration.ofHours(1), Duration.ofMinutes(40), Optional.of("https://ca/crl"));

    /** The job of a node looks less often. */
    private static final Duration LOOKS = Duration.ofMillis(50);

    private final MutableInstantSource clock = new MutableInstantSource(START);
    private final List<Boolean> builds = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path folder;

    private Store store;
    private ListSigner signer;

    @BeforeEach
    void open() throws Exception {
        store = SqliteStore.open(folder, new StoreSettings("n1", 1000, false, "birth"), clock);
        signer = new ListSigner(START);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private CrlJob job(Vertx vertx) {
        return job(vertx, store.lists());
    }

    /** The store's lists, with a look at each answer before whoever asked gets it. */
    private CrlLedger seen(BiFunction<String, Future<?>, Future<?>> look) {
        return (CrlLedger) Proxy.newProxyInstance(
                CrlLedger.class.getClassLoader(),
                new Class<?>[] {CrlLedger.class},
                (proxy, method, arguments) ->
                        look.apply(method.getName(), (Future<?>) method.invoke(store.lists(), arguments)));
    }

    private CrlJob job(Vertx vertx, CrlLedger lists) {
        CrlJob job = new CrlJob(
                vertx,
                new CrlJob.Ports(lists, signer, ListSigner.NOWHERE),
                signer.issuer,
                new PublicKeys(new BouncyCastleProvider()),
                (published, took) -> builds.add(published));
        job.use(Optional.of(AT_ONCE));
        return job;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return Answers.of(future);
    }

    private void revoke(long serial) throws Exception {
        PreparedRevocation revocation = new PreparedRevocation(
                new SerialNumber(BigInteger.valueOf(serial)), 1, "", Optional.empty(), List.of(), Optional.empty());
        RevocationLedger.Outcome outcome = get(store.revocations()
                .revoke(
                        new RevocationLedger.Claim(revocation, Optional.empty(), "r"),
                        Deadline.in(Duration.ofSeconds(20))));
        assertThat(outcome).isInstanceOf(RevocationLedger.Outcome.Revoked.class);
    }

    private X509CRL served(CrlJob job) throws Exception {
        CrlShelf.Listed listed = job.shelf().current().orElseThrow();
        X509CRL crl = (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(listed.der().getBytes()));
        crl.verify(signer.issuer.certificate().getPublicKey());
        X509CRL same = (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(listed.pem().getBytes()));
        assertThat(same).isEqualTo(crl);
        return crl;
    }

    @Test
    void a_revocation_waits_for_the_list_of_its_issuer_alone_or_for_all_when_nobody_knows_it(Vertx vertx)
            throws Exception {
        IssuerCertificate other = IssuanceFixture.create("Other CA").issuer();
        Issuers both = Issuers.of(List.of(named("other", other)), named("first", signer.issuer), key -> true);
        CrlJobs jobs = new CrlJobs(
                vertx,
                new CrlJob.Ports(store.lists(), signer, ListSigner.NOWHERE),
                new PublicKeys(new BouncyCastleProvider()),
                (published, took) -> {});
        jobs.use(both, Optional.of(AT_ONCE));
        Void unused = get(jobs.wanted(Optional.of(signer.issuer.keyId())));
        assertThat(jobs.current(both.standing())).isPresent();
        // The signer has the key of the first alone, so a list of the other one fails.
        for (Optional<KeyId> each : List.of(Optional.of(other.keyId()), Optional.<KeyId>empty())) {
            assertThatThrownBy(() -> get(jobs.wanted(each))).hasMessageContaining("signature");
        }
    }

    private static Issuer named(String name, IssuerCertificate certificate) {
        return new Issuer(
                name,
                certificate,
                List.of(certificate.certificate()),
                NameConstraints.of(List.of(certificate.certificate())),
                Optional.of("https://ca/crl"),
                Optional.empty());
    }

    @Test
    void a_revocation_is_on_the_list_that_was_wanted_after_it(Vertx vertx) throws Exception {
        CrlJob job = job(vertx);
        revoke(7);
        Void unused = get(job.wanted());
        assertThat(served(job).getRevokedCertificate(BigInteger.valueOf(7))).isNotNull();
        BigInteger first = job.shelf().current().orElseThrow().number();
        revoke(8);
        Void unusedToo = get(job.wanted());
        assertThat(served(job).getRevokedCertificates()).hasSize(2);
        assertThat(job.shelf().current().orElseThrow().number()).isGreaterThan(first);
        assertThat(served(job).getNextUpdate().toInstant()).isEqualTo(START.plus(Duration.ofHours(1)));
    }

    @Test
    void many_that_want_one_at_once_share_two_at_most(Vertx vertx) throws Exception {
        Runnable sign = slowSigner();
        CrlJob job = job(vertx);
        List<Future<Void>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(job.wanted());
        }
        await(() -> signer.asked.size() == 1);
        sign.run();
        for (Future<Void> each : all) {
            Void unused = get(each);
        }
        assertThat(signer.asked).as("the first one's, and that of all others").hasSize(2);
    }

    @Test
    void what_cannot_be_made_leaves_the_last_good_one_in_force(Vertx vertx) throws Exception {
        CrlJob job = job(vertx);
        Void unused = get(job.wanted());
        X509CRL good = served(job);
        revoke(7);
        List<Future<Outcome>> bad = List.of(
                Future.succeededFuture(new Outcome.SurelyNotSigned("away")),
                Future.succeededFuture(new Outcome.MaybeSigned("silent")),
                Future.succeededFuture(new Outcome.Refused(new SignReply.Refused("crl-number", "low"), false)));
        for (Future<Outcome> each : bad) {
            signer.answer = tbs -> each;
            assertThatThrownBy(() -> get(job.wanted())).isNotInstanceOf(AssertionError.class);
            assertThat(served(job)).isEqualTo(good);
        }
        signer.answer = signer::signed;
        Void unusedToo = get(job.wanted());
        assertThat(served(job).getRevokedCertificates()).hasSize(1);
        assertThat(builds).containsExactly(true, false, false, false, true);
    }

    @Test
    void a_signature_over_other_bytes_is_not_published(Vertx vertx) throws Exception {
        CrlJob job = job(vertx);
        signer.answer = tbs -> signer.signed(Der.of(new byte[] {1}));
        assertThatThrownBy(() -> get(job.wanted())).hasMessageContaining("signature");
        assertThat(job.shelf().current()).isEmpty();
        assertThat(get(store.lists().state(signer.issuer.keyId(), Deadline.in(Duration.ofSeconds(20))))
                        .published())
                .isEmpty();
    }

    @Test
    void another_node_s_list_is_served_without_being_made_again(Vertx vertx) throws Exception {
        CrlJob maker = job(vertx);
        revoke(7);
        Void unused = get(maker.wanted());
        CrlJob reader = job(vertx);
        reader.start(LOOKS);
        await(() -> reader.shelf().current().isPresent());
        reader.stop();
        assertThat(reader.shelf().current().orElseThrow().der())
                .isEqualTo(maker.shelf().current().orElseThrow().der());
        assertThat(signer.asked).hasSize(1);
    }

    @Test
    void a_list_is_made_at_the_start_and_when_its_time_has_come(Vertx vertx) throws Exception {
        CrlJob job = job(vertx);
        job.start(LOOKS);
        await(() -> job.shelf().current().isPresent());
        clock.advance(Duration.ofMinutes(41));
        await(() -> job.shelf().current().orElseThrow().thisUpdate().isAfter(START));
        job.stop();
        assertThat(signer.asked).hasSize(2);
    }

    @Test
    void where_revocations_make_none_a_revoked_certificate_waits_for_the_list_s_time(Vertx vertx) throws Exception {
        AtomicInteger looks = new AtomicInteger();
        CrlJob job = job(vertx, counting(looks));
        job.use(Optional.of(AT_ITS_TIME));
        job.start(LOOKS);
        await(() -> job.shelf().current().isPresent());
        revoke(7);
        Void unused = get(job.wanted());
        int before = looks.get();
        await(() -> looks.get() >= before + 2);
        assertThat(served(job).getRevokedCertificates()).isNull();
        assertThat(signer.asked).hasSize(1);
        clock.advance(Duration.ofMinutes(41));
        await(() -> job.shelf().current().orElseThrow().thisUpdate().isAfter(START));
        job.stop();
        assertThat(served(job).getRevokedCertificate(BigInteger.valueOf(7))).isNotNull();
    }

    private CrlLedger counting(AtomicInteger looks) {
        return seen(
                (name, answer) -> name.equals("state") ? answer.onComplete(done -> looks.incrementAndGet()) : answer);
    }

    @Test
    void what_was_revoked_before_a_start_or_a_reload_is_listed_soon_after_it(Vertx vertx) throws Exception {
        Optional<CrlSettings> inTime = Optional.of(AT_ITS_TIME);
        CrlJob first = job(vertx);
        first.use(inTime);
        first.start(LOOKS);
        await(() -> first.shelf().current().isPresent());
        first.stop();
        revoke(7);

        CrlJob next = job(vertx);
        next.use(inTime);
        next.start(LOOKS);
        await(() -> signer.asked.size() == 2 && revoked(next, 7));
        revoke(8);
        next.use(inTime);
        await(() -> signer.asked.size() == 3 && revoked(next, 8));
        next.stop();
    }

    private boolean revoked(CrlJob job, long serial) {
        try {
            return served(job).getRevokedCertificate(BigInteger.valueOf(serial)) != null;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Whether so many lists were signed, and it serves the last: one that is being published yet would come later. */
    private boolean servesList(CrlJob job, int count) {
        return signer.asked.size() == count && job.shelf().number().equals(signer.asked.get(count - 1));
    }

    /** That another list be made at once. */
    private void assertMadeAgain(Vertx vertx, CrlSettings before, CrlSettings after) throws Exception {
        int asked = signer.asked.size();
        CrlJob first = job(vertx);
        first.use(Optional.of(before));
        first.start(LOOKS);
        await(() -> servesList(first, asked + 1));
        first.use(Optional.of(after));
        await(() -> servesList(first, asked + 2));
        first.stop();
        assertThat(signer.asked).hasSize(asked + 2);
    }

    @Test
    void settings_that_make_another_list_make_it_at_once(Vertx vertx) throws Exception {
        CrlSettings elsewhere = AT_ONCE.at(Optional.of("https://ca/other"));
        assertMadeAgain(vertx, AT_ONCE, elsewhere);
        CrlSettings longer =
                new CrlSettings(true, Duration.ofHours(24), Duration.ofHours(16), elsewhere.distributionPoint());
        assertMadeAgain(vertx, AT_ONCE, longer);
        CrlJob next = job(vertx); // the list is longer, and says that it is had elsewhere
        next.start(LOOKS);
        await(() -> signer.asked.size() == 5
                && next.shelf().current().orElseThrow().nextUpdate().equals(START.plus(Duration.ofHours(1))));
        next.stop();
        assertThat(served(next).getExtensionValue("2.5.29.28"))
                .asString(StandardCharsets.ISO_8859_1)
                .contains("https://ca/crl");
    }

    @Test
    void of_several_nodes_that_start_with_other_settings_one_makes_the_list_and_none_makes_it_again(Vertx vertx)
            throws Exception {
        revoke(7);
        Void unused = get(job(vertx).wanted());
        revoke(8);
        Runnable sign = slowSigner();
        AtomicInteger looks = new AtomicInteger();
        Set<Integer> turnedAway = ConcurrentHashMap.newKeySet();
        List<CrlJob> nodes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int node = i;
            CrlJob job = job(
                    vertx,
                    seen((name, answer) -> answer.onSuccess(got -> {
                        if (name.equals("state")) {
                            looks.incrementAndGet();
                        } else if (Optional.empty().equals(got)) {
                            turnedAway.add(node); // by begin: no part is missing here
                        }
                    })));
            job.use(Optional.of(AT_ITS_TIME.at(Optional.of("https://ca/other"))));
            job.start();
            nodes.add(job);
        }
        await(() -> turnedAway.size() == 2);
        sign.run();
        await(() -> nodes.stream().allMatch(each -> revoked(each, 8)));
        revoke(9); // which waits for the list's time
        int before = looks.get();
        await(() -> looks.get() >= before + 3 * nodes.size());
        nodes.forEach(CrlJob::stop);
        assertThat(signer.asked).hasSize(2);
    }

    @Test
    void one_who_wants_a_list_while_another_process_makes_one_gets_the_next(Vertx vertx) throws Exception {
        Promise<Outcome> slow = Promise.promise();
        signer.answer = tbs -> slow.future();
        CrlJob busy = job(vertx);
        Future<Void> first = busy.wanted();
        await(() -> signer.asked.size() == 1);
        revoke(7);
        Future<Void> second = busy.wanted();
        signer.answer = signer::signed;
        slow.complete(new Outcome.SurelyNotSigned("away"));
        assertThatThrownBy(() -> get(first)).isNotNull();
        Void unused = get(second);
        assertThat(served(busy).getRevokedCertificate(BigInteger.valueOf(7))).isNotNull();
    }

    @Test
    void a_list_that_may_lack_a_revocation_which_came_in_sight_late_is_followed_by_another(Vertx vertx)
            throws Exception {
        Instant settled = START.plusSeconds(60);
        CrlJob job = job(
                vertx,
                seen((name, answer) -> name.equals("state")
                        ? answer.map(CrlLedger.State.class::cast)
                                .map(state ->
                                        new CrlLedger.State(state.published(), 0, 0, Optional.of(settled), state.now()))
                        : answer));
        job.start(LOOKS);
        await(() -> job.shelf().current().isPresent());
        clock.advance(Duration.ofSeconds(60));
        await(() -> !job.shelf().current().orElseThrow().thisUpdate().isBefore(settled));
        job.stop();
        assertThat(signer.asked).hasSize(2);
    }

    @Test
    void where_only_the_clock_asked_the_list_of_another_process_will_do(Vertx vertx) throws Exception {
        Duration unused = takesUpAnothers(vertx, LOOKS, 1);
        assertThat(signer.asked).hasSize(1);
    }

    @Test
    void a_node_without_a_list_looks_for_that_of_another_before_its_next_look(Vertx vertx) throws Exception {
        Duration unused = takesUpAnothers(vertx, Duration.ofHours(1), 1);
    }

    @Test
    void looks_while_another_makes_the_first_list_do_not_multiply(Vertx vertx) throws Exception {
        // Each is one of the looks that it was told to take, or five a second.
        assertThat(takesUpAnothers(vertx, Duration.ofMillis(10), 200)).isGreaterThan(Duration.ofMillis(1500));
    }

    /**
     * One that starts while another makes a list serves that in the end.
     *
     * @param looks how often it does
     * @param turns how often it is turned away before the other's is signed
     * @return how long it took to be turned away so often
     */
    private Duration takesUpAnothers(Vertx vertx, Duration looks, int turns) throws Exception {
        Runnable sign = slowSigner();
        CrlJob maker = job(vertx);
        Future<Void> made = maker.wanted();
        await(() -> signer.asked.size() == 1);
        AtomicInteger turnedAway = new AtomicInteger();
        CrlJob other = job(
                vertx,
                seen((name, answer) ->
                        name.equals("begin") ? answer.onComplete(done -> turnedAway.incrementAndGet()) : answer));
        long began = System.nanoTime();
        other.start(looks);
        await(() -> turnedAway.get() >= turns);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        sign.run();
        Void unused = get(made);
        await(() -> other.shelf().current().isPresent());
        other.stop();
        return took;
    }

    @Test
    void a_list_that_cannot_be_read_does_not_keep_the_next_from_being_made(Vertx vertx) throws Exception {
        Void unused = get(job(vertx).wanted());
        clock.advance(Duration.ofMinutes(41));
        CrlJob other = job(
                vertx,
                seen((name, answer) -> name.equals("part") ? Future.failedFuture("the octets are gone") : answer));
        other.start(LOOKS);
        await(() -> other.shelf().current().isPresent());
        other.stop();
        assertThat(signer.asked).hasSize(2);
    }

    @Test
    void a_fraction_of_a_second_in_its_lifetime_is_left_out(Vertx vertx) throws Exception {
        CrlJob job = job(vertx);
        job.use(Optional.of(new CrlSettings(
                true, Duration.ofHours(1).plusMillis(500), Duration.ofMinutes(40), Optional.of("https://ca/crl"))));
        Void unused = get(job.wanted());
        assertThat(served(job).getNextUpdate().toInstant()).isEqualTo(START.plus(Duration.ofHours(1)));
    }

    @Test
    void nothing_is_made_where_lists_are_switched_off(Vertx vertx) throws Exception {
        CrlJob job = job(vertx);
        job.use(Optional.empty());
        job.start(LOOKS);
        Void unused = get(job.wanted());
        assertThat(job.enabled()).isFalse();
        AtomicInteger looks = new AtomicInteger();
        // Begun after the job, and as often as it.
        long timer = vertx.setPeriodic(LOOKS.toMillis(), tick -> looks.incrementAndGet());
        await(() -> looks.get() >= 5);
        assertThat(signer.asked).isEmpty();
        assertThat(job.shelf().current()).isEmpty();
        boolean unusedTimer = vertx.cancelTimer(timer);
        job.stop();
    }

    @Test
    void a_list_that_takes_longer_than_from_one_look_to_the_next_is_made_once(Vertx vertx) throws Exception {
        Runnable sign = slowSigner();
        AtomicInteger looks = new AtomicInteger();
        CrlJob job = job(
                vertx,
                seen((name, answer) ->
                        name.equals("state") ? answer.onComplete(done -> looks.incrementAndGet()) : answer));
        job.start(LOOKS);
        await(() -> signer.asked.size() == 1);
        int before = looks.get();
        await(() -> looks.get() > before);
        sign.run();
        await(() -> job.shelf().current().isPresent());
        Void unused = get(job.wanted());
        job.stop();
        assertThat(signer.asked).hasSize(2);
    }

    /** From now on the signer does not answer; when the result is run it signs what came last, and from then on at once. */
    private Runnable slowSigner() {
        Promise<Outcome> slow = Promise.promise();
        AtomicReference<Der> toSign = new AtomicReference<>(Der.of(new byte[0]));
        signer.answer = tbs -> {
            toSign.set(tbs);
            return slow.future();
        };
        return () -> {
            signer.answer = signer::signed;
            signer.signed(toSign.get()).onComplete(slow);
        };
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }
}
