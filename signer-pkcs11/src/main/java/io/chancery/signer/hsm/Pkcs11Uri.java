package io.chancery.signer.hsm;

import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * A PKCS#11 URI (RFC 7512) as step-ca reads it, see {@link Pkcs11Attributes} for its text: {@code id} is hex or
 * percent-encoded. What it says of library and slot beyond their names is read and not looked at,
 * as there: the token is chosen by what it says of itself. Never prints the PIN.
 */
public final class Pkcs11Uri {
    private static final String DEFAULT_MODULE = "p11-kit-proxy.so";
    private static final Set<String> PIN = Set.of("pin-value", "pin-source");
    private static final Set<String> KEY = Set.of("object", "id");
    /** Each of these alone names a library. */
    private static final Set<String> MODULE = Set.of("module-path", "module-name");

    /** Each of these alone names a token. */
    private static final Set<String> PLACE = Set.of("token", "serial", "slot-id");

    private static final Set<String> TOKEN = Set.of("token", "serial", "slot-id", "manufacturer", "model");

    private final Pkcs11Attributes attributes;

    private Pkcs11Uri(Pkcs11Attributes attributes) {
        this.attributes = attributes;
    }

    /** Whether the text has the scheme, and so is meant as one of these; the scheme's case does not matter. */
    public static boolean isPkcs11(String text) {
        return Pkcs11Attributes.isPkcs11(text);
    }

    /** IllegalArgumentException names the attribute or the place that is wrong, and never shows a PIN. */
    public static Pkcs11Uri parse(String text) {
        Pkcs11Uri uri = new Pkcs11Uri(Pkcs11Attributes.parse(text));
        uri.check();
        return uri;
    }

