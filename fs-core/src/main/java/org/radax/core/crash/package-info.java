/**
 * Power loss, enumerated: a persistence domain that records what is durable and what is pending, and an enumerator
 * of every pool image a crash may leave. Knows lines and words, not structures; stands under tests and, with
 * {@code --domain=recorder}, under a live mount.
 *
 * <p>The model. A 64-byte line is durable as of its last write-back that a fence followed. Stores after that are
 * pending: at a crash the line holds any prefix of them, in the order they were made. A store is cut at 8-byte aligned
 * words: each word is atomic, a larger store may be torn at any word, and within one line its words become durable in
 * address order. Lines are independent of each other: the legal images at a crash are the product over the pending
 * lines of their prefixes. A store that changes nothing adds no state.
 *
 * <p>Where memory reaches the medium by pages (what a page cache has mapped), a page takes the line's place: it holds
 * what its stores, in the order they were made, had made of it at any one moment since it was last durable.
 */
package org.radax.core.crash;
