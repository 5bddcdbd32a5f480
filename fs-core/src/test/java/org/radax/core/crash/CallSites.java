package org.radax.core.crash;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.radax.core.crash.CallSite.Kind;
import org.radax.core.journal.Journal;
import org.radax.core.pool.PersistenceDomain;

/** The places of fs-core that write back, fence or commit, as its classes have them, with what call-sites.txt says of each. */
public final class CallSites {
    private static final String LIST = "call-sites.txt";

    /**
     * What the list says.
     *
     * @param protects what is lost or torn without it
     * @param notInCore why no workload of the core notices that it is missing; empty: one does
     * @param notMounted the same of workloads on a mount
     */
    public record Entry(String protects, String notInCore, String notMounted) {}

    /** A method, by its class and its name. */
    private record Method(String className, String name) {}

    private CallSites() {}

    /** By name: class, method, kind, and a number where the method has several. */
    public static Map<String, CallSite> scan() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("org.radax.core");
        Set<CallSite> sites = new TreeSet<>();
        sites.addAll(callers(classes, Kind.WRITE_BACK, PersistenceDomain.class, "writeBack"));
        sites.addAll(callers(classes, Kind.FENCE, PersistenceDomain.class, "fence"));
        sites.addAll(callers(classes, Kind.RECORD, Journal.class, "isRecordSuppressed"));
        Map<String, Integer> counts = new HashMap<>();
        Map<String, CallSite> named = new TreeMap<>();
        for (CallSite site : sites) {
            String name = site.className().replaceAll(".*\\.", "") + "." + site.method() + " " + site.kind();
            int number = counts.merge(name, 1, Integer::sum);
            named.put(number == 1 ? name : name + " " + number, site);
        }
        return named;
    }

    /** Who calls a method, or one that calls it on behalf of others. */
    private static Set<CallSite> callers(JavaClasses classes, Kind kind, Class<?> owner, String root) {
        Map<Method, List<JavaCodeUnitAccess<?>>> calls = new HashMap<>();
        for (JavaClass type : classes) {
            Stream.concat(type.getMethodCallsFromSelf().stream(), type.getMethodReferencesFromSelf().stream())
                    .forEach(call -> calls.computeIfAbsent(
                                    new Method(
                                            call.getTargetOwner().getName(),
                                            call.getTarget().getName()),
                                    any -> new ArrayList<>())
                            .add(call));
        }
        Set<CallSite> sites = new HashSet<>();
        Set<Method> seen = new HashSet<>();
        Deque<Method> open = new ArrayDeque<>(List.of(new Method(owner.getName(), root)));
        while (!open.isEmpty()) {
            Method method = open.remove();
            if (!seen.add(method)) {
                continue;
            }
            for (JavaCodeUnitAccess<?> call : calls.getOrDefault(method, List.of())) {
                String by = call.getOrigin().getName();
                JavaClass type = call.getOriginOwner();
                if (CallSite.isPlace(kind, type.reflect(), by)) {
                    sites.add(new CallSite(kind, type.getName(), by, call.getLineNumber()));
                } else {
                    open.add(new Method(type.getName(), by));
                }
            }
        }
        return sites;
    }

    /** What is written of each place, by its name. */
    public static Map<String, Entry> list() {
        Map<String, Entry> list = new TreeMap<>();
        String name = "";
        for (String line : lines()) {
            String[] parts = line.strip().split(": ", 2);
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (!line.startsWith(" ")) {
                name = parts[0];
                list.put(name, new Entry(parts[1], "", ""));
                continue;
            }
            Entry entry = list.get(name);
            list.put(
                    name,
                    switch (parts[0]) {
                        case "core" -> new Entry(entry.protects, parts[1], entry.notMounted);
                        case "mounted" -> new Entry(entry.protects, entry.notInCore, parts[1]);
                        default -> throw new IllegalArgumentException(LIST + ": " + line);
                    });
        }
        return list;
    }

    private static List<String> lines() {
        try (InputStream in = CallSites.class.getResourceAsStream(LIST)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is wrong: places that no workload reached or none noticed, without a reason on the list, or with one that does not hold. */
    public static List<String> problemsInCore(List<Mutations.Row> rows, Predicate<CallSite> among) {
        Map<CallSite, String> caughtBy = caughtBy(rows);
        Map<String, Entry> list = list();
        List<String> problems = new ArrayList<>();
        scan().forEach((name, site) -> {
            Entry entry = list.get(name);
            if (among.test(site) && entry != null) {
                String caught = caughtBy.get(key(site));
                if (caught == null && entry.notInCore.isEmpty()) {
                    problems.add(
                            (caughtBy.containsKey(key(site)) ? "not noticed: " : "not reached: ") + name + ", " + site);
                } else if (caught != null && !entry.notInCore.isEmpty()) {
                    problems.add("noticed, though the list says why not: " + name);
                }
            }
        });
        return problems;
    }

    /** Writes {@code name, TAB, workload} of what is noticed: for docs/MUTATION.md. */
    public static void write(List<Mutations.Row> rows, Path file) throws IOException {
        Map<CallSite, String> caughtBy = caughtBy(rows);
        StringBuilder text = new StringBuilder();
        scan().forEach((name, site) -> {
            if (caughtBy.get(key(site)) != null) {
                text.append(name).append('\t').append(caughtBy.get(key(site))).append('\n');
            }
        });
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static Map<CallSite, String> caughtBy(List<Mutations.Row> rows) {
        Map<CallSite, String> caughtBy = new HashMap<>();
        rows.forEach(row -> caughtBy.put(key(row.site()), row.caughtBy()));
        return caughtBy;
    }

    /** Without the method: what runs in a lambda has another one in a stack than in the source. */
    public static CallSite key(CallSite site) {
        return new CallSite(site.kind(), site.className(), "", site.lineNumber());
    }
}
