package io.chancery.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.members.ClusterIdentity;
import io.chancery.cluster.members.NodeFacts;
import io.chancery.core.der.Sha256;
import io.chancery.testing.Answers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterMemberTest {
    private static final NodeFacts FACTS = new NodeFacts(
            new NodeId("n1"),
            new ClusterIdentity(TestNodes.ROOTS, Sha256.digest(), Set.of()),
            "1.2.3",
            "all",
            List.of(),
            new NodeFacts.Files(Sha256.digest(), Sha256.digest()));

    /** What stops the process has a limit, which it could not keep if it hung in the call itself. */
    @Timeout(60)
    @Test
    void who_has_it_leave_is_not_held_up_by_what_hangs_in_leaving() throws Exception {
        ClusterMember member = ClusterMember.alone(FACTS);
        CountDownLatch held = new CountDownLatch(1);
        Vertx hanging = (Vertx) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Vertx.class}, (proxy, call, args) -> {
                    assertThat(call.getName()).isEqualTo("close");
                    held.await();
                    return member.vertx().close();
                });
        Future<Void> left = new ClusterMember(
                        hanging, member.signers(), member.replay(), member.members(), member.tokens())
                .leave();
        assertThat(left.isComplete()).isFalse();
        held.countDown();
        Answers.of(left);
    }
}
