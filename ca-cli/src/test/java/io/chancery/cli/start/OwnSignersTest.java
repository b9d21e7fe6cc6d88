package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.chancery.cli.ProcessEnd;
import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignerCodecs;
import io.chancery.cluster.join.ClusterMember;
import io.chancery.cluster.members.NoOtherMembers;
import io.chancery.cluster.replay.ForgetfulReplayFilter;
import io.chancery.cluster.signers.LocalSignerDirectory;
import io.chancery.cluster.signers.NoOtherNodes;
import io.chancery.cluster.signers.SignerDirectory;
import io.chancery.core.certificate.KeyId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class OwnSignersTest {
    @TempDir
    private Path folder;

    private Vertx vertx;
    private final Directory directory = new Directory();
    private IssuerPlace place;

    /** As a grid: what is announced stays so until it is withdrawn, whether or not the first time succeeded. */
    private static final class Directory implements SignerDirectory {
        private final LocalSignerDirectory known = new LocalSignerDirectory();
        private final Set<KeyId> away = ConcurrentHashMap.newKeySet();

        @Override
        public Future<Void> announce(KeyId key, NodeId node) {
            Future<Void> announced = known.announce(key, node);
            return away.contains(key) ? Future.failedFuture("the grid is away") : announced;
        }

        @Override
        public Future<Void> withdraw(KeyId key, NodeId node) {
            return known.withdraw(key, node);
        }

        @Override
        public Set<NodeId> signers(KeyId key) {
            return known.signers(key);
        }
    }

    @BeforeEach
    void make(Vertx ofTheTest) throws Exception {
        vertx = ofTheTest;
        SignerCodecs.register(vertx.eventBus());
        place = new IssuerPlace(folder);
        place.make("first");
        place.make("next");
    }

    private OwnSigners signers(LoadedConfig config) {
        ClusterMember member = new ClusterMember(
                vertx,
                directory,
                new ForgetfulReplayFilter(),
                new NoOtherMembers(config.facts(Ca.Role.all, Optional.empty())),
                new NoOtherNodes());
        return new OwnSigners(member, Optional.empty(), IssuerPlace.SURROUNDINGS);
    }

    /** What a start would stop at; empty if nothing. */
    private String problems(Ca.Role role, Map<String, Object> listed) throws Exception {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(told, true, StandardCharsets.UTF_8);
        Path caJson = place.configure("first", Map.of("issuers", List.of(listed)));
        try {
            LoadedConfig unused = LoadedConfig.forStart(
                    caJson,
                    false,
                    role,
                    new Surroundings(err, err, Instant::now, new SecureRandom(), new ProcessEnd()));
            return "";
        } catch (UsageException e) {
            return told.toString(StandardCharsets.UTF_8);
        }
    }

    private Set<String> announced(LoadedConfig config) {
        Set<String> names = new HashSet<>();
        config.issuers().all().forEach(each -> {
            if (!directory.signers(each.issuer().keyId()).isEmpty()) {
                names.add(each.issuer().name());
            }
        });
        return names;
    }

    private Future<Void> noneIsDeployed() {
        return vertx.deploymentIDs().isEmpty()
                ? Future.succeededFuture()
                : vertx.timer(10).compose(waited -> noneIsDeployed());
    }

    @Test
    void a_check_finds_a_URI_that_would_stop_the_start() throws Exception {
        Map<String, Object> entry = place.entry("next");
        entry.put("key", "pkcs11:token=t;objekt=k");
        assertThat(problems(Ca.Role.all, entry)).contains("the key of next: pkcs11 URI: an attribute is not known");
        entry.put("key", "pkcs11:token=t;object=k");
        assertThat(problems(Ca.Role.all, entry)).isEmpty();
    }

    @Test
    void one_that_cannot_be_announced_is_stopped_and_those_before_it_are_too(VertxTestContext test) throws Exception {
        LoadedConfig config = place.load("first", List.of(place.entry("next")));
        directory.away.add(config.issuers().standing().issuer().keyId());
        assertThatThrownBy(() -> signers(config).start(config))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("the grid is away");
        assertThat(announced(config)).isEmpty();
        noneIsDeployed().onComplete(test.succeedingThenComplete());
    }

    @Test
    void those_that_ran_before_go_on_when_a_new_one_does_not_start() throws Exception {
        LoadedConfig before = place.load("first", Map.of());
        OwnSigners signers = signers(before);
        signers.start(before);
        Map<String, Object> bad = place.entry("next");
        bad.put("passwordFile", folder.resolve("missing").toString());
        LoadedConfig next = place.load("first", List.of(bad));
        assertThatThrownBy(() -> signers.start(next)).isInstanceOf(UsageException.class);
        assertThat(announced(next)).containsExactly("ca.json");
        assertThat(vertx.deploymentIDs()).hasSize(1);
    }

    @Test
    void a_check_of_the_configuration_looks_at_the_key_and_the_password_of_every_issuer() throws Exception {
        Map<String, Object> entry = place.entry("next");
        assertThat(problems(Ca.Role.all, entry)).isEmpty();
        for (String member : List.of("passwordFile", "key")) {
            entry.put(member, folder.resolve("missing." + member).toString());
            assertThat(problems(Ca.Role.all, entry)).contains("missing." + member);
            assertThat(problems(Ca.Role.api, entry)).doesNotContain("missing." + member);
        }
    }

    /** What a pipe holds is there once: for whoever opens the key. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void a_check_leaves_pipes_with_a_key_or_its_password_alone() throws Exception {
        Map<String, Object> entry = place.entry("next");
        for (String member : List.of("passwordFile", "key")) {
            Path pipe = folder.resolve("pipe." + member);
            assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                    .isZero();
            entry.put(member, pipe.toString());
            // Nobody writes: to open it would take for ever.
            assertThat(assertTimeoutPreemptively(Duration.ofSeconds(20), () -> problems(Ca.Role.all, entry)))
                    .isEmpty();
        }
    }

    @Test
    void a_key_s_uri_that_cannot_be_read_is_said_with_the_issuer_s_name() throws Exception {
        Map<String, Object> bad = place.entry("next");
        bad.put("key", "pkcs11:no-such-attribute");
        LoadedConfig config = place.load("first", List.of(bad));
        assertThatThrownBy(() -> signers(config).start(config))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("the signer of next did not start: ");
        assertThat(announced(config)).isEmpty();
    }

    @Test
    void one_that_ends_leaves_the_key_to_another_one_that_has_it() throws Exception {
        LoadedConfig before = place.load("first", List.of(place.entry("next")));
        OwnSigners signers = signers(before);
        signers.start(before);
        place.make("next");
        LoadedConfig next = place.load("first", List.of(place.entry("next")));
        signers.start(next);
        signers.only(next);
        assertThat(announced(next)).containsExactlyInAnyOrder("ca.json", "next");
        signers.only(place.load("first", Map.of()));
        assertThat(announced(next)).containsExactly("ca.json");
    }
}
