package org.radax.cli.mount;

import jnr.ffi.LibraryLoader;

/** The libc functions a process needs to become a daemon. Public because jnr-ffi implements it from another loader. */
public interface ProcessCalls {
    ProcessCalls INSTANCE = LibraryLoader.create(ProcessCalls.class).load("c");

    int F_DUPFD_CLOEXEC = 1030;
    int O_WRONLY = 1;
    int O_APPEND = 0x400;
    int SIGINT = 2;
    long SIG_DFL = 0;

    int dup2(int from, int to);

    int chdir(String path);

    long signal(int number, long handler);
}
