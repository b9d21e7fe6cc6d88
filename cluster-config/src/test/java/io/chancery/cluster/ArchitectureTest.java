package io.chancery.cluster;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.chancery.testing.HouseRules;

/** The walls of this module. */
@AnalyzeClasses(packages = "io.chancery.cluster", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchTests the_rules_of_the_house = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule hazelcast_is_known_to_the_join_alone = noClasses()
            .that()
            .resideOutsideOfPackage("..cluster.join..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.hazelcast..", "io.vertx.spi.cluster.hazelcast..");

    @ArchTest
    static final ArchRule nothing_here_knows_nodes_or_signers = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.chancery.node..", "io.chancery.signer..", "io.chancery.cli..");

    /** All may speak on the bus and know who the members are; join alone knows the ports that it has adapters for. */
    @ArchTest
    static final ArchRule features_do_not_know_each_other = slices().matching("io.chancery.cluster.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(alwaysTrue(), resideInAnyPackage("..cluster.bus..", "..cluster.members.."))
            .ignoreDependency(
                    resideInAPackage("..cluster.join.."),
                    resideInAnyPackage("..cluster.replay..", "..cluster.signers.."));

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.chancery.cluster.(*)..").should().beFreeOfCycles();
}
