package org.radax.junit;

/** What becomes durable when. In both, what is not durable yet may have reached the medium all the same. */
public enum CrashModel {
    /**
     * Memory that is the medium (DAX). A line of 64 bytes is durable once it was written back and that was fenced; else
     * it holds any prefix of its stores since, in the order of the program. Other lines do so independently.
     */
    CACHE_LINES("cache lines"),

    /**
     * A file mapped through a page cache. A page of 4 KiB is durable once it was msynced; else it may have been written
     * out at any moment since, and holds what it held then. Other pages do so independently. A page reaches the medium
     * whole: where it may be torn, {@link #CACHE_LINES} covers that.
     */
    PAGE_CACHE("page cache");

    private final String text;

    CrashModel(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
