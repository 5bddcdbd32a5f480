package org.radax.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

final class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "4096,4096",
        "1K,1024",
        "512M,536870912",
        "4G,4294967296",
        "4g,4294967296",
        "1T,1099511627776",
        "1.5GiB,1610612736",
        "16TB,17592186044416",
        " 2M ,2097152"
    })
    void shouldReadSizes(String text, long expected) {
        assertEquals(expected, new Sizes().convert(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "G",
                "-1",
                "4X",
                "1.5",
                "1..5G",
                "4 GG",
                "99999999999999999999",
                "9999999999999P",
                "0x10",
                "1e9"
            })
    void shouldRefuseWhatIsNoSize(String text) {
        assertThrows(TypeConversionException.class, () -> new Sizes().convert(text));
    }

    @ParameterizedTest
    @CsvSource({"0,0 B", "1023,1023 B", "1024,1 KiB", "1610612736,1.5 GiB", "17592186044416,16 TiB"})
    void shouldShowSizes(long bytes, String expected) {
        assertEquals(expected, Sizes.human(bytes));
    }
}
