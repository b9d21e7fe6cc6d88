package io.chancery.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cli.FindingList;
import io.chancery.core.der.Sha256;
import io.chancery.signer.admin.Finding;
import io.chancery.signer.admin.TokenDoctor;
import io.chancery.testing.Answers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.junit5.VertxExtension;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnFilesTest {
    private static final OwnFiles.Place PLACE = new OwnFiles.Place(
            Sha256.digest(), Optional.empty(), new TokenDoctor.Trust(List.of(), List.of(), List.of()), Instant.EPOCH);
    private static final Finding FOUND = new Finding("pin-file", Finding.Status.OK, "its owner's alone", "");

    private static List<Finding> look(Vertx vertx, OwnFiles files) throws Exception {
        Promise<Map<Sha256, JsonArray>> done = Promise.promise();
        vertx.runOnContext(start -> files.look(List.of(PLACE)).onComplete(done));
        Future<Map<Sha256, JsonArray>> all = done.future();
        return FindingList.read(Answers.of(all).get(PLACE.certificate()));
    }

    @Test
    void what_is_found_is_told_of_each_issuer(Vertx vertx) throws Exception {
        assertThat(look(vertx, new OwnFiles(vertx, place -> List.of(FOUND)))).containsExactly(FOUND);
    }

    @Test
    void a_disk_that_does_not_answer_is_a_finding_and_holds_up_nobody(Vertx vertx) throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        OwnFiles files = new OwnFiles(vertx, place -> {
            try {
                answers.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return List.of(FOUND);
        });
        try {
            assertThat(look(vertx, files)).singleElement().satisfies(finding -> {
                assertThat(finding.status()).isEqualTo(Finding.Status.WARNING);
                assertThat(finding.found()).contains("no answer within");
                assertThat(finding.todo()).contains("disk");
            });
        } finally {
            answers.countDown();
        }
    }
}
