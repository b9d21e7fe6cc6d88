package io.chancery.gotemplate.value;

/** A bool. */
public record Bool(boolean truth) implements Value {
    public static final Bool TRUE = new Bool(true);
    public static final Bool FALSE = new Bool(false);

    public static Bool of(boolean truth) {
        return truth ? TRUE : FALSE;
    }

    @Override
    public Type type() {
        return Type.BOOL;
    }
}
