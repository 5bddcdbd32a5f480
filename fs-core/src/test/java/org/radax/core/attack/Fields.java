package org.radax.core.attack;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.radax.core.format.SuperblockLayout;

/** The fields of all Layout classes, by their constants: each of them has a width here. */
final class Fields {
    /** Constants that are no offsets. */
    private static final Pattern NO_FIELD =
            Pattern.compile("(?!LANE_BYTES).*(_VALUE|_BYTES|_CAPACITY|_SHIFT|_FEATURE)|TAG_.*|HAS_MASK|EXTERNAL");

    private static final String WIDTHS = """
            SuperblockLayout MAGIC 4 CHECKSUM 4 LOCATION 8 UUID 16 MAJOR 4 MINOR 4 COMPATIBLE 8 READ_ONLY_COMPATIBLE 8
              INCOMPATIBLE 8 SIZE 8 LABEL 32 CREATED 8 HASH_SEED 16 LANE_START 8 LANE_COUNT 4 LANE_BYTES 4 GROUP_TABLE 8
              GROUP_COUNT 8 ROOT_INODE 8 RESERVE_BLOCKS 8 GROWN_TABLE 8 SHARE_ROOT 8 MAPPED_TABLE 8
            StateLayout MAGIC 4 CHECKSUM 4 LOCATION 8 UUID 16 ORPHAN_ROOT 128 GROUPS_IN_USE 8 EPOCH 8 MOUNT_STATE 8
              LAST_MOUNT 8 MOUNT_COUNT 8
            LaneLayout MAGIC 4 CHECKSUM 4 LOCATION 8 UUID 16 INDEX 8 RETIRED 8 RECORD 8
            RecordLayout MAGIC 4 CHECKSUM 4 LENGTH 8 UUID 16 EPOCH 8 SEQUENCE 8 LANE 8 RUN_COUNT 8 RUNS 16
            GroupLayout MAGIC 4 CHECKSUM 4 LOCATION 8 FREE_BLOCKS 4 INODES_USED 4 BITMAP_CHECKSUM 4 CHUNKS_CHECKSUM 4
            ChunkLayout MAGIC 4 CHECKSUM 4 LOCATION 8 UUID 16 USED 8
            InodeLayout MAGIC 4 CHECKSUM 4 INO 8 GENERATION 4 MODE 4 LINK_COUNT 4 FLAGS 4 UID 4 GID 4 SIZE 8 BLOCKS 8
              ATIME 8 MTIME 8 CTIME 8 BIRTH 8 PARENT 8 RDEV 4 EXTENT_HINT 4 XATTR 8 PROJECT 4 RESERVED 4
              CHECKSUM_ROOT 8 ROOT 128
            TreeLayout MAGIC 4 CHECKSUM 4 LOCATION 8 UUID 16 OWNER 8 LEVEL 4 COUNT 4 RECORDS 64 ROOT_LEVEL 4 ROOT_COUNT 4
              ROOT_RECORDS 16
            BucketLayout MAGIC 4 CHECKSUM 4 LOCATION 8 UUID 16 OWNER 8 LOW_KEY 8 ENTRIES 24 ENTRY_KEY 8 ENTRY_INO 8
              ENTRY_LENGTH 2 ENTRY_NAME_LENGTH 1 ENTRY_TYPE 1 ENTRY_NAME 8
            XattrLayout MAGIC 4 CHECKSUM 4 LOCATION 8 UUID 16 OWNER 8 NEXT 8 USED 8 RECORDS 16 RECORD_LENGTH 2
              RECORD_NAME_LENGTH 1 RECORD_FLAGS 1 RECORD_VALUE_LENGTH 4 RECORD_VALUE_CHECKSUM 4 RECORD_NAME 8
            AclLayout PERMISSIONS 4 ENTRIES 8 ENTRY_TAG 2 ENTRY_PERMISSIONS 2 ENTRY_ID 4
            """;

    /**
     * A field.
     *
     * @param name of its Layout class and constant
     */
    record FormatField(String layout, String name, int offset, int lengthBytes) {
        String key() {
            return layout + "." + name;
        }
    }

    private Fields() {}

    /** All of them; fails for a constant of a Layout class that is not known here. */
    static List<FormatField> all() throws ReflectiveOperationException, IOException {
        Map<String, Integer> widths = widths();
        List<FormatField> fields = new ArrayList<>();
        for (Class<?> layout : layouts()) {
            for (Field constant : layout.getFields()) {
                String key = layout.getSimpleName() + "." + constant.getName();
                if (NO_FIELD.matcher(constant.getName()).matches()) {
                    continue;
                }
                Integer width = widths.remove(key);
                if (width == null) {
                    throw new AssertionError(key + " is new: say how wide it is, and damage it");
                }
                fields.add(new FormatField(layout.getSimpleName(), constant.getName(), constant.getInt(null), width));
            }
        }
        if (!widths.isEmpty()) {
            throw new AssertionError("no longer in the format: " + widths.keySet());
        }
        return fields;
    }

    private static Map<String, Integer> widths() {
        Map<String, Integer> widths = new LinkedHashMap<>();
        String layout = "";
        String[] words = WIDTHS.trim().split("\\s+");
        for (int i = 0; i < words.length; i++) {
            if (words[i].endsWith("Layout")) {
                layout = words[i];
            } else {
                widths.put(layout + "." + words[i], Integer.valueOf(words[i + 1]));
                i++;
            }
        }
        return widths;
    }

    private static List<Class<?>> layouts() throws IOException, ReflectiveOperationException {
        Path directory = Path.of(URI.create(SuperblockLayout.class
                        .getResource("SuperblockLayout.class")
                        .toString()))
                .getParent();
        List<String> names;
        try (Stream<Path> files = Files.list(directory)) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Layout.class"))
                    .sorted()
                    .toList();
        }
        List<Class<?>> layouts = new ArrayList<>();
        for (String name : names) {
            layouts.add(Class.forName("org.radax.core.format." + name.replace(".class", "")));
        }
        return layouts;
    }
}
