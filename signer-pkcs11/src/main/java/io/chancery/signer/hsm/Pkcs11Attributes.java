package io.chancery.signer.hsm;

import io.chancery.core.der.Der;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The text of a PKCS#11 URI (RFC 7512): which attributes it names, and their octets; not what they mean. Each may stand in
 * the path or in the query, {@code +} is a space, and an empty value counts as none, as in step-ca. Never changes.
 */
final class Pkcs11Attributes {
    static final int MAX_LENGTH = 4096;
    private static final String SCHEME = "pkcs11:";
    private static final String ID = "id";
    private static final Set<String> KNOWN = Set.of(
            "module-path",
            "token",
            "serial",
            "slot-id",
            "manufacturer",
            "model",
            "object",
            ID,
            "type",
            "pin-value",
            "pin-source",
            "max-sessions",
            "module-name",
            "library-manufacturer",
            "library-description",
            "library-version",
            "slot-manufacturer",
            "slot-description");

    /** Percent-decoded to octets; a TreeMap, so that the printed form is stable. */
    private final SortedMap<String, Der> values;

    private Pkcs11Attributes(SortedMap<String, Der> values) {
        this.values = values;
    }

    /** As {@link Pkcs11Uri#isPkcs11}. */
    static boolean isPkcs11(String text) {
        return text.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    }

    /** IllegalArgumentException names the attribute or the place that is wrong, and never shows a PIN. */
    static Pkcs11Attributes parse(String text) {
        if (!isPkcs11(text)) {
            throw new IllegalArgumentException("a PKCS#11 URI starts with pkcs11:");
        }
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a PKCS#11 URI has at most " + MAX_LENGTH + " characters");
        }
        String rest = text.substring(SCHEME.length());
        int question = rest.indexOf('?');
        TreeMap<String, Der> values = new TreeMap<>();
        read(question < 0 ? rest : rest.substring(0, question), values);
        if (question >= 0) {
            read(rest.substring(question + 1), values);
        }
        Pkcs11Attributes attributes = new Pkcs11Attributes(values);
        for (String name : KNOWN) {
            if (!name.equals(ID)) {
                Optional<String> unused = attributes.text(name);
            }
        }
        return attributes;
    }

    private static void read(String part, Map<String, Der> values) {
        for (String attribute : part.split("[;&]", -1)) {
            if (attribute.isEmpty()) {
                continue;
            }
            int equals = attribute.indexOf('=');
            if (equals < 0) {
                // The text may be a PIN with a separator that was not encoded: it is not shown.
                throw new IllegalArgumentException("pkcs11 URI: an attribute has no '='; encode ; as %3B and & as %26");
            }
            String name = attribute.substring(0, equals);
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException("pkcs11 URI: an attribute is not known; known are "
                        + String.join(", ", KNOWN.stream().sorted().toList()));
            }
            if (values.put(name, Der.of(percentDecode(name, attribute.substring(equals + 1)))) != null) {
                throw new IllegalArgumentException("pkcs11 URI: " + name + " is given twice");
            }
        }
    }

    private static byte[] percentDecode(String name, String value) {
        byte[] in = value.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[in.length];
        int length = 0;
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '%') {
                if (i + 2 >= in.length || !HexFormat.isHexDigit(in[i + 1]) || !HexFormat.isHexDigit(in[i + 2])) {
                    throw new IllegalArgumentException("pkcs11 URI: " + name + " has a % without two hex digits");
                }
                out[length++] = (byte) (HexFormat.fromHexDigit(in[i + 1]) << 4 | HexFormat.fromHexDigit(in[i + 2]));
                i += 2;
            } else {
                out[length++] = in[i] == '+' ? (byte) ' ' : in[i];
            }
        }
        return Arrays.copyOf(out, length);
    }

    /** The names that are given, those with empty values too. */
    Set<String> names() {
        return Collections.unmodifiableSet(values.keySet());
    }

    Optional<Der> octets(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> value.length() > 0);
    }

    Optional<String> text(String name) {
        return octets(name).map(value -> {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(value.bytes()))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException("pkcs11 URI: " + name + " is not UTF-8", e);
            }
        });
    }

    Optional<Long> number(String name) {
        return text(name).map(value -> {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("pkcs11 URI: " + name + " is not a number", e);
            }
        });
    }

    /** Whether both give it, or neither does, and with the same octets. */
    boolean sameAs(Pkcs11Attributes other, String name) {
        return Optional.ofNullable(values.get(name)).equals(Optional.ofNullable(other.values.get(name)));
    }

    Pkcs11Attributes without(Set<String> names) {
        TreeMap<String, Der> kept = new TreeMap<>(values);
        kept.keySet().removeAll(names);
        return new Pkcs11Attributes(kept);
    }

    /** These, and what the others give besides. */
    Pkcs11Attributes with(Pkcs11Attributes others) {
        TreeMap<String, Der> all = new TreeMap<>(others.values);
        all.putAll(values);
        return new Pkcs11Attributes(all);
    }

    /** A URI of them all, the PIN too: attributes of the token and the key in its path, those of the PIN in its query. */
    String whole() {
        String path = joined(";", name -> !name.startsWith("pin-"));
        String query = joined("&", name -> name.startsWith("pin-"));
        return SCHEME + path + (query.isEmpty() ? "" : "?" + query);
    }

    private String joined(String separator, Predicate<String> wanted) {
        return values.entrySet().stream()
                .filter(each -> wanted.test(each.getKey()))
                .map(each -> each.getKey() + "=" + percentEncode(each.getValue().bytes()))
                .collect(Collectors.joining(separator));
    }

    /** The canonical form, with the PIN replaced by dots. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(SCHEME);
        values.forEach((name, value) -> {
            text.append(text.length() > SCHEME.length() ? ";" : "").append(name).append('=');
            text.append(name.equals("pin-value") ? "..." : percentEncode(value.bytes()));
        });
        return text.toString();
    }

    /** As {@link Pkcs11Uri#encoded}. */
    static String encoded(String value) {
        return percentEncode(value.getBytes(StandardCharsets.UTF_8));
    }

    private static String percentEncode(byte[] octets) {
        StringBuilder text = new StringBuilder();
        for (byte octet : octets) {
            char c = (char) (octet & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "-._~/".indexOf(c) >= 0);
            text.append(
                    plain
                            ? String.valueOf(c)
                            : "%" + HexFormat.of().withUpperCase().toHexDigits(octet));
        }
        return text.toString();
    }
}
