package org.radax.junit;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The extension knows the recorder and the memory under it, and nothing of the volume. */
@AnalyzeClasses(packages = "org.radax.junit", importOptions = ImportOption.DoNotIncludeTests.class)
final class LayeringTest {
    @ArchTest
    static final ArchRule EXTENSION_KNOWS_NO_VOLUME = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("org.radax.core..")
                    .and(not(resideInAnyPackage("..core.crash..", "..core.pool..", "..core.unit.."))));
}
