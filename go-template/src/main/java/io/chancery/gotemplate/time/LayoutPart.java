package io.chancery.gotemplate.time;

import java.util.ArrayList;
import java.util.List;

/** A piece of a Go layout: the reference time's element, or text that stands for itself. */
record LayoutPart(Element element, String text) {
    /** The elements of Go's reference time; those with the same first letters stand longest first. */
    enum Element {
        JANUARY("January"),
        JAN("Jan"),
        MONDAY("Monday"),
        MON("Mon"),
        ZONE_NAME("MST"),
        MONTH_2("01"),
        DAY_2("02"),
        DAY_OF_YEAR("002"),
        HOUR12_2("03"),
        MINUTE_2("04"),
        SECOND_2("05"),
        YEAR_2("06"),
        YEAR("2006"),
        HOUR("15"),
        MONTH("1"),
        DAY("2"),
        DAY_SPACE("_2"),
        DAY_OF_YEAR_SPACE("__2"),
        HOUR12("3"),
        MINUTE("4"),
        SECOND("5"),
        PM("PM"),
        LOWER_PM("pm"),
        OFFSET_COLON_SECONDS("-07:00:00"),
        OFFSET_SECONDS("-070000"),
        OFFSET_COLON("-07:00"),
        OFFSET("-0700"),
        OFFSET_HOUR("-07"),
        Z_COLON_SECONDS("Z07:00:00"),
        Z_SECONDS("Z070000"),
        Z_COLON("Z07:00"),
        Z_OFFSET("Z0700"),
        Z_HOUR("Z07"),
        FRACTION("."),
        LITERAL("");

        private final String reference;

        Element(String reference) {
            this.reference = reference;
        }
    }

    private static final Element[] ELEMENTS = Element.values();

    static List<LayoutPart> of(String layout) {
        List<LayoutPart> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < layout.length(); ) {
            LayoutPart next = at(layout, i);
            if (next.element == Element.LITERAL) {
                literal.append(next.text);
            } else {
                flush(parts, literal);
                parts.add(next);
            }
            i += next.text.length();
        }
        flush(parts, literal);
        return parts;
    }

    private static void flush(List<LayoutPart> parts, StringBuilder literal) {
        if (literal.length() > 0) {
            parts.add(new LayoutPart(Element.LITERAL, literal.toString()));
            literal.setLength(0);
        }
    }

    private static LayoutPart at(String layout, int at) {
        int fraction = fraction(layout, at);
        if (fraction > 0) {
            return new LayoutPart(Element.FRACTION, layout.substring(at, at + fraction));
        }
        LayoutPart best = new LayoutPart(Element.LITERAL, layout.substring(at, at + 1));
        if (layout.startsWith("_2006", at)) {
            return best; // Go: "_2006" is an underscore and a year
        }
        for (Element each : ELEMENTS) {
            boolean longer = best.element == Element.LITERAL || each.reference.length() > best.text.length();
            if (each != Element.FRACTION && each != Element.LITERAL && longer && fits(layout, at, each)) {
                best = new LayoutPart(each, each.reference);
            }
        }
        return best;
    }

    private static boolean fits(String layout, int at, Element each) {
        if (!layout.startsWith(each.reference, at)) {
            return false;
        }
        int end = at + each.reference.length();
        // "Jan" and "Mon" are no elements inside of longer words.
        boolean name = each == Element.JAN || each == Element.MON;
        return !name || end >= layout.length() || !Character.isLowerCase(layout.charAt(end));
    }

    // A point or comma with zeros or nines, and no digit behind them.
    private static int fraction(String layout, int at) {
        char first = layout.charAt(at);
        if ((first != '.' && first != ',') || at + 1 >= layout.length()) {
            return 0;
        }
        char digit = layout.charAt(at + 1);
        if (digit != '0' && digit != '9') {
            return 0;
        }
        int end = at + 1;
        while (end < layout.length() && layout.charAt(end) == digit) {
            end++;
        }
        boolean digitBehind = end < layout.length() && layout.charAt(end) >= '0' && layout.charAt(end) <= '9';
        return digitBehind ? 0 : end - at;
    }
}
