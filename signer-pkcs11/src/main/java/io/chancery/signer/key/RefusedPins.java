package io.chancery.signer.key;

import io.chancery.core.der.Sha256;
import io.chancery.core.secret.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Which PINs tokens refused, in a file that its owner alone reads: a process that is started again must not try one of
 * them again, or a supervisor would lock the token. PINs stand there as salted slow hashes. Where the file cannot be
 * written, this process at least remembers. Blocks, for a tenth of a second when it compares a PIN; any thread, and any
 * number of processes.
 * Where it cannot be read, asking fails with UncheckedIOException: it may hold the very PIN.
 */
public final class RefusedPins {
    private static final HexFormat HEX = HexFormat.of();
    private static final String NAME = "refused-pins";
    private static final String HEADER =
            "# PINs that a token refused, as hashes; \"chancery hsm retry\" allows one more login";
    /** To log in to whichever token somebody else gave a wrong PIN. */
    private static final String PERMIT = "retry";
    /** Before a token whose refusals were forgotten: to log in to it. */
    private static final String PERMIT_AT = "retry ";
    /** Before token, salt, hash and the refusal's name; where that is missing, the salt is the name. */
    private static final String PIN = "pin ";
    /** As {@link #PIN}, of one that was refused before another one was accepted. */
    private static final String WAS = "was ";
    /** More are forgotten, oldest first: each costs a comparison. */
    private static final int MOST_WAS = 4;
    /** More are forgotten, oldest first: the grid tells of a refusal for a day. */
    private static final int MOST_HEARD = 32;
    /** Before token and name of a refusal. */
    private static final String HEARD = "heard ";

    /** Words of an entry that has its name. */
    private static final int NAMED = 5;

    private static final int ROUNDS = 100_000;
    private static final int HASH_BITS = 256;
    private static final int SALT_BYTES = 16;
    /** More answers are not kept: there is one for each token of this node and each PIN that is looked at. */
    private static final int MOST_ANSWERS = 16;

    private final OwnersFile file;
    private final Optional<SecureRandom> random;
    private final int rounds;
    /** Of what the file said last, by quick hashes: PBKDF2 again at each look would take half a core. */
    private final Map<String, Boolean> answers = new HashMap<>();

    private Set<String> lastLines = Set.of();
    private final byte[] ownSalt;

    private RefusedPins(OwnersFile file, Optional<SecureRandom> random, int rounds) {
        this.file = file;
        this.random = random;
        this.rounds = rounds;
        this.ownSalt = salt();
    }

    /** In memory alone it need not be random: whoever reads that has the PIN itself. */
    private byte[] salt() {
        byte[] salt = new byte[SALT_BYTES];
        random.ifPresentOrElse(source -> source.nextBytes(salt), () -> salt[0] = (byte) file.unwritten());
        return salt;
    }

    /** Those of the node whose data are in the folder. */
    public static RefusedPins in(Path folder, SecureRandom random) {
        return in(folder, random, ROUNDS);
    }

    /** @param rounds of the slow hash, alike for all that use the folder's file */
    static RefusedPins in(Path folder, SecureRandom random, int rounds) {
        return new RefusedPins(OwnersFile.at(folder.resolve(NAME), HEADER), Optional.of(random), rounds);
    }

