package io.chancery.gotemplate.budget;

/** An execution asked for more than its limits allow; the message says which one. */
public final class BudgetExceeded extends RuntimeException {
    public BudgetExceeded(String message) {
        super(message, null, false, false);
    }
}
