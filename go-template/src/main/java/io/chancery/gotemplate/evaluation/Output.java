package io.chancery.gotemplate.evaluation;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.budget.BudgetExceeded;
import io.chancery.gotemplate.text.Utf8;

/** The result as it grows, up to its limit. One thread. */
final class Output {
    private final StringBuilder text = new StringBuilder();
    private final Budget budget;
    private long octets;

    Output(Budget budget) {
        this.budget = budget;
    }

    void write(String more) {
        octets += Utf8.length(more);
        budget.tick();
        if (octets > budget.limits().outputOctets()) {
            throw new BudgetExceeded(
                    "the template's output is larger than " + budget.limits().outputOctets() + " octets");
        }
        text.append(more);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
