package io.chancery.signer.hsm;

import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A PKCS#11 URI (RFC 7512) as step-ca reads it: each attribute may stand in the path or in the query; {@code id} is hex
 * or percent-encoded; {@code +} is a space. What it says of library and slot beyond their names is read and not looked at,
 * as there: the token is chosen by what it says of itself. Never prints the PIN.
 */
public final class Pkcs11Uri {
    private static final String SCHEME = "pkcs11:";
    static final int MAX_LENGTH = 4096;
    private static final long MAX_PIN_BYTES = 1024;
    private static final String DEFAULT_MODULE = "p11-kit-proxy.so";
    private static final Set<String> KNOWN = Set.of(
            "module-path",
            "token",
            "serial",
            "slot-id",
            "manufacturer",
            "model",
            "object",
            "id",
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

    private static final Set<String> PIN = Set.of("pin-value", "pin-source");
    private static final Set<String> KEY = Set.of("object", "id");
    /** Each of these alone names a library. */
    private static final Set<String> MODULE = Set.of("module-path", "module-name");

    /** Each of these alone names a token. */
    private static final Set<String> PLACE = Set.of("token", "serial", "slot-id");

    private static final Set<String> TOKEN = Set.of("token", "serial", "slot-id", "manufacturer", "model");

    /** Values by attribute name, percent-decoded to octets; a TreeMap, so that the printed form is stable. */
    private final SortedMap<String, Der> attributes;

    private Pkcs11Uri(SortedMap<String, Der> attributes) {
        this.attributes = attributes;
    }

    /** Whether the text has the scheme, and so is meant as one of these; the scheme's case does not matter. */
    public static boolean isPkcs11(String text) {
        return text.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    }

    /** IllegalArgumentException names the attribute or the place that is wrong, and never shows a PIN. */
    public static Pkcs11Uri parse(String text) {
        if (!isPkcs11(text)) {
            throw new IllegalArgumentException("a PKCS#11 URI starts with pkcs11:");
        }
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a PKCS#11 URI has at most " + MAX_LENGTH + " characters");
        }
        String rest = text.substring(SCHEME.length());
        int question = rest.indexOf('?');
        TreeMap<String, Der> attributes = new TreeMap<>();
        read(question < 0 ? rest : rest.substring(0, question), attributes);
        if (question >= 0) {
            read(rest.substring(question + 1), attributes);
        }
        Pkcs11Uri uri = new Pkcs11Uri(attributes);
        uri.check();
        return uri;
    }

