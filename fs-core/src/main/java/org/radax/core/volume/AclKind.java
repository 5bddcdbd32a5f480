package org.radax.core.volume;

import java.nio.charset.StandardCharsets;

/** One of the two ACLs an inode may have: which attribute holds it. */
final class AclKind {
    static final AclKind ACCESS = new AclKind("system.posix_acl_access");
    /** Of directories: what is created in them inherits it. */
    static final AclKind DEFAULT = new AclKind("system.posix_acl_default");

    private final byte[] name;

    private AclKind(String name) {
        this.name = name.getBytes(StandardCharsets.US_ASCII);
    }

    byte[] attributeName() {
        return name;
    }

    /** Null for an attribute that is no ACL. */
    static AclKind of(Name attribute) {
        return ACCESS.isNamed(attribute) ? ACCESS : DEFAULT.isNamed(attribute) ? DEFAULT : null;
    }

    private boolean isNamed(Name attribute) {
        return attribute.length() == name.length && attribute.startsWith(name);
    }
}
