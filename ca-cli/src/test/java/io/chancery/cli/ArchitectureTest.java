package io.chancery.cli;

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
import java.security.AuthProvider;
import java.security.Security;

/** The walls of this module. */
@AnalyzeClasses(packages = "io.chancery.cli", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchTests the_rules_of_the_house = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule the_command_line_speaks_no_sql_no_http_server_and_no_hazelcast = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.sql..",
                    "org.sqlite..",
                    "io.vertx.ext.web..",
                    "com.hazelcast..",
                    "io.vertx.spi.cluster.hazelcast..",
                    "sun.security..");

    @ArchTest
    static final ArchRule the_command_line_opens_no_PKCS11_library = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.sun.jna..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(AuthProvider.class)
            .orShould()
            .callMethod(Security.class, "getProvider", String.class)
            .orShould()
            .callMethod(Security.class, "getProviders")
            .because("the signer's module alone does");

    @ArchTest
    static final ArchRule node_and_signer_are_joined_in_start_alone = noClasses()
            .that()
            .resideOutsideOfPackage("..cli.start..")
            .should()
            .dependOnClassesThat()
            .haveSimpleNameContaining("Verticle");

    /** Commands share through start, which reads the configuration; those that make keys also through hsm, which opens tokens. */
    @ArchTest
    static final ArchRule commands_do_not_know_each_other = slices().matching("io.chancery.cli.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(alwaysTrue(), resideInAPackage("..cli.start.."))
            .ignoreDependency(
                    resideInAnyPackage("..cli.ceremony..", "..cli.quickstart.."), resideInAPackage("..cli.hsm.."));

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.chancery.cli.(*)..").should().beFreeOfCycles();
}
