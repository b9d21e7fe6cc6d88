package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.START;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.members.ClusterMembers.Keeper;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.cluster.replay.ReplayFilter.Answer;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.issuance.RecordingReplayFilter;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** When a node tells the grid what the store knows. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class GridKeeperTest {
    private static final Sha256 USED = LedgerFixture.key("used");

    @TempDir
    private Path folder;

    private final Members members = new Members();
    private final RecordingReplayFilter grid = new RecordingReplayFilter(new ArrayList<>());
    private Store store;
    private final MutableInstantSource clock = new MutableInstantSource(START);
    private Vertx vertx;
    private GridKeeper keeper;

    private static final class Members implements ClusterMembers {
        private Keeper keeper = Keeper.SELF;
        private Runnable forgets = () -> {};

        @Override
        public List<Member> members() {
            return List.of();
        }

        @Override
        public Keeper keeper() {
            return keeper;
        }

        @Override
        public Optional<String> deaf() {
            return Optional.empty();
        }

        @Override
        public void inForce(NodeFacts.Files files, List<KeyId> keys) {}

        @Override
        public void identityInForce(ClusterIdentity identity) {}

        @Override
        public void whenDeafForGood(Runnable action) {}

        @Override
        public void whenForgotten(Runnable action) {
            forgets = action;
        }
    }

    @BeforeEach
    void aUsedToken(Vertx vertx) throws Exception {
        this.vertx = vertx;
        store = SqliteStore.open(folder, new StoreSettings("n1", 100, false, "birth"), clock);
        Claim claim = LedgerFixture.create(START).claim("used");
        get(store.ledger().reserve(claim, soon()));
        get(store.ledger().finish(claim.issuance().certificate().serial(), LedgerFixture.bytes("der"), "r", soon()));
        keeper = newNode();
    }

    private GridKeeper newNode() {
        return new GridKeeper(vertx, members, store, grid, clock, new SecureRandom());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void look() throws Exception {
        get(keeper.look());
    }

    private long told() {
        return grid.told.stream().map(UsedToken::key).filter(USED::equals).count();
    }

    @Test
    void a_grid_that_knows_nothing_is_filled_once() throws Exception {
        look();
        grid.answer = Answer.USED;
        look();
        look();
        assertThat(told()).isEqualTo(1);
    }

    @Test
    void a_grid_that_has_lost_the_mark_is_filled_again() throws Exception {
        look();
        grid.answer = Answer.USED;
        look();
        assertThat(told()).isEqualTo(1);
        grid.answer = Answer.MISS;
        look();
        assertThat(told()).isEqualTo(2);
    }

    @Test
    void a_mark_that_the_grid_was_not_asked_for_again_is_not_made_again() throws Exception {
        look();
        grid.told.clear();
        grid.answer = Answer.RECENT;
        look();
        assertThat(grid.told)
                .as("the grid may have lost it, and that must show")
                .isEmpty();
    }

    @Test
    void a_grid_that_still_has_the_mark_is_filled_again_when_members_took_other_tokens_with_them() throws Exception {
        look();
        grid.answer = Answer.USED;
        members.forgets.run();
        look();
        look();
        assertThat(told()).isEqualTo(2);
    }

    @Test
    void a_grid_that_is_late_to_confirm_the_mark_is_not_filled_again_for_it() throws Exception {
        grid.confirmed.add(1);
        grid.confirms = false;
        look();
        assertThat(told()).isEqualTo(1);
        look();
        assertThat(told()).isEqualTo(1);
        grid.confirms = true;
        look();
        assertThat(told()).isEqualTo(1);
    }

    @Test
    void nothing_is_told_before_the_grid_is_large_enough_to_remember_it() throws Exception {
        members.keeper = Keeper.NOBODY;
        look();
        assertThat(told()).isZero();
        members.keeper = Keeper.SELF;
        look();
        assertThat(told()).isEqualTo(1);
    }

    @Test
    void one_node_does_it_and_the_next_one_if_that_is_gone_before_it_was_done() throws Exception {
        members.keeper = Keeper.ANOTHER;
        look();
        assertThat(told()).isZero();
        members.keeper = Keeper.SELF;
        look();
        assertThat(told()).isEqualTo(1);
    }

    @Test
    void a_grid_that_was_filled_by_another_node_is_left_alone() throws Exception {
        look();
        UsedToken mark = grid.told.get(grid.told.size() - 1);
        assertThat(mark.key()).isNotEqualTo(USED);
        grid.answer = Answer.USED;
        grid.told.clear();
        keeper = newNode();
        look();
        look();
        assertThat(told()).isZero();
    }

    @Test
    void a_grid_that_was_too_small_at_some_time_is_filled_whatever_it_remembers() throws Exception {
        look();
        members.keeper = Keeper.NOBODY;
        look();
        grid.answer = Answer.USED;
        members.keeper = Keeper.SELF;
        look();
        assertThat(told()).isEqualTo(2);
    }

    @Test
    void it_is_tried_again_until_the_grid_confirms_it() throws Exception {
        grid.confirms = false;
        look();
        look();
        assertThat(told()).isEqualTo(2);
        grid.confirms = true;
        look();
        grid.answer = Answer.USED;
        look();
        assertThat(told()).isEqualTo(3);
    }

    @Test
    void nothing_is_done_while_the_store_is_away() throws Exception {
        store.close();
        look();
        assertThat(grid.told).as("nothing is marked as done").isEmpty();
    }

    @Test
    void what_cannot_be_asked_now_is_asked_the_next_time() throws Exception {
        grid.answer = Answer.UNUSABLE;
        look();
        assertThat(told()).isZero();
        grid.answer = Answer.MISS;
        look();
        assertThat(told()).isEqualTo(1);
    }

    /** More tokens than two pages have, used for what the first one was used for. */
    private void manyTokens() throws Exception {
        int rows = 2 * UsedTokenRow.PAGE + 10;
        int added = get(store.writer()
                .submit(
                        session -> {
                            int sum = 0;
                            for (int i = 0; i < rows; i++) {
                                sum += session.update(
                                        "INSERT INTO used_token (token_key, serial, provisioner)"
                                                + " SELECT ?, serial, provisioner FROM used_token WHERE token_key = ?",
                                        LedgerFixture.key("many" + i).value(),
                                        USED.value());
                            }
                            return sum;
                        },
                        soon()));
        assertThat(added).isEqualTo(rows);
    }

    @Test
    void a_page_that_is_confirmed_in_part_is_told_again_and_those_before_it_are_not() throws Exception {
        manyTokens();
        grid.confirmed.addAll(List.of(UsedTokenRow.PAGE, UsedTokenRow.PAGE - 1));
        look();
        assertThat(grid.told).as("the first page, and the second in part").hasSize(2 * UsedTokenRow.PAGE);
        List<UsedToken> second = List.copyOf(grid.told.subList(UsedTokenRow.PAGE, 2 * UsedTokenRow.PAGE));
        grid.told.clear();
        look();
        assertThat(grid.told.subList(0, UsedTokenRow.PAGE))
                .extracting(UsedToken::key)
                .isEqualTo(second.stream().map(UsedToken::key).toList());
        assertThat(grid.told).as("and the rest, and the mark").hasSize(UsedTokenRow.PAGE + 11 + 1);
    }

    @Test
    void a_grid_that_was_too_small_meanwhile_is_told_all_of_it_from_the_beginning() throws Exception {
        manyTokens();
        grid.confirmed.addAll(List.of(UsedTokenRow.PAGE, 0));
        look();
        members.keeper = Keeper.NOBODY;
        look();
        grid.told.clear();
        members.keeper = Keeper.SELF;
        look();
        assertThat(grid.told).hasSize(2 * UsedTokenRow.PAGE + 11 + 1);
    }
}
