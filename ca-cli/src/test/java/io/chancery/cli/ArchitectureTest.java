package io.chancery.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.chancery.testing.HouseRules;

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
                    "java.sql..", "org.sqlite..", "io.vertx.ext.web..", "com.hazelcast..", "sun.security..");

    @ArchTest
    static final ArchRule node_and_signer_are_joined_in_start_alone = noClasses()
            .that()
            .resideOutsideOfPackage("..cli.start..")
            .should()
            .dependOnClassesThat()
            .haveSimpleNameContaining("Verticle");
}
