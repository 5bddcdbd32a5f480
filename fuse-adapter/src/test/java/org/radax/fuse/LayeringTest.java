package org.radax.fuse;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** mount, session (and jnr beside it), dispatch, wire: each calls only what is below it. */
@AnalyzeClasses(packages = "org.radax.fuse", importOptions = ImportOption.DoNotIncludeTests.class)
final class LayeringTest {
    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("org.radax.fuse.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule LAYERS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("mount")
            .definedBy("..fuse.mount..")
            .layer("session")
            .definedBy("..fuse.session..")
            .layer("jnr")
            .definedBy("..fuse.jnr..")
            .layer("dispatch")
            .definedBy("..fuse.dispatch..")
            .layer("locks")
            .definedBy("..fuse.locks..")
            .layer("wire")
            .definedBy("..fuse.wire..")
            .whereLayer("mount")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("session")
            .mayOnlyBeAccessedByLayers("mount")
            .whereLayer("jnr")
            .mayOnlyBeAccessedByLayers("mount")
            .whereLayer("dispatch")
            .mayOnlyBeAccessedByLayers("mount", "session", "jnr")
            .whereLayer("locks")
            .mayOnlyBeAccessedByLayers("jnr", "dispatch")
            .whereLayer("wire")
            .mayOnlyBeAccessedByLayers("session", "jnr", "dispatch");
}
