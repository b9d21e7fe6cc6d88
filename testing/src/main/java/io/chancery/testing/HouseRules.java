package io.chancery.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.google.errorprone.annotations.CheckReturnValue;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.ObjectInputStream;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/** What holds in every module. A module's ArchitectureTest takes it in with {@code ArchTests.in(HouseRules.class)}. */
public final class HouseRules {
    @ArchTest
    static final ArchRule time_and_randomness_come_from_outside = noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Main")
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callConstructor(Date.class)
            .orShould()
            .callConstructor(SecureRandom.class)
            .because("tests move the clock; Main hands both in");

    @ArchTest
    static final ArchRule nothing_waits = noClasses()
            .that()
            .resideOutsideOfPackage("io.chancery.cli..") // its main thread may: it has nothing else to do
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(TimeUnit.class, "sleep", long.class)
            .orShould()
            .callMethod(CompletableFuture.class, "join")
            .orShould()
            .callMethod(CompletableFuture.class, "get")
            .orShould()
            .callMethod(CompletableFuture.class, "get", long.class, TimeUnit.class)
            .because("the event loop never waits")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule no_future_is_dropped =
            noClasses().should(new DroppedFutures()).allowEmptyShould(true);

    @ArchTest
    static final ArchRule results_go_where_main_says = noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Main")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.util.logging..");

    @ArchTest
    static final ArchRule ca_certificates_are_made_in_one_way = noClasses()
            .should()
            .callMethod(
                    "io.chancery.core.certificate.CaTemplate",
                    "certificate",
                    "io.chancery.core.der.Der",
                    "io.chancery.core.der.Der")
            .because("CaCertificate, in ca-core, checks what is to be signed, and verifies what was");

    @ArchTest
    static final ArchRule packages_are_named_for_what_they_are_about = noClasses()
            .should()
            .resideInAnyPackage(
                    "..util..", "..utils..", "..common..", "..helpers..", "..model..", "..impl..", "..manager..");

    @ArchTest
    static final ArchRule nothing_is_deserialised_by_java =
            noClasses().should().dependOnClassesThat().areAssignableTo(ObjectInputStream.class);

    @ArchTest
    static final ArchRule main_code_knows_no_tests =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.chancery.testing..");

    @ArchTest
    static final ArchRule every_package_is_null_marked_and_checks_results =
            classes().should(liveInMarkedPackages());

    private HouseRules() {}

    private static ArchCondition<JavaClass> liveInMarkedPackages() {
        return new ArchCondition<>("live in a package with @NullMarked and @CheckReturnValue") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                boolean marked = item.getPackage().isAnnotatedWith(NullMarked.class)
                        && item.getPackage().isAnnotatedWith(CheckReturnValue.class);
                if (!marked) {
                    events.add(SimpleConditionEvent.violated(
                            item, item.getPackageName() + " lacks @NullMarked or @CheckReturnValue"));
                }
            }
        };
    }
}
