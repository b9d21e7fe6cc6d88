package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.budget.Budget;

/** Looks for a text within a text in linear time, whatever the two are (Knuth, Morris and Pratt). Pure, any thread. */
final class Search {
    private Search() {}

    /** As {@link String#indexOf(String, int)}; ticks for each character that it looks at. */
    static int indexOf(String text, String needle, int from, Budget budget) {
        if (needle.isEmpty() || needle.length() > text.length() - from) {
            return needle.isEmpty() ? from : -1;
        }
        int[] borders = borders(needle, budget);
        int same = 0;
        for (int i = from; i < text.length(); i++) {
            budget.tick();
            while (same > 0 && text.charAt(i) != needle.charAt(same)) {
                same = borders[same - 1];
            }
            same += text.charAt(i) == needle.charAt(same) ? 1 : 0;
            if (same == needle.length()) {
                return i - same + 1;
            }
        }
        return -1;
    }

    // How many characters at the end of each beginning are its first ones as well.
    private static int[] borders(String needle, Budget budget) {
        int[] borders = new int[needle.length()];
        int same = 0;
        for (int i = 1; i < borders.length; i++) {
            budget.tick();
            while (same > 0 && needle.charAt(i) != needle.charAt(same)) {
                same = borders[same - 1];
            }
            same += needle.charAt(i) == needle.charAt(same) ? 1 : 0;
            borders[i] = same;
        }
        return borders;
    }
}