    private void check() {
        if (slotId().isPresent() && slotId().get() < 0) {
            throw new IllegalArgumentException("pkcs11 URI: slot-id is not negative");
        }
        if (maxSessions().isPresent() && maxSessions().get() < 1) {
            throw new IllegalArgumentException("pkcs11 URI: max-sessions is at least 1");
        }
        if (attributes.text("module-name").orElse("").indexOf('/') >= 0) {
            throw new IllegalArgumentException("pkcs11 URI: module-name is a name; a file is named by module-path");
        }
        Optional<String> type = attributes.text("type");
        if (type.isPresent() && !type.get().equals("private")) {
            throw new IllegalArgumentException("pkcs11 URI: type is private, where it is given");
        }
        if (attributes.text("pin-source").orElse("").startsWith("|")) {
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
     * taken as a whole or not at all, and so is its library. Its PIN is for its own token alone: what it says of that is
     * taken with the PIN, beside what this one says of the same token, or neither is.
     */
    public Pkcs11Uri withDefaults(Pkcs11Uri defaults) {
        Set<String> own = new HashSet<>();
        addWhenNamed(own, PIN);
        addWhenNamed(own, KEY);
        addWhenNamed(own, MODULE);
        if (namesAnotherTokenThan(defaults)) {
            own.addAll(PIN);
            own.addAll(TOKEN);
        } else if (namesAnotherLibraryThan(defaults)) {
            own.add("slot-id");
        }
        return new Pkcs11Uri(attributes.with(defaults.attributes.without(own)));
    }

    private void addWhenNamed(Set<String> all, Set<String> names) {
        if (!Collections.disjoint(attributes.names(), names)) {
            all.addAll(names);
        }
    }

    /**
     * Whether nothing says that the token is the same one, where both name a token, or libraries that differ: a PIN of the one
     * is no PIN of the other.
     */
    public boolean namesAnotherTokenThan(Pkcs11Uri other) {
        Set<String> here = new HashSet<>(attributes.names());
        here.retainAll(PLACE);
        Set<String> there = new HashSet<>(other.attributes.names());
        there.retainAll(PLACE);
        Set<String> both = new HashSet<>(here);
        both.retainAll(there);
        boolean elsewhere = namesAnotherLibraryThan(other);
        if (elsewhere) {
            both.remove("slot-id"); // each library counts its own
            there.remove("slot-id");
        }
        boolean same = !both.isEmpty() && both.stream().allMatch(name -> attributes.sameAs(other.attributes, name));
        return !same && (elsewhere ? !here.isEmpty() || there.isEmpty() : !here.isEmpty() && !there.isEmpty());
    }

    private boolean namesAnotherLibraryThan(Pkcs11Uri other) {
        return !Collections.disjoint(attributes.names(), MODULE)
                && !Collections.disjoint(other.attributes.names(), MODULE)
                && !modulePath().equals(other.modulePath());
    }

    /** What it says of the token, without the key's object, id and type. */
    public Pkcs11Uri ofToken() {
        return new Pkcs11Uri(attributes.without(Set.of("object", "id", "type")));
    }

    /** Without pin-value and pin-source: whoever logs in with it gives the PIN apart. */
    public Pkcs11Uri withoutPin() {
        return new Pkcs11Uri(attributes.without(PIN));
    }

    /**
     * The library, of module-path, or else of module-name, which leaves out {@code lib} and {@code .so}; without both, the
     * proxy of p11-kit, as in step-ca. May be a bare name.
     */
    public String modulePath() {
        return attributes
                .text("module-path")
                .or(() -> attributes
                        .text("module-name")
                        .filter(name -> !DEFAULT_MODULE.equals(name + ".so"))
                        .map(name -> "lib" + name + ".so"))
                .orElse(DEFAULT_MODULE);
    }

    public Optional<String> token() {
        return attributes.text("token");
    }

    public Optional<String> serial() {
        return attributes.text("serial");
    }

    public Optional<String> manufacturer() {
        return attributes.text("manufacturer");
    }

    public Optional<String> model() {
        return attributes.text("model");
    }

    public Optional<Long> slotId() {
        return attributes.number("slot-id");
    }

    public Optional<Long> maxSessions() {
        return attributes.number("max-sessions");
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
        return attributes.text("object");
    }

    /** CKA_ID of the key. Octets that read as hex are hex ({@code 0a10}, {@code 0x0a10}, {@code 0a:10}), others are themselves. */
    public Optional<Der> id() {
        return attributes.octets("id").map(Pkcs11Uri::hexOrItself);
    }

    private static Der hexOrItself(Der value) {
        String hex = new String(value.bytes(), StandardCharsets.ISO_8859_1);
        hex = hex.startsWith("0x") || hex.startsWith("0X") ? hex.substring(2) : hex;
        hex = hex.replace(":", "");
        hex = hex.length() % 2 == 0 ? hex : "0" + hex;
        boolean isHex = !hex.isEmpty() && hex.chars().allMatch(c -> c < 128 && HexFormat.isHexDigit(c));
        return isHex ? Der.of(HexFormat.of().parseHex(hex)) : value;
    }

    /**
     * The PIN: {@code pin-value}, or the file of {@code pin-source} without white space at its end. Reads that file,
     * so not for an event loop; HsmException MISCONFIGURED when it cannot be read. The caller closes the secret.
     */
    public Optional<Secret> pin() {
        Optional<String> value = attributes.text("pin-value");
        if (value.isPresent()) {
            return value.map(Secret::of);
        }
        return pinSource().map(source -> PinFile.named(source).read());
    }

    /** The file of {@code pin-source}, which may not be there. HsmException MISCONFIGURED when it names none. */
    public Optional<Path> pinFile() {
        return pinSource().map(source -> PinFile.named(source).path());
    }

    /** Whether the PIN itself stands in it. */
    public boolean holdsPin() {
        return attributes.text("pin-value").isPresent();
    }

    /** The file with the PIN, or its file: URI, as it was written. */
    public Optional<String> pinSource() {
        return attributes.text("pin-source");
    }

    /** For a configuration file alone: with the PIN itself, where it has pin-value. */
    public String forConfiguration() {
        return attributes.whole();
    }

    /** The canonical form, with the PIN replaced by dots. */
    @Override
    public String toString() {
        return attributes.toString();
    }

    /** An attribute's value, as it stands in a URI. */
    public static String encoded(String value) {
        return Pkcs11Attributes.encoded(value);
    }
}