    private static void read(String part, Map<String, Der> attributes) {
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
            if (attributes.put(name, Der.of(percentDecode(name, attribute.substring(equals + 1)))) != null) {
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

    private void check() {
        for (String name : KNOWN) {
            if (!name.equals("id")) {
                Optional<String> unused = text(name);
            }
        }
        if (slotId().isPresent() && slotId().get() < 0) {
            throw new IllegalArgumentException("pkcs11 URI: slot-id is not negative");
        }
        if (maxSessions().isPresent() && maxSessions().get() < 1) {
            throw new IllegalArgumentException("pkcs11 URI: max-sessions is at least 1");
        }
        if (text("module-name").orElse("").indexOf('/') >= 0) {
            throw new IllegalArgumentException("pkcs11 URI: module-name is a name; a file is named by module-path");
        }
        Optional<String> type = text("type");
        if (type.isPresent() && !type.get().equals("private")) {
            throw new IllegalArgumentException("pkcs11 URI: type is private, where it is given");
        }
        if (text("pin-source").orElse("").startsWith("|")) {
            throw new IllegalArgumentException("pkcs11 URI: pin-source is a file; commands are not run");
        }
    }

    /**
     * A key's URI, with what it leaves out taken from that of {@code kms}: see {@link #withDefaults}.
     *
     * @throws IllegalArgumentException when either cannot be read
     */
    public static Pkcs11Uri of(String reference, Optional<String> kmsUri) {
        Pkcs11Uri own = parse(reference);
        return kmsUri.map(Pkcs11Uri::parse).map(own::withDefaults).orElse(own);
    }

    /**
     * This URI, with what it leaves out taken from the other: the key's URI with that of {@code kms}. The other's key is
     * taken as a whole or not at all, and so are its token and library; its PIN is for its own token alone.
     */
    public Pkcs11Uri withDefaults(Pkcs11Uri defaults) {
        Set<String> own = new HashSet<>();
        addWhenNamed(own, PIN);
        addWhenNamed(own, KEY);
        addWhenNamed(own, MODULE);
        addWhenNamed(own, PLACE);
        if (namesAnotherTokenThan(defaults)) {
            own.addAll(PIN);
            own.addAll(TOKEN);
        } else if (namesAnotherLibraryThan(defaults)) {
            own.add("slot-id");
        }
        TreeMap<String, Der> merged = new TreeMap<>(defaults.attributes);
        merged.keySet().removeAll(own);
        merged.putAll(attributes);
        return new Pkcs11Uri(merged);
    }

    private void addWhenNamed(Set<String> all, Set<String> names) {
        if (!Collections.disjoint(attributes.keySet(), names)) {
            all.addAll(names);
        }
    }

    /**
     * Whether nothing says that the token is the same one, where both name a token, or libraries that differ: a PIN of the one
     * is no PIN of the other.
     */
    public boolean namesAnotherTokenThan(Pkcs11Uri other) {
        Set<String> here = new HashSet<>(attributes.keySet());
        here.retainAll(PLACE);
        Set<String> there = new HashSet<>(other.attributes.keySet());
        there.retainAll(PLACE);
        Set<String> both = new HashSet<>(here);
        both.retainAll(there);
        boolean elsewhere = namesAnotherLibraryThan(other);
        if (elsewhere) {
            both.remove("slot-id"); // each library counts its own
            there.remove("slot-id");
        }
        boolean same = !both.isEmpty()
                && both.stream().allMatch(name -> Objects.equals(attributes.get(name), other.attributes.get(name)));
        return !same && (elsewhere ? !here.isEmpty() || there.isEmpty() : !here.isEmpty() && !there.isEmpty());
    }

    private boolean namesAnotherLibraryThan(Pkcs11Uri other) {
        return !Collections.disjoint(attributes.keySet(), MODULE)
                && !Collections.disjoint(other.attributes.keySet(), MODULE)
                && !modulePath().equals(other.modulePath());
    }

    /** What it says of the token, without the key's object, id and type. */
    public Pkcs11Uri ofToken() {
        return without(Set.of("object", "id", "type"));
    }

    /** Without pin-value and pin-source: whoever logs in with it gives the PIN apart. */
    public Pkcs11Uri withoutPin() {
        return without(PIN);
    }

    private Pkcs11Uri without(Set<String> names) {
        TreeMap<String, Der> kept = new TreeMap<>(attributes);
        kept.keySet().removeAll(names);
        return new Pkcs11Uri(kept);
    }

    /**
     * The library, of module-path, or else of module-name, which leaves out {@code lib} and {@code .so}; without both, the
     * proxy of p11-kit, as in step-ca. May be a bare name.
     */
    public String modulePath() {
        return text("module-path")
                .or(() -> text("module-name")
                        .filter(name -> !DEFAULT_MODULE.equals(name + ".so"))
                        .map(name -> "lib" + name + ".so"))
                .orElse(DEFAULT_MODULE);
    }

    public Optional<String> token() {
        return text("token");
    }

    public Optional<String> serial() {
        return text("serial");
    }

    public Optional<String> manufacturer() {
        return text("manufacturer");
    }

    public Optional<String> model() {
        return text("model");
    }

    public Optional<Long> slotId() {
        return number("slot-id");
    }

    public Optional<Long> maxSessions() {
        return number("max-sessions");
    }

    /**
     * How many signatures may be under way at once.
     *
     * @param limit that the configuration sets; max-sessions lowers it, and one of those is the login's
     */
    public int signaturesAtOnce(int limit) {
        long most = maxSessions().map(sessions -> Math.max(1, sessions - 1)).orElse((long) limit);
        return (int) Math.min(limit, most);
    }

    /** CKA_LABEL of the key. */
    public Optional<String> object() {
        return text("object");
    }

    /** CKA_ID of the key. Octets that read as hex are hex ({@code 0a10}, {@code 0x0a10}, {@code 0a:10}), others are themselves. */
    public Optional<Der> id() {
        Der value = attributes.get("id");
        if (value == null || value.length() == 0) {
            return Optional.empty();
        }
        String hex = new String(value.bytes(), StandardCharsets.ISO_8859_1);
        hex = hex.startsWith("0x") || hex.startsWith("0X") ? hex.substring(2) : hex;
        hex = hex.replace(":", "");
        hex = hex.length() % 2 == 0 ? hex : "0" + hex;
        boolean isHex = !hex.isEmpty() && hex.chars().allMatch(c -> c < 128 && HexFormat.isHexDigit(c));
        return Optional.of(isHex ? Der.of(HexFormat.of().parseHex(hex)) : value);
    }

    /**
     * The PIN: {@code pin-value}, or the file of {@code pin-source} without white space at its end. Reads that file,
     * so not for an event loop; HsmException MISCONFIGURED when it cannot be read. The caller closes the secret.
     */
    public Optional<Secret> pin() {
        Optional<String> value = text("pin-value");
        if (value.isPresent()) {
            return value.map(Secret::of);
        }
        return pinFile().map(Pkcs11Uri::readPin);
    }

    /** The file of {@code pin-source}, which may not be there. HsmException MISCONFIGURED when it names none. */
    public Optional<Path> pinFile() {
        return text("pin-source").map(Pkcs11Uri::pinFile);
    }

    /** Whether the PIN itself stands in it. */
    public boolean holdsPin() {
        return text("pin-value").isPresent();
    }

    /** The file with the PIN, or its file: URI, as it was written. */
    public Optional<String> pinSource() {
        return text("pin-source");
    }

    private static Path pinFile(String source) {
        if (source.toLowerCase(Locale.ROOT).startsWith("file:")) {
            try {
                URI uri = URI.create(source);
                return Path.of(uri.getPath() != null ? uri.getPath() : uri.getSchemeSpecificPart());
            } catch (IllegalArgumentException e) {
                throw HsmException.misconfigured("pkcs11 URI: pin-source is not a readable file: URI");
            }
        }
        return Path.of(source);
    }

    private static Secret readPin(Path file) {
        try {
            if (Files.size(file) > MAX_PIN_BYTES) {
                throw HsmException.misconfigured(
                        "the file of pin-source is larger than " + MAX_PIN_BYTES + " bytes: " + file);
            }
            byte[] octets = Files.readAllBytes(file);
            int length = octets.length;
            while (length > 0 && octets[length - 1] >= 0 && Character.isWhitespace(octets[length - 1])) {
                length--;
            }
            byte[] pin = Arrays.copyOf(octets, length);
            Arrays.fill(octets, (byte) 0);
            return Secret.ofUtf8(pin);
        } catch (IllegalArgumentException e) {
            throw HsmException.misconfigured("the file of pin-source is not UTF-8: " + file);
        } catch (IOException e) {
            throw new HsmException(
                    HsmException.Kind.MISCONFIGURED, "the file of pin-source cannot be read: " + file, e);
        }
    }

    private Optional<Long> number(String name) {
        return text(name).map(value -> {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("pkcs11 URI: " + name + " is not a number", e);
            }
        });
    }

    /** An empty value counts as none, as in step-ca. */
    private Optional<String> text(String name) {
        Der value = attributes.get(name);
        if (value == null || value.length() == 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(value.bytes()))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("pkcs11 URI: " + name + " is not UTF-8", e);
        }
    }

    /** For a configuration file alone: with the PIN itself, where it has pin-value. */
    public String forConfiguration() {
        String path = joined(";", attributes, name -> !name.startsWith("pin-"));
        String query = joined("&", attributes, name -> name.startsWith("pin-"));
        return SCHEME + path + (query.isEmpty() ? "" : "?" + query);
    }

    private static String joined(String separator, SortedMap<String, Der> attributes, Predicate<String> wanted) {
        return attributes.entrySet().stream()
                .filter(each -> wanted.test(each.getKey()))
                .map(each -> each.getKey() + "=" + percentEncode(each.getValue().bytes()))
                .collect(Collectors.joining(separator));
    }

    /** The canonical form, with the PIN replaced by dots. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(SCHEME);
        attributes.forEach((name, value) -> {
            text.append(text.length() > SCHEME.length() ? ";" : "").append(name).append('=');
            text.append(name.equals("pin-value") ? "..." : percentEncode(value.bytes()));
        });
        return text.toString();
    }

    /** An attribute's value, as it stands in a URI. */
    public static String encoded(String value) {
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
