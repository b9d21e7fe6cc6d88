package io.chancery.node;

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
@AnalyzeClasses(packages = "io.chancery.node", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchTests the_rules_of_the_house = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule a_node_knows_no_signer_and_no_key_store = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.chancery.signer..",
                    "io.chancery.cli..",
                    "com.hazelcast..",
                    "io.vertx.spi.cluster.hazelcast..",
                    "sun.security.pkcs11..",
                    "com.sun.jna..")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.security.KeyStore");

    @ArchTest
    static final ArchRule routes_are_known_to_http_and_step_alone = noClasses()
            .that()
            .resideOutsideOfPackages("..node.http..", "..node.step..")
            .and()
            .doNotHaveSimpleName("ApiNode") // hands the routes from the one to the other
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.vertx.ext.web..");

    @ArchTest
    static final ArchRule sql_is_known_to_the_store_alone = noClasses()
            .that()
            .resideOutsideOfPackage("..node.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "org.sqlite..", "org.flywaydb..");

    @ArchTest
    static final ArchRule issuance_knows_no_feature_and_no_adapter = noClasses()
            .that()
            .resideInAnyPackage("..node.issuance..", "..node.revocation..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..node.http..", "..node.step..", "..node.store..", "..node.status..", "..node.servercert..");

    /**
     * Features share through issuance and revocation alone, and those that call servers of others by how these are reached;
     * ApiNode, in the package above them all, wires them together.
     */
    @ArchTest
    static final ArchRule features_do_not_know_each_other = slices().matching("io.chancery.node.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(
                    alwaysTrue(), resideInAnyPackage("..node.issuance..", "..node.revocation..", "..node.crypto.."))
            .ignoreDependency(
                    resideInAnyPackage("..node.oidc..", "..node.webhook.."), resideInAPackage("..node.outbound.."))
            .ignoreDependency(
                    resideInAnyPackage("..node.step..", "..node.status.."), resideInAPackage("..node.http.."));
}