    /** This node's turn at the token, as {@link NodeTurn#take}; from the look for a refusal to the token's answer. */
    NodeTurn turn(String token, Duration patience) {
        String name =
                Sha256.digest(token.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
        Optional<Path> shared = file.beside(".turn-" + name);
        if (shared.isEmpty()) {
            return NodeTurn.alone();
        }
        NodeTurn taken = NodeTurn.take(shared.get(), patience);
        if (taken.isOfFile()) {
            file.giveToReader(shared.get());
        }
        return taken;
    }

    /**
     * Runs what a command does with a PIN while no other process of the node is at the token; where it hangs, others wait for
     * 30 s of it. Blocks for the patience and as long as the work does.
     *
     * @return empty, with nothing done, when another one is there for longer than the patience
     */
    public <T> Optional<T> inTurn(String token, Duration patience, Supplier<T> work) {
        return inTurn(token, patience, PinGate.LONGEST_ANSWER, work);
    }

    /** @param longest after which others may be at the token although the work has not ended */
    <T> Optional<T> inTurn(String token, Duration patience, Duration longest, Supplier<T> work) {
        NodeTurn mine;
        try {
            mine = turn(token, patience);
        } catch (SigningKeyException e) {
            return Optional.empty();
        }
        CompletableFuture<Void> over =
                new CompletableFuture<Void>().completeOnTimeout(null, longest.toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture<Void> unused = over.whenComplete((nothing, never) -> mine.close());
        try {
            return Optional.of(work.get());
        } finally {
            boolean unusedFirst = over.complete(null);
        }
    }

    /** For a process that does not come back by itself. */
    static RefusedPins ofThisProcess() {
        return new RefusedPins(OwnersFile.inMemory(), Optional.empty(), ROUNDS);
    }

    /**
     * Allows one more login to each token that has refused a PIN, and to one of which somebody else did: an operator's word.
     *
     * @return how many refused PINs were forgotten
     * @throws IOException when the file cannot be written: nothing is allowed then
     */
    public synchronized int permitRetry() throws IOException {
        int before = (int) file.lines().stream().filter(RefusedPins::isOfPin).count();
        file.change(lines -> {
            Set<String> left = new LinkedHashSet<>(lines);
            left.removeIf(RefusedPins::isOfPin);
            lines.stream()
                    .filter(line -> line.startsWith(PIN))
                    .forEach(line -> left.add(PERMIT_AT + line.split(" ", -1)[1]));
            left.add(PERMIT);
            return left;
        });
        return before;
    }

    /** Takes the permission to log in to a token that had refused a PIN, if there is one: it is good for one login. */
    synchronized boolean takePermit(String token) {
        return take(PERMIT_AT + hex(token));
    }

    /** Takes that to log in to a token of which somebody else was refused; to be asked for only where one is needed. */
    synchronized boolean takePermit() {
        return take(PERMIT);
    }

    /** Whether there is one for {@link #takePermit(String)} to take. */
    synchronized boolean hasPermit(String token) {
        return file.lines().contains(PERMIT_AT + hex(token));
    }

    private boolean take(String permit) {
        if (!file.lines().contains(permit)) {
            return false;
        }
        file.keep(lines -> {
            Set<String> left = new LinkedHashSet<>(lines);
            left.remove(permit);
            return left;
        });
        return !file.lines().contains(permit);
    }

    /**
     * Whether the token refused this very PIN.
     *
     * @throws UncheckedIOException when that cannot be known
     */
    public synchronized boolean contains(String token, Optional<Secret> pin) {
        Set<String> lines = file.lines();
        if (!lines.equals(lastLines) || answers.size() > MOST_ANSWERS) {
            answers.clear();
            lastLines = lines;
        }
        String key = HEX.formatHex(slowHash(token, pin, ownSalt, 1));
        Boolean known = answers.get(key);
        if (known == null) {
            known = !entriesOf(lines, token, pin).isEmpty();
            Boolean unused = answers.put(key, known);
        }
        return known;
    }

    /** A hash for each salt: entries of one token have the same one, but for those of older versions. */
    private List<List<String>> entriesOf(Set<String> lines, String token, Optional<Secret> pin) {
        Map<String, byte[]> bySalt = new HashMap<>();
        return hashes(lines, token, PIN, WAS).stream()
                .filter(entry -> MessageDigest.isEqual(
                        octets(entry.get(3)),
                        bySalt.computeIfAbsent(entry.get(2), salt -> slowHash(token, pin, octets(salt), rounds))))
                .toList();
    }

    /** Whether the token refused any PIN of this node since the last one that it accepted. */
    synchronized boolean knows(String token) {
        return !hashes(file.lines(), token, PIN).isEmpty();
    }

    /**
     * Remembers that the token refused this PIN to this node; the entry is on disk when this returns.
     *
     * @return the name by which others hear of it; nothing of the PIN is in it
     */
    synchronized String add(String token, Optional<Secret> pin) {
        String id = HEX.formatHex(salt());
        add(token, pin, id, id);
        return id;
    }

    /** @param name by which this refusal is told to others, if it is */
    private void add(String token, Optional<Secret> pin, String name, String id) {
        byte[] salt = saltOf(token);
        String hash = HEX.formatHex(slowHash(token, pin, salt, rounds));
        String line = PIN + hex(token) + " " + HEX.formatHex(salt) + " " + hash + " " + name;
        file.keep(lines -> {
            Set<String> more = new LinkedHashSet<>(lines);
            more.add(line);
            more.add(HEARD + hex(token) + " " + hex(id));
            dropOldest(more, HEARD + hex(token) + " ", MOST_HEARD);
            return more;
        });
    }

    /** That of the token's last entry, so that one slow hash answers for all of them; another one where that cannot be read. */
    private byte[] saltOf(String token) {
        Set<String> lines;
        try {
            lines = file.lines();
        } catch (UncheckedIOException e) {
            return salt();
        }
        return lines.stream()
                .filter(line -> line.startsWith(PIN + hex(token) + " ") || line.startsWith(WAS + hex(token) + " "))
                .map(line -> line.split(" ", -1)[2])
                .filter(salt -> salt.matches("[0-9a-f]{" + 2 * SALT_BYTES + "}"))
                .reduce((first, second) -> second)
                .map(HEX::parseHex)
                .orElseGet(this::salt);
    }

    /** Remembers that another node met a refusal, and that this node's PIN is as good as refused. */
    synchronized void hear(String token, String id, Optional<Secret> pin) {
        add(token, pin, HEX.formatHex(salt()), id);
    }

    /** Whether a refusal has been acted on: this node's own, or one that another node told of. */
    synchronized boolean heard(String token, String id) {
        return file.lines().contains(HEARD + hex(token) + " " + hex(id));
    }

    /** The name of the last refusal that this node met itself, and still remembers. */
    synchronized Optional<String> lastOwn(String token) {
        Set<String> lines = file.lines();
        return hashes(lines, token, PIN).stream()
                .map(words -> words.get(words.size() == NAMED ? NAMED - 1 : 2))
                .filter(salt -> lines.contains(HEARD + hex(token) + " " + hex(salt)))
                .reduce((first, second) -> second);
    }

    /**
     * An operator's command met a refusal: it is remembered as if the node itself had.
     *
     * @return whether the node will know of it; else this process alone does
     */
    public synchronized boolean refusedToCommand(String token, Optional<Secret> pin) {
        String unused = add(token, pin);
        return file.unwritten() == 0;
    }

    /** The token accepted this very PIN from an operator's command; the node may still have another, which it refused. */
    public synchronized void acceptedByCommand(String token, Optional<Secret> pin) {
        Set<String> known = new LinkedHashSet<>();
        entriesOf(file.lines(), token, pin).forEach(entry -> known.add(String.join(" ", entry)));
        if (!known.isEmpty()) {
            file.keep(lines -> {
                Set<String> left = new LinkedHashSet<>(lines);
                left.removeAll(known);
                return left;
            });
        }
    }

    /**
     * The token accepted the node's PIN. Others that it refused before are still not tried again, but say nothing more of
     * what the token counts.
     */
    synchronized void accepted(String token, Optional<Secret> pin) {
        if (contains(token, pin)) {
            acceptedByCommand(token, pin);
        }
        String own = PIN + hex(token) + " ";
        if (file.lines().stream().anyMatch(line -> line.startsWith(own))) {
            file.keep(lines -> {
                Set<String> left = new LinkedHashSet<>();
                lines.forEach(line -> left.add(line.startsWith(own) ? WAS + line.substring(PIN.length()) : line));
                dropOldest(left, WAS + hex(token) + " ", MOST_WAS);
                return left;
            });
        }
    }

    private static void dropOldest(Set<String> lines, String start, int most) {
        List<String> such =
                lines.stream().filter(line -> line.startsWith(start)).toList();
        such.subList(0, Math.max(0, such.size() - most)).forEach(lines::remove);
    }

    private static String hex(String text) {
        return HEX.formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isOfPin(String line) {
        return line.startsWith(PIN) || line.startsWith(WAS);
    }

    /** UncheckedIOException when there is a damaged one: it may be of the very PIN. */
    private static List<List<String>> hashes(Set<String> lines, String token, String... kinds) {
        List<List<String>> found = new ArrayList<>();
        for (String line : lines) {
            if (Arrays.stream(kinds).noneMatch(line::startsWith)) {
                continue;
            }
            List<String> words = Arrays.asList(line.split(" ", -1));
            if (words.size() != NAMED && words.size() != NAMED - 1) {
                throw damaged();
            }
            if (words.size() == NAMED) {
                byte[] unused = octets(words.get(NAMED - 1));
            }
            if (words.get(1).equals(hex(token))) {
                found.add(words);
            }
        }
        return found;
    }

    private static byte[] octets(String hex) {
        try {
            return HEX.parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw damaged();
        }
    }

    private static UncheckedIOException damaged() {
        return new UncheckedIOException(
                new IOException("a line of " + NAME + " is damaged; \"chancery hsm retry\" removes what was refused"));
    }

    private static byte[] slowHash(String token, Optional<Secret> pin, byte[] salt, int rounds) {
        char[] chars = pin.map(Secret::chars).orElse(new char[0]);
        byte[] both = Arrays.copyOf(salt, salt.length + token.length());
        byte[] name = token.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(name, 0, both, salt.length, name.length);
        PBEKeySpec spec = new PBEKeySpec(chars, both, rounds, HASH_BITS);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has PBKDF2", e);
        } finally {
            spec.clearPassword();
            Arrays.fill(chars, '\0');
        }
    }
}
