package io.chancery.testing;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.google.errorprone.annotations.CheckReturnValue;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.ObjectInputStream;
import java.security.SecureRandom;
import java.util.Date;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/** What holds in every module. A module's ArchitectureTest takes it in with {@code ArchTests.in(HouseRules.class)}. */
public final class HouseRules {
    /** They may wait: no event loop comes by where they do. */
    private static final Set<String> OFF_THE_LOOP = Set.of(
            "io.chancery.cluster.join.HazelcastTokenTurns", // a login, on a thread of the key, waits for its turn
            "io.chancery.node.store.GroupCommitWriter", // whoever closes the store waits for the thread that writes
            "io.chancery.signer.admin.TokenDoctor", // a command's main thread waits for the one it made
            "io.chancery.signer.hsm.WatchedCalls", // a thread of the key waits for the one in the HSM's library
            "io.chancery.signer.key.KeyProbeMain", // is a process of its own
            "io.chancery.signer.key.KeyProbeProcess"); // a thread of the key waits for that process

    @ArchTest
    static final ArchRule time_and_randomness_come_from_outside = noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Main")
            .should()
            .accessTargetWhere(describe("tells the time of this machine", HouseRules::tellsTheTime))
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callConstructor(Date.class)
            .orShould()
            .callConstructor(SecureRandom.class)
            .because("tests move the clock; Main hands both in");

    @ArchTest
    static final ArchRule nothing_waits = noClasses()
            .that()
            .resideOutsideOfPackage("io.chancery.cli..") // its main thread may: it has nothing else to do
            .and(describe("have no thread of their own to wait on", each -> !OFF_THE_LOOP.contains(each.getName())))
            .should()
            .accessTargetWhere(new Waits())
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

    private static boolean tellsTheTime(JavaAccess<?> access) {
        String name = access.getTarget().getName();
        return access.getTargetOwner().getPackageName().equals("java.time")
                && (name.equals("now") || name.startsWith("system"));
    }

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
