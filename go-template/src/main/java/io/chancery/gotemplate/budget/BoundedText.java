package io.chancery.gotemplate.budget;

/** A text that grows within a budget. One thread. */
public final class BoundedText {
    private final StringBuilder text = new StringBuilder();
    private final Budget budget;

    public BoundedText(Budget budget) {
        this.budget = budget;
    }

    @com.google.errorprone.annotations.CanIgnoreReturnValue
    public BoundedText add(String more) {
        budget.charge(more.length());
        text.append(more);
        return this;
    }

    @com.google.errorprone.annotations.CanIgnoreReturnValue
    public BoundedText add(char more) {
        budget.charge(1);
        text.append(more);
        return this;
    }

    @com.google.errorprone.annotations.CanIgnoreReturnValue
    public BoundedText addCodePoint(int more) {
        budget.charge(2);
        text.appendCodePoint(more);
        return this;
    }

    public int length() {
        return text.length();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
