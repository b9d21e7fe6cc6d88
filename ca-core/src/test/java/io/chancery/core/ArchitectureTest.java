package io.chancery.core;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.google.errorprone.annotations.CheckReturnValue;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.security.SecureRandom;
import java.util.Date;
import java.util.UUID;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

@AnalyzeClasses(packages = "io.chancery.core", importOptions = ImportOption.DoNotIncludeTests.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_core_knows_only_the_platform_and_formats = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.chancery.core..",
                    "io.chancery.gotemplate..",
                    "java..",
                    "javax.security.auth.x500..",
                    "org.bouncycastle..",
                    "com.nimbusds.jose..",
                    "com.ibm.icu..",
                    "org.jspecify.annotations..",
                    "com.google.errorprone.annotations..");

    @ArchTest
    static final ArchRule what_nimbus_keeps_to_itself_is_used_in_one_place_alone = noClasses()
            .that()
            .resideOutsideOfPackage("io.chancery.core.json")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.nimbusds.jose.shaded..");

    @ArchTest
    static final ArchRule the_core_waits_for_nothing_and_reaches_nothing_outside = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.channels..", "java.util.concurrent..", "java.util.logging..", "java.sql..")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.nio.file.Files")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.(File.*|RandomAccessFile)")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.net..")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .orShould()
            .callMethod(System.class, "getProperty", String.class);

    @ArchTest
    static final ArchRule clock_and_randomness_are_passed_in = noClasses()
            .should()
            .accessTargetWhere(describe(
                    "tells the time of this machine",
                    (JavaAccess<?> each) ->
                            each.getTargetOwner().getPackageName().equals("java.time")
                                    && (each.getTarget().getName().equals("now")
                                            || each.getTarget().getName().startsWith("system"))))
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .callConstructor(Date.class)
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(SecureRandom.class, java.util.Random.class);

    @ArchTest
    static final ArchRule packages_are_named_for_what_they_are_about = noClasses()
            .should()
            .resideInAnyPackage(
                    "..util..", "..utils..", "..common..", "..helpers..", "..model..", "..impl..", "..manager..");

    /**
     * All may speak in the terms of the field; what is made of them is the business of nobody else. Renewing and revoking rest
     * on issuing: both use tokens up and have a request prepared as it does. A new package is a feature until it stands here.
     */
    @ArchTest
    static final ArchRule features_do_not_know_each_other = slices().matching("io.chancery.core.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(
                    alwaysTrue(),
                    resideInAnyPackage(
                            "..core.certificate..",
                            "..core.chain..",
                            "..core.crypto..",
                            "..core.csr..",
                            "..core.der..",
                            "..core.error..",
                            "..core.issuer..",
                            "..core.json..",
                            "..core.lint..",
                            "..core.name..",
                            "..core.oidc..",
                            "..core.pem..",
                            "..core.policy..",
                            "..core.profile..",
                            "..core.provisioner..",
                            "..core.secret..",
                            "..core.template..",
                            "..core.time..",
                            "..core.token..",
                            "..core.webhook.."))
            .ignoreDependency(
                    resideInAnyPackage("..core.renewal..", "..core.revocation.."),
                    resideInAPackage("..core.issuance.."));

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.chancery.core.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule every_package_is_null_marked_and_checks_results = classes()
            .that(new DescribedPredicate<JavaClass>("are top level") {
                @Override
                public boolean test(JavaClass each) {
                    return each.isTopLevelClass();
                }
            })
            .should(new ArchCondition<JavaClass>("be in a package that is @NullMarked and @CheckReturnValue") {
                @Override
                public void check(JavaClass each, ConditionEvents events) {
                    JavaPackage in = each.getPackage();
                    boolean marked = in.isAnnotatedWith(NullMarked.class) && in.isAnnotatedWith(CheckReturnValue.class);
                    events.add(new SimpleConditionEvent(each, marked, in.getName()));
                }
            });
}
