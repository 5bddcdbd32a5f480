package org.radax.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that stores to a {@link CrashPool} in {@linkplain CrashPool#step steps}, and {@linkplain
 * CrashPool#checkEveryCrash checks} every pool that a power cut amid them, or after one of them, could leave. Runs once
 * for each model, each time with a new pool, which is a parameter of the method, or of what prepares it.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@ExtendWith(CrashExtension.class)
public @interface CrashTest {
    /** The pool's size: a multiple of 4096. */
    int bytes() default 1 << 16;

    /** What becomes durable when. */
    CrashModel[] models() default CrashModel.CACHE_LINES;

    /** A crash point with at most so many images: all of them. One with more: so many at most of {@link #subsets}. */
    int exhaustive() default 4096;

    /** Of a crash point with more: each set of at most so many lines (or pages) kept, and lost, the others not. */
    int subsets() default 5;

    /** And so many random images of it. */
    int random() default 256;

    /** Of the random images. */
    long seed() default 1;
}
