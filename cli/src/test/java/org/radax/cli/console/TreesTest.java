package org.radax.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TreesTest {
    @Test
    void shouldIndentText() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", "x");
        tree.put("long name", 1);
        tree.put("inner", Map.of("a", true));
        tree.put("list", List.of("b", "c"));
        tree.put("rows", List.of(Map.of("n", 1), Map.of("n", 2)));
        tree.put("nothing", null);

        assertEquals("""
                name:      x
                long name: 1
                inner:
                  a: true
                list:      b, c
                rows:
                  - n=1
                  - n=2
                nothing:   -
                """, Trees.text(tree));
    }

    @Test
    void shouldWriteJson() throws JsonParserException {
        Map<String, Object> tree = Map.of("a", Arrays.asList(1, null, "x\n"), "b", Map.of());

        assertEquals(tree, JsonParser.object().from(Trees.json(tree)));
    }
}
