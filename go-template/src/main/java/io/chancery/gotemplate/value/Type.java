package io.chancery.gotemplate.value;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A Go type, as far as templates meet one.
 *
 * @param name as {@code %T} prints it
 * @param element of slices and maps (whose keys are strings)
 * @param json what JSON has in place of a value of this type; null where that is the value itself
 */
public record Type(
        Kind kind,
        String name,
        @Nullable Type element,
        @Nullable UnaryOperator<Value> json) {
    /** What Go calls the kind of a type. */
    public enum Kind {
        INVALID("invalid"),
        BOOL("bool"),
        INT("int"),
        INT32("int32"),
        INT64("int64"),
        UINT8("uint8"),
        UINT64("uint64"),
        FLOAT64("float64"),
        STRING("string"),
        INTERFACE("interface"),
        SLICE("slice"),
        MAP("map"),
        STRUCT("struct"),
        POINTER("ptr");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** As {@code reflect.Kind} prints it. */
        public String text() {
            return text;
        }
    }

    public Type(Kind kind, String name, @Nullable Type element) {
        this(kind, name, element, null);
    }

    public static final Type NIL = new Type(Kind.INVALID, "<nil>", null);
    public static final Type BOOL = new Type(Kind.BOOL, "bool", null);
    public static final Type INT = new Type(Kind.INT, "int", null);
    public static final Type INT32 = new Type(Kind.INT32, "int32", null);
    public static final Type INT64 = new Type(Kind.INT64, "int64", null);
    public static final Type UINT8 = new Type(Kind.UINT8, "uint8", null);
    public static final Type UINT64 = new Type(Kind.UINT64, "uint64", null);
    public static final Type FLOAT64 = new Type(Kind.FLOAT64, "float64", null);
    public static final Type STRING = new Type(Kind.STRING, "string", null);
    public static final Type ANY = new Type(Kind.INTERFACE, "interface {}", null);
    /** What Go's own functions take, so that they see a value and its type unchanged. */
    public static final Type VALUE = new Type(Kind.STRUCT, "reflect.Value", null);

    public static final Type LIST = slice(ANY);
    public static final Type STRINGS = slice(STRING);
    public static final Type INTS = slice(INT);
    public static final Type LISTS = slice(LIST);
    public static final Type OCTETS = slice(UINT8);
    public static final Type DICT = new Type(Kind.MAP, "map[string]interface {}", ANY);
    public static final Type STRING_DICT = new Type(Kind.MAP, "map[string]string", STRING);
    public static final Type TIME = struct("time.Time");
    public static final Type DURATION = new Type(Kind.INT64, "time.Duration", null);
    public static final Type MONTH = new Type(Kind.INT, "time.Month", null);
    public static final Type WEEKDAY = new Type(Kind.INT, "time.Weekday", null);

    public static Type slice(Type element) {
        return new Type(Kind.SLICE, "[]" + element.name(), element);
    }

    public static Type struct(String name) {
        return new Type(Kind.STRUCT, name, null);
    }

    public static Type pointer(String name) {
        return new Type(Kind.POINTER, "*" + name, null);
    }

    /** A map with string keys under a name of its own. */
    public static Type dict(String name) {
        return new Type(Kind.MAP, name, ANY);
    }

    /** The same type with a JSON of its own, which must be of another type. */
    public Type writtenAs(UnaryOperator<Value> own) {
        return new Type(kind, name, element, own);
    }

    /** Whether a value of the other type can be handed to a parameter of this one. */
    public boolean takes(Type other) {
        if (equals(other) || kind == Kind.INTERFACE) {
            return true;
        }
        // Of two types with the same inside, one may have a name of its own.
        boolean sameInside = kind == other.kind && element != null && element.equals(other.element);
        return sameInside && (equals(DICT) || name.startsWith("[]"));
    }

    /** Whether nil is a value of this type. */
    public boolean canBeNil() {
        return kind == Kind.INTERFACE
                || kind == Kind.SLICE
                || kind == Kind.MAP
                || kind == Kind.POINTER
                || equals(VALUE);
    }

    public boolean isInteger() {
        return kind == Kind.INT || kind == Kind.INT32 || kind == Kind.INT64;
    }

    public boolean isUnsigned() {
        return kind == Kind.UINT8 || kind == Kind.UINT64;
    }

    @Override
    public String toString() {
        return name;
    }
}
