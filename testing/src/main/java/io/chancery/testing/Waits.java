package io.chancery.testing;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import io.vertx.core.file.FileSystem;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Calls, and references to methods, that have their thread wait: for another one, for time to pass, or for a file. */
final class Waits extends DescribedPredicate<JavaAccess<?>> {
    private static final Map<Class<?>, Set<String>> METHODS = Map.of(
            Thread.class, Set.of("sleep", "join"),
            TimeUnit.class, Set.of("sleep"),
            CompletableFuture.class, Set.of("join"),
            Future.class, Set.of("get"),
            io.vertx.core.Future.class, Set.of("await"),
            CountDownLatch.class, Set.of("await"),
            BlockingQueue.class, Set.of("take"));

    Waits() {
        super("a method that waits");
    }

    @Override
    public boolean test(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        String name = access.getTarget().getName();
        return (owner.isAssignableTo(FileSystem.class) && name.endsWith("Blocking"))
                || METHODS.entrySet().stream()
                        .anyMatch(each -> owner.isAssignableTo(each.getKey())
                                && each.getValue().contains(name));
    }
}
