package org.radax.core;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Calls go down, values come back: the rooms of docs/DESIGN.md, held. */
@AnalyzeClasses(packages = "org.radax.core", importOptions = ImportOption.DoNotIncludeTests.class)
final class LayeringTest {
    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("org.radax.core.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule LAYERS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("volume")
            .definedBy("..core.volume..")
            .layer("check")
            .definedBy("..core.check..")
            .layer("scrub")
            .definedBy("..core.scrub..")
            .layer("files")
            .definedBy("..core.dir..", "..core.xattr..", "..core.inode..", "..core.writeback..")
            .layer("space")
            .definedBy("..core.extent..", "..core.alloc..", "..core.dax..")
            .layer("journal")
            .definedBy("..core.journal..", "..core.btree..")
            .layer("pool")
            .definedBy("..core.pool..", "..core.format..")
            .layer("crash")
            .definedBy("..core.crash..")
            .layer("base")
            .definedBy("..core.unit..", "..core.error..", "..core.os..", "..core.lock..")
            .whereLayer("volume")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("check")
            .mayOnlyBeAccessedByLayers("volume")
            .whereLayer("scrub")
            .mayOnlyBeAccessedByLayers("volume")
            .whereLayer("crash")
            .mayOnlyBeAccessedByLayers("volume")
            .whereLayer("files")
            .mayOnlyBeAccessedByLayers("volume")
            .whereLayer("space")
            .mayOnlyBeAccessedByLayers("volume", "files");

    @ArchTest
    static final ArchRule SIBLINGS_DO_NOT_KNOW_EACH_OTHER = noClasses()
            .that()
            .resideInAPackage("..core.extent..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..core.alloc..", "..core.dax..")
            .allowEmptyShould(true);

    /** The recorder stands under everything, so it knows bytes only. */
    @ArchTest
    static final ArchRule RECORDER_KNOWS_NO_STRUCTURE = noClasses()
            .that()
            .resideInAPackage("..core.crash..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.radax.core..")
                    .and(not(resideInAnyPackage(
                            "..core.crash..", "..core.pool..", "..core.unit..", "..core.os..", "..core.error.."))));

    @ArchTest
    static final ArchRule CHECKER_DECIDES_FOR_ITSELF = noClasses()
            .that()
            .resideInAPackage("..core.check..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..core.volume..",
                    "..core.alloc..",
                    "..core.extent..",
                    "..core.dir..",
                    "..core.inode..",
                    "..core.btree..",
                    "..core.journal..",
                    "..core.xattr..")
            .allowEmptyShould(true);
}
