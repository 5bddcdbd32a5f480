package org.radax.cli.console;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes as people write them: {@code 4G}, {@code 512M}, {@code 1T}, {@code 1.5GiB}, or bytes; powers of 1024. */
public final class Sizes implements ITypeConverter<Long> {
    private static final String UNITS = "KMGTP";
    private static final Pattern SIZE = Pattern.compile("(\\d{1,19})(?:\\.(\\d{1,3}))?([KMGTP]?)(?:I?B)?");

    @Override
    public Long convert(String text) {
        Matcher matcher = SIZE.matcher(text.trim().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a size; write bytes or 512M, 4G, 1T");
        }
        String unit = matcher.group(3);
        int shift = unit.isEmpty() ? 0 : 10 * (UNITS.indexOf(unit) + 1);
        try {
            long whole = Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
            String fraction = matcher.group(2);
            if (fraction == null) {
                return whole;
            }
            if (shift == 0) {
                throw new TypeConversionException("'" + text + "' is not a whole number of bytes");
            }
            return Math.addExact(whole, (long) (Double.parseDouble("0." + fraction) * (1L << shift)));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is more than any pool can have");
        }
    }

    /** {@code 1.5 GiB}; bytes below 1 KiB. */
    public static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < UNITS.length() - 1) {
            value /= 1024;
            unit++;
        }
        String number = String.format(Locale.ROOT, "%.1f", value);
        return (number.endsWith(".0") ? number.substring(0, number.length() - 2) : number) + " " + UNITS.charAt(unit)
                + "iB";
    }
}
