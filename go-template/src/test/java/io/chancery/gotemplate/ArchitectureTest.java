package io.chancery.gotemplate;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
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
import java.util.Date;
import java.util.UUID;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

@AnalyzeClasses(packages = "io.chancery.gotemplate", importOptions = ImportOption.DoNotIncludeTests.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_engine_knows_only_the_platform_and_regular_expressions = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.chancery.gotemplate..",
                    "java.lang..",
                    "java.io",
                    "java.math",
                    "java.nio",
                    "java.nio.charset",
                    "java.security",
                    "java.time..",
                    "java.util",
                    "java.util.function",
                    "java.util.regex",
                    "java.util.stream",
                    "java.util.zip",
                    "com.google.re2j",
                    "org.jspecify.annotations..",
                    "com.google.errorprone.annotations..");

    @ArchTest
    static final ArchRule a_template_reaches_no_file_no_process_and_no_class = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.lang.reflect..", "java.lang.invoke.MethodHandles..", "java.net..", "java.nio.file..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Process.class, ProcessBuilder.class, Runtime.class, ClassLoader.class, Thread.class)
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.(File.*|RandomAccessFile)")
            .orShould()
            .callMethod(Class.class, "forName", String.class)
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
            .belongToAnyOf(java.security.SecureRandom.class, java.util.Random.class);

    @ArchTest
    static final ArchRule packages_are_named_for_what_they_are_about = noClasses()
            .should()
            .resideInAnyPackage(
                    "..util..", "..utils..", "..common..", "..helpers..", "..model..", "..impl..", "..manager..");

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.chancery.gotemplate.(*)..").should().beFreeOfCycles();

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
