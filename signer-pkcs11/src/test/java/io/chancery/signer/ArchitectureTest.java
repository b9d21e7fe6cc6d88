package io.chancery.signer;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.chancery.testing.HouseRules;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@AnalyzeClasses(packages = "io.chancery.signer", importOptions = ImportOption.DoNotIncludeTests.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchitectureTest {
    @ArchTest
    static final ArchTests the_rules_of_the_house = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule the_signer_never_sees_the_node =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("io.chancery.node..", "io.chancery.cli..");

    @ArchTest
    static final ArchRule the_signer_never_sees_the_grid = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.hazelcast..", "io.vertx.spi.cluster.hazelcast..");

    @ArchTest
    static final ArchRule tokens_and_key_stores_are_opened_in_hsm_and_admin_alone = noClasses()
            .that()
            .resideOutsideOfPackages("io.chancery.signer.hsm", "io.chancery.signer.admin")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("sun.security.pkcs11..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(KeyStore.class, java.security.AuthProvider.class);

    @ArchTest
    static final ArchRule the_platform_s_provider_of_tokens_is_asked_for_in_hsm_alone = noClasses()
            .that()
            .resideOutsideOfPackage("io.chancery.signer.hsm")
            .should()
            .callMethod(Security.class, "getProvider", String.class)
            .orShould()
            .callMethod(Security.class, "getProviders");

    @ArchTest
    static final ArchRule classes_named_Cryptoki_alone_know_the_wrapper = noClasses()
            .that()
            .haveSimpleNameNotStartingWith("Cryptoki")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("sun.security.pkcs11.wrapper.PKCS11");

    @ArchTest
    static final ArchRule what_serves_knows_no_administration = noClasses()
            .that()
            .resideOutsideOfPackage("io.chancery.signer.admin")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.chancery.signer.admin", "com.sun.jna..");

    @ArchTest
    static final ArchRule the_event_bus_is_the_verticles_alone = noClasses()
            .that()
            .resideOutsideOfPackage("io.chancery.signer.bus")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..");

    /** All may open a token and a key; what is signed is judged for the verticle alone. */
    @ArchTest
    static final ArchRule features_do_not_know_each_other = slices().matching("io.chancery.signer.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(alwaysTrue(), resideInAnyPackage("..signer.hsm..", "..signer.key.."))
            .ignoreDependency(resideInAPackage("..signer.bus.."), resideInAPackage("..signer.guard.."));

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.chancery.signer.(*)..").should().beFreeOfCycles();

    @Test
    void this_JVM_runs_with_the_flags_of_the_file_that_launchers_read() throws IOException {
        String flags = String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments());
        assertThat(flags)
                .contains(Files.readString(Path.of("jvm-flags"))
                        .strip()
                        .replace("\n--", " --")
                        .replace("\n", "="));
    }
}
