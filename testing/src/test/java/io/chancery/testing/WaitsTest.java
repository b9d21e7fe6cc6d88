package io.chancery.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystem;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WaitsTest {
    /** Waits for threads, queues and files; for time and for a Future of Vert.x waits {@link TestRulesTest.Impatient}. */
    @SuppressWarnings("unused")
    private static final class Patient {
        static String ofATask(FutureTask<String> task) throws Exception {
            return task.get();
        }

        static boolean atALatch(CountDownLatch latch) throws InterruptedException {
            return latch.await(1, TimeUnit.SECONDS);
        }

        static Callable<String> byAReference(LinkedBlockingQueue<String> queue) {
            return queue::take;
        }

        static Buffer forAFile(FileSystem files) {
            return files.readFileBlocking("file");
        }
    }

    @SuppressWarnings("unused")
    private static final class Hasty {
        static String value(Supplier<String> supplier, LinkedBlockingQueue<String> queue) {
            return supplier.get() + queue.poll();
        }
    }

    private static List<String> in(Class<?>... samples) {
        return noClasses()
                .should()
                .accessTargetWhere(new Waits())
                .evaluate(new ClassFileImporter().importClasses(samples))
                .getFailureReport()
                .getDetails();
    }

    @Test
    void calls_that_wait_are_found_by_whichever_type_and_as_references_too() {
        assertThat(in(Patient.class, TestRulesTest.Impatient.class))
                .extracting(each -> each.replaceAll(".*(calls|references) method <|\\(.*", ""))
                .containsExactlyInAnyOrder(
                        "java.util.concurrent.FutureTask.get",
                        "java.util.concurrent.CountDownLatch.await",
                        "java.util.concurrent.LinkedBlockingQueue.take",
                        "io.vertx.core.file.FileSystem.readFileBlocking",
                        "io.vertx.core.Future.await",
                        "java.lang.Thread.sleep");
    }

    @Test
    void those_that_answer_at_once_are_not() {
        assertThat(in(Hasty.class)).isEmpty();
    }
}
