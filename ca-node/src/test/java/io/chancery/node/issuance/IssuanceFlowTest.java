package io.chancery.node.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chancery.cluster.bus.SignReply;
import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.Grant;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.TokenUse;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.node.issuance.SigningClient.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** The outcomes of the issuance protocol: for each way of ending, the answer, the row and the token. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class IssuanceFlowTest {
    private static final SignReply.Refused REFUSED = new SignReply.Refused("ca", "a CA certificate");
    private static final TokenUse TOKEN =
            new TokenUse(Sha256.digest(new byte[] {7}), Optional.empty(), Optional.empty(), "admin");
    private static final Sha256 REQUEST = Sha256.digest(new byte[] {8});
    private static final Reservation OWNED = new Reservation.Owned();

    private final RecordingLedger ledger = new RecordingLedger();
    private final RecordingReplayFilter grid = new RecordingReplayFilter(ledger.calls);
    private final ScriptedSigners signers = new ScriptedSigners(ledger);
    private IssuanceFixture fixture;
    private IssuanceFlow flow;
    private PreparedCertificate certificate;
    private Issuers issuers;
    private Optional<CaException> forbidden = Optional.empty();

    @BeforeEach
    void flow() throws Exception {
        fixture = IssuanceFixture.create();
        certificate = fixture.certificate();
        issuers = fixture.issuers();
        flow = new IssuanceFlow(
                () -> issuers,
                new IssuanceFlow.Ports(ledger, grid, signers, () -> forbidden),
                new PublicKeys(new BouncyCastleProvider()),
                () -> IssuanceFixture.NOW,
                new SecureRandom());
    }

    private Future<Der> issue(Vertx vertx, Optional<String> idempotencyKey, Duration deadline) {
        return issue(vertx, idempotencyKey, REQUEST, deadline);
    }

    private Future<Der> issue(Vertx vertx, Optional<String> idempotencyKey, Sha256 requestHash, Duration deadline) {
        PreparedIssuance prepared = new PreparedIssuance(Grant.ofToken(TOKEN), certificate, requestHash);
        return vertx.executeBlocking(() -> prepared)
                .compose(ready ->
                        flow.issue((now, serial) -> ready, idempotencyKey, "request-1", Deadline.in(deadline)));
    }

    private Future<Der> issue(Vertx vertx) {
        return issue(vertx, Optional.empty(), Duration.ofSeconds(5));
    }

    private static ErrorCode code(Throwable failure) {
        return ((CaException) failure).code();
    }

    private Outcome signedBy(Der tbs) {
        return new Outcome.Signed(new SignReply.Signed(fixture.sign(tbs), Sha256.digest()));
    }

    @Test
    void a_certificate_is_recorded_then_signed_then_recorded_then_answered(Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        signers.answer = signedBy(certificate.tbs());
        issue(vertx)
                .onComplete(test.succeeding(der -> test.verify(() -> {
                    assertThat(ledger.calls)
                            .containsExactly(
                                    "ask", "reserve " + certificate.serial(), "finish " + certificate.serial(), "tell");
                    assertThat(signers.asked).containsExactly(certificate.tbs());
                    assertThat(signers.callsBefore).containsExactly("ask", "reserve " + certificate.serial());
                    assertThat(fixture.verifies(der)).isTrue();
                    test.completeNow();
                })));
    }

    @Test
    void while_nothing_may_be_issued_nothing_is_recorded_and_the_token_stays_unused(
            Vertx vertx, VertxTestContext test) {
        forbidden = Optional.of(CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "a clock that is wrong"));
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(failure).isSameAs(forbidden.get());
                    assertThat(ledger.calls).containsExactly("ask");
                    assertThat(signers.asked).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void a_key_makes_a_renewal_known_for_a_day_from_the_request_on_whenever_its_certificate_begins(
            Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        certificate = fixture.certificate(IssuanceFixture.NOW.minusSeconds(30));
        signers.answer = signedBy(certificate.tbs());
        PreparedIssuance renewal = new PreparedIssuance(
                Grant.ofRenewal("admin", Optional.empty(), certificate.serial(), List.of()), certificate, REQUEST);
        vertx.executeBlocking(() -> renewal)
                .compose(ready -> flow.issue(
                        (now, serial) -> ready, Optional.of("key"), "request-1", Deadline.in(Duration.ofSeconds(5))))
                .onComplete(test.succeeding(der -> test.verify(() -> {
                    TokenUse use = ledger.uses.get(0).orElseThrow();
                    assertThat(use.issuedAt()).contains(IssuanceFixture.NOW);
                    assertThat(use.expiresAt()).contains(IssuanceFixture.NOW.plus(Duration.ofDays(1)));
                    test.completeNow();
                })));
    }

    @Test
    void the_answer_is_what_the_store_holds_even_if_another_signature_came_first(Vertx vertx, VertxTestContext test) {
        Der stored = Der.of(new byte[] {5});
        ledger.answers(OWNED);
        ledger.stored = Optional.of(stored);
        signers.answer = signedBy(certificate.tbs());
        issue(vertx)
                .onComplete(test.succeeding(der -> test.verify(() -> {
                    assertThat(der).isEqualTo(stored);
                    test.completeNow();
                })));
    }

    @Test
    void nothing_is_sent_to_a_signer_when_the_intent_may_not_be_recorded(Vertx vertx, VertxTestContext test) {
        ledger.reserving = Future.failedFuture(CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "a commit is in doubt"));
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
                    assertThat(signers.asked).isEmpty();
                    assertThat(ledger.calls).containsExactly("ask", "reserve " + certificate.serial());
                    test.completeNow();
                })));
    }

    @Test
    void a_store_that_does_not_answer_costs_the_deadline_and_no_more(Vertx vertx, VertxTestContext test) {
        ledger.reserving = io.vertx.core.Promise.<Reservation>promise().future();
        issue(vertx, Optional.empty(), Duration.ofMillis(50))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
                    assertThat(signers.asked).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void a_used_token_buys_nothing_and_the_log_alone_is_told_why(Vertx vertx, VertxTestContext test) {
        ledger.answers(new Reservation.Used("used before"));
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.TOKEN_USED);
                    assertThat(failure).hasMessage("used before");
                    assertThat(((CaException) failure).publicDetail()).isEmpty();
                    assertThat(signers.asked).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void a_repeat_gets_the_certificate_that_is_there_unsigned_again(Vertx vertx, VertxTestContext test) {
        Der stored = Der.of(new byte[] {5});
        ledger.answers(new Reservation.AlreadyIssued(certificate.serial(), stored));
        issue(vertx, Optional.of("key"), Duration.ofSeconds(5))
                .onComplete(test.succeeding(der -> test.verify(() -> {
                    assertThat(der).isEqualTo(stored);
                    assertThat(signers.asked).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void a_repeat_while_the_first_request_runs_is_told_to_come_again(Vertx vertx, VertxTestContext test) {
        ledger.answers(new Reservation.StillRunning());
        issue(vertx, Optional.of("key"), Duration.ofSeconds(5))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
                    assertThat(signers.asked).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void a_row_that_is_taken_up_is_signed_with_the_recorded_bytes(Vertx vertx, VertxTestContext test) {
        PreparedCertificate recorded = fixture.certificate();
        ledger.answers(new Reservation.TakenUp(recorded.serial(), recorded.tbs()));
        signers.answer = signedBy(recorded.tbs());
        issue(vertx, Optional.of("key"), Duration.ofSeconds(5))
                .onComplete(test.succeeding(der -> test.verify(() -> {
                    assertThat(signers.asked).containsExactly(recorded.tbs());
                    assertThat(ledger.calls).contains("finish " + recorded.serial());
                    test.completeNow();
                })));
    }

    @Test
    void a_row_of_a_former_issuer_is_signed_by_that_one_s_key(Vertx vertx, VertxTestContext test) throws Exception {
        PreparedCertificate recorded = fixture.certificate();
        IssuanceFixture next = IssuanceFixture.create("Next CA");
        issuers = fixture.afterIt(next);
        certificate = next.certificate();
        ledger.answers(new Reservation.TakenUp(recorded.serial(), recorded.tbs()));
        signers.answer = signedBy(recorded.tbs());
        issue(vertx, Optional.of("key"), Duration.ofSeconds(5))
                .onComplete(test.succeeding(der -> test.verify(() -> {
                    assertThat(signers.issuers)
                            .extracting(IssuerCertificate::hash)
                            .containsExactly(fixture.issuer().hash());
                    assertThat(fixture.verifies(der)).isTrue();
                    test.completeNow();
                })));
    }

    @Test
    void a_row_of_an_issuer_that_is_not_known_here_is_left_as_it_is(Vertx vertx, VertxTestContext test)
            throws Exception {
        PreparedCertificate recorded = IssuanceFixture.create("Next CA").certificate();
        ledger.answers(new Reservation.TakenUp(recorded.serial(), recorded.tbs()));
        issue(vertx, Optional.of("key"), Duration.ofSeconds(5))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.SIGNER_UNAVAILABLE);
                    assertThat(signers.asked).isEmpty();
                    assertThat(ledger.calls).containsExactly("ask", "reserve " + certificate.serial());
                    test.completeNow();
                })));
    }

    @Test
    void a_token_and_key_and_csr_make_the_repeat_key_and_none_is_made_without_a_key(
            Vertx vertx, VertxTestContext test) {
        Sha256 another = Sha256.digest(new byte[] {9});
        ledger.answers(new Reservation.StillRunning());
        issue(vertx)
                .recover(failure -> issue(vertx, Optional.of("k1"), Duration.ofSeconds(5)))
                .recover(failure -> issue(vertx, Optional.of("k2"), Duration.ofSeconds(5)))
                .recover(failure -> issue(vertx, Optional.of("k1"), another, Duration.ofSeconds(5)))
                .recover(failure -> issue(vertx, Optional.of("k1"), Duration.ofSeconds(5)))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(ledger.repeatKeys.get(0)).isEmpty();
                    assertThat(ledger.repeatKeys.subList(1, 4))
                            .doesNotContain(Optional.empty())
                            .doesNotHaveDuplicates();
                    assertThat(ledger.repeatKeys.get(4)).isEqualTo(ledger.repeatKeys.get(1));
                    test.completeNow();
                })));
    }

    static Stream<Arguments> endings() {
        return Stream.of(
                Arguments.of(
                        "nobody could sign", new Outcome.SurelyNotSigned("none"), true, ErrorCode.SIGNER_UNAVAILABLE),
                Arguments.of("a signer refused", new Outcome.Refused(REFUSED, false), true, ErrorCode.SIGNER_REFUSED),
                Arguments.of(
                        "one refused after one that may have signed",
                        new Outcome.Refused(REFUSED, true),
                        false,
                        ErrorCode.SIGNER_REFUSED),
                Arguments.of(
                        "it may have been signed",
                        new Outcome.MaybeSigned("lost"),
                        false,
                        ErrorCode.SIGNER_UNAVAILABLE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endings")
    void the_token_is_free_again_only_when_surely_nothing_was_signed(
            String what, Outcome outcome, boolean released, ErrorCode answer, Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        signers.answer = outcome;
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(answer);
                    assertThat(ledger.calls.contains("release " + certificate.serial()))
                            .isEqualTo(released);
                    assertThat(ledger.calls).doesNotContain("finish " + certificate.serial());
                    assertThat(ledger.calls.contains("tell")).isNotEqualTo(released);
                    test.completeNow();
                })));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endings")
    void a_repeat_never_releases(
            String what, Outcome outcome, boolean released, ErrorCode answer, Vertx vertx, VertxTestContext test) {
        ledger.answers(new Reservation.TakenUp(certificate.serial(), certificate.tbs()));
        signers.answer = outcome;
        issue(vertx, Optional.of("key"), Duration.ofSeconds(5))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(answer);
                    assertThat(ledger.calls).containsExactly("ask", "reserve " + certificate.serial(), "tell");
                    test.completeNow();
                })));
    }

    @Test
    void a_release_that_fails_changes_nothing_about_the_answer(Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        ledger.releasing = Future.failedFuture(CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "gone"));
        signers.answer = new Outcome.SurelyNotSigned("none");
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.SIGNER_UNAVAILABLE);
                    test.completeNow();
                })));
    }

    @Test
    void a_signature_that_does_not_verify_is_our_fault_and_leaves_the_row_reserved(Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        signers.answer = signedBy(fixture.certificate().tbs());
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.INTERNAL);
                    assertThat(ledger.calls).containsExactly("ask", "reserve " + certificate.serial(), "tell");
                    test.completeNow();
                })));
    }

    @Test
    void a_certificate_that_cannot_be_recorded_as_issued_does_not_leave(Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        ledger.finishing = Future.failedFuture(CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "full"));
        signers.answer = signedBy(certificate.tbs());
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
                    assertThat(ledger.calls).doesNotContain("release " + certificate.serial());
                    test.completeNow();
                })));
    }

    @ParameterizedTest
    @EnumSource(names = {"USED", "RECENT"})
    void a_token_that_the_grid_remembers_is_refused_without_the_store(
            ReplayFilter.Answer answer, Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        grid.answer = answer;
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.TOKEN_USED);
                    assertThat(ledger.calls).containsExactly("ask");
                    test.completeNow();
                })));
    }

    @ParameterizedTest
    @EnumSource(names = {"MISS", "REPEAT", "UNUSABLE"})
    void whatever_else_the_grid_says_the_store_decides(ReplayFilter.Answer answer, Vertx vertx, VertxTestContext test) {
        ledger.answers(new Reservation.Used("used before"));
        grid.answer = answer;
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.TOKEN_USED);
                    assertThat(ledger.calls).containsExactly("ask", "reserve " + certificate.serial());
                    test.completeNow();
                })));
    }

    @Test
    void the_grid_is_asked_and_told_with_what_a_repeat_would_show(Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        signers.answer = signedBy(certificate.tbs());
        issue(vertx, Optional.of("k1"), Duration.ofSeconds(5))
                .onComplete(test.succeeding(der -> test.verify(() -> {
                    Sha256 repeatKey = ledger.repeatKeys.get(0).orElseThrow();
                    assertThat(grid.asked).containsExactly(Optional.of(repeatKey));
                    assertThat(grid.told).extracting(UsedToken::value).containsExactly(repeatKey);
                    assertThat(grid.told).extracting(UsedToken::key).containsExactly(Sha256.digest(new byte[] {7}));
                    test.completeNow();
                })));
    }

    @ParameterizedTest
    @EnumSource(names = {"USED", "RECENT"})
    void who_asks_others_first_hears_of_a_token_that_the_grid_remembers(
            ReplayFilter.Answer answer, VertxTestContext test) {
        grid.answer = answer;
        flow.notKnownAsUsed(Optional.of(TOKEN), REQUEST, Optional.empty())
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.TOKEN_USED);
                    assertThat(grid.asked).containsExactly(Optional.empty());
                    test.completeNow();
                })));
    }

    @Test
    void who_asks_others_first_shows_the_grid_what_a_repeat_shows_it(Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        signers.answer = signedBy(certificate.tbs());
        issue(vertx, Optional.of("k1"), Duration.ofSeconds(5))
                .compose(issued -> flow.notKnownAsUsed(Optional.of(TOKEN), REQUEST, Optional.of("k1")))
                .compose(fresh -> flow.notKnownAsUsed(Optional.empty(), REQUEST, Optional.of("k1")))
                .onComplete(test.succeeding(fresh -> test.verify(() -> {
                    assertThat(grid.asked).hasSize(2);
                    assertThat(grid.asked.get(1)).isPresent().isEqualTo(grid.asked.get(0));
                    test.completeNow();
                })));
    }

    @Test
    void a_replay_that_the_store_knows_as_spent_is_told_to_the_grid_with_what_the_row_holds(
            Vertx vertx, VertxTestContext test) {
        Sha256 ofTheRow = Sha256.digest(new byte[] {9});
        ledger.answers(new Reservation.Used("used", Optional.of(new IssuanceLedger.Spent(Optional.of(ofTheRow)))));
        issue(vertx, Optional.of("another"), Duration.ofSeconds(5))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(code(failure)).isEqualTo(ErrorCode.TOKEN_USED);
                    assertThat(grid.told).extracting(UsedToken::value).containsExactly(ofTheRow);
                    test.completeNow();
                })));
    }

    @Test
    void a_grid_that_confirms_nothing_changes_no_answer(Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        signers.answer = signedBy(certificate.tbs());
        grid.confirms = false;
        issue(vertx)
                .onComplete(test.succeeding(der -> test.verify(() -> {
                    assertThat(fixture.verifies(der)).isTrue();
                    test.completeNow();
                })));
    }

    @Test
    void a_token_whose_outcome_the_store_could_not_note_is_used_for_the_grid_all_the_same(
            Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        ledger.finishing = Future.failedFuture(CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "full"));
        signers.answer = signedBy(certificate.tbs());
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(grid.told).hasSize(1);
                    test.completeNow();
                })));
    }

    @Test
    void the_grid_is_not_told_when_it_is_unknown_whether_the_token_was_released(Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        ledger.releasing = Future.failedFuture(CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "in doubt"));
        signers.answer = new Outcome.SurelyNotSigned("none");
        issue(vertx)
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(grid.told).isEmpty();
                    test.completeNow();
                })));
    }

    @Test
    void serial_numbers_have_128_random_bits() {
        boolean[] set = new boolean[128];
        boolean[] unset = new boolean[128];
        Set<SerialNumber> all = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            SerialNumber serial = flow.serial();
            all.add(serial);
            for (int bit = 0; bit < 128; bit++) {
                set[bit] |= serial.value().testBit(bit);
                unset[bit] |= !serial.value().testBit(bit);
            }
        }
        assertThat(set).doesNotContain(false);
        assertThat(unset).doesNotContain(false);
        assertThat(all).hasSize(200);
    }

    /** What is raised as an alarm while a certificate is asked for, which fails. */
    private Future<List<String>> alarms(Vertx vertx) {
        Logger log = (Logger) LoggerFactory.getLogger(IssuanceFlow.class);
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        log.addAppender(told);
        return issue(vertx)
                .onComplete(done -> log.detachAppender(told))
                .map(List.<String>of())
                .otherwise(failure -> told.list.stream()
                        .filter(event ->
                                String.valueOf(event.getKeyValuePairs()).contains("alarm=\"true\""))
                        .map(ILoggingEvent::getFormattedMessage)
                        .toList());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endings")
    void a_refusal_is_an_alarm_and_a_signer_that_is_away_is_none(
            String what, Outcome outcome, boolean released, ErrorCode answer, Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        signers.answer = outcome;
        alarms(vertx)
                .onComplete(test.succeeding(alarms -> test.verify(() -> {
                    assertThat(alarms)
                            .isEqualTo(
                                    answer == ErrorCode.SIGNER_REFUSED
                                            ? List.of("a signer refused what this node asked")
                                            : List.of());
                    test.completeNow();
                })));
    }

    @Test
    void a_signature_that_does_not_verify_is_an_alarm(Vertx vertx, VertxTestContext test) {
        ledger.answers(OWNED);
        signers.answer = signedBy(fixture.certificate().tbs());
        alarms(vertx)
                .onComplete(test.succeeding(alarms -> test.verify(() -> {
                    assertThat(alarms).containsExactly("a signature does not verify with the issuer's key");
                    test.completeNow();
                })));
    }
}
