package org.radax.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Draws {@link SyncCosts}: a panel for each file, both axes logarithmic, as SVG. */
final class SyncPlot {
    private static final int PANEL = 300;
    private static final int PANEL_STEP = 340;
    private static final int LEFT = 80;
    private static final int TOP = 70;
    private static final String[] MICROS = {"1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s"};

    private record Line(String title, String colour, ToDoubleFunction<SyncCosts.Point> micros) {}

    private static final Line RANGE =
            new Line("range: every line of the file", "#777777", SyncCosts.Point::rangeMicros);
    private static final Line TAGS = new Line("tags: fsync", "#1f77b4", SyncCosts.Point::tagsMicros);
    private static final Line WITH_FAULTS =
            new Line("tags: fsync, and tagging at the faults", "#d95f02", SyncCosts.Point::withFaultsMicros);
    private static final List<Line> LINES = List.of(RANGE, TAGS, WITH_FAULTS);

    private final StringBuilder svg = new StringBuilder();
    private final int lowX;
    private final int highX;
    private final int highY = MICROS.length - 1;

    private SyncPlot(List<SyncCosts> files) {
        lowX = (int) Math.floor(Math.log10(files.stream()
                .flatMap(file -> file.points().stream())
                .mapToDouble(SyncCosts.Point::dirtyPercent)
                .min()
                .orElseThrow()));
        highX = 2;
    }

    static String draw(List<SyncCosts> files) {
        SyncPlot plot = new SyncPlot(files);
        int width = LEFT + files.size() * PANEL_STEP;
        plot.add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">",
                width, TOP + PANEL + 60);
        plot.add("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
        plot.legend();
        for (int i = 0; i < files.size(); i++) {
            plot.panel(files.get(i), LEFT + i * PANEL_STEP, i == 0);
        }
        plot.add("</svg>");
        return plot.svg.toString();
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private void legend() {
        int x = LEFT;
        for (Line line : LINES) {
            add("<path d=\"M%d 20h24\" stroke=\"%s\" stroke-width=\"2\"/>", x, line.colour);
            add("<text x=\"%d\" y=\"24\">%s</text>", x + 30, line.title);
            x += 60 + line.title.length() * 7;
        }
    }

    private void panel(SyncCosts file, int left, boolean labelled) {
        add("<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>", left, TOP - 10, file.fileName());
        for (int i = lowX; i <= highX; i++) {
            double x = x(left, Math.pow(10, i));
            add("<path d=\"M%.1f %dv%d\" stroke=\"#dddddd\"/>", x, TOP, PANEL);
            add(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s %%</text>",
                    x,
                    TOP + PANEL + 18,
                    i < 0 ? Double.toString(Math.pow(10, i)) : Integer.toString((int) Math.pow(10, i)));
        }
        for (int i = 0; i <= highY; i++) {
            double y = y(Math.pow(10, i));
            add("<path d=\"M%d %.1fh%d\" stroke=\"#dddddd\"/>", left, y, PANEL);
            if (labelled) {
                add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", left - 8, y + 4, MICROS[i]);
            }
        }
        add("<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">dirty</text>", left + PANEL / 2, TOP + PANEL + 38);
        for (Line line : LINES) {
            line(file, left, line);
        }
        crossing(file, left, TAGS, -10);
        crossing(file, left, WITH_FAULTS, 20);
    }

    private double x(int left, double percent) {
        return left + (Math.log10(percent) - lowX) / (highX - lowX) * PANEL;
    }

    private double y(double micros) {
        return TOP + PANEL - Math.log10(micros) / highY * PANEL;
    }

    private void line(SyncCosts file, int left, Line line) {
        StringBuilder points = new StringBuilder();
        for (SyncCosts.Point point : file.points()) {
            points.append(String.format(
                    Locale.ROOT, "%.1f,%.1f ", x(left, point.dirtyPercent()), y(line.micros.applyAsDouble(point))));
        }
        add(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
                points.toString().strip(), line.colour);
    }

    private void crossing(SyncCosts file, int left, Line line, int below) {
        SyncCosts.Crossing crossing = file.crossing(line.micros);
        if (crossing == null) {
            return;
        }
        double x = x(left, crossing.dirtyPercent());
        double y = y(crossing.micros());
        add(
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
                x, y, line.colour);
        add(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"%s\">%.0f %%</text>",
                x, y + below, line.colour, crossing.dirtyPercent());
    }
}
