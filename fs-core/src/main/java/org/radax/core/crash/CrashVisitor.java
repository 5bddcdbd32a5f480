package org.radax.core.crash;

/** An oracle: whatever it throws says that the image breaks a promise. */
@FunctionalInterface
public interface CrashVisitor {
    void visit(CrashImage image) throws Exception;
}
