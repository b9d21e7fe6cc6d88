package io.chancery.signer.key;

import io.chancery.core.der.Sha256;
import io.chancery.core.secret.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which PINs tokens refused, in a file that its owner alone reads: a process that is started again must not try one of
 * them again, or a supervisor would lock the token. PINs stand there as salted slow hashes. Where the file cannot be
 * written, this process at least remembers. Blocks, for a tenth of a second when it compares a PIN; any thread, and any
 * number of processes.
 * Where it cannot be read, asking fails with UncheckedIOException: it may hold the very PIN.
 */
public final class RefusedPins {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedPins.class);
    private static final HexFormat HEX = HexFormat.of();
    private static final String NAME = "refused-pins";
    /** To log in to whichever token somebody else gave a wrong PIN. */
    private static final String PERMIT = "retry";
    /** Before a token whose refusals were forgotten: to log in to it. */
    private static final String PERMIT_AT = "retry ";
    /** Before token, salt and hash. */
    private static final String PIN = "pin ";
    /** As {@link #PIN}, of one that was refused before another one was accepted. */
    private static final String WAS = "was ";
    /** More are forgotten, oldest first: each costs a comparison. */
    private static final int MOST_WAS = 4;
    /** More are forgotten, oldest first: the grid tells of a refusal for a day. */
    private static final int MOST_HEARD = 32;
    /** Before token and name of a refusal, which is the salt of the one who met it. */
    private static final String HEARD = "heard ";

    private static final String OWNER = "unix:uid";
    private static final int ROOT = 0;
    private static final int ROUNDS = 100_000;
    private static final int HASH_BITS = 256;
    private static final int SALT_BYTES = 16;
    static final FileAttribute<Set<PosixFilePermission>> OF_ITS_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Optional<Path> file;
    private final Optional<SecureRandom> random;
    private final Memory memory;
    /** The last comparison: PBKDF2 again each second would take a tenth of a core. */
    private byte[] lastKey = new byte[0];

    private Set<String> lastLines = Set.of();
    private boolean lastAnswer;
    private final byte[] ownSalt;

    /** What could not be written, for all keys of this process that the file is for: each line is in one of both. */
    private static final class Memory {
        private volatile Set<String> lines = Set.of();
    }

    private static final Map<Path, Memory> NOT_WRITTEN = new ConcurrentHashMap<>();

    private RefusedPins(Optional<Path> file, Optional<SecureRandom> random) {
        this.file = file;
        this.random = random;
        this.memory = file.map(Path::toAbsolutePath)
                .map(path -> NOT_WRITTEN.computeIfAbsent(path, made -> new Memory()))
                .orElseGet(Memory::new);
        this.ownSalt = salt();
    }

    /** In memory alone it need not be random: whoever reads that has the PIN itself. */
    private byte[] salt() {
        byte[] salt = new byte[SALT_BYTES];
        random.ifPresentOrElse(source -> source.nextBytes(salt), () -> salt[0] = (byte) memory.lines.size());
        return salt;
    }

    /** Those of the node whose data are in the folder. */
    public static RefusedPins in(Path folder, SecureRandom random) {
        return new RefusedPins(Optional.of(folder.resolve(NAME)), Optional.of(random));
    }

    /** This node's turn at the token, as {@link NodeTurn#take}; from the look for a refusal to the token's answer. */
    NodeTurn turn(String token, Duration patience) {
        if (file.isEmpty()) {
            return NodeTurn.alone();
        }
        String name =
                Sha256.digest(token.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
        Path shared = file.get().resolveSibling(NAME + ".turn-" + name);
        NodeTurn taken = NodeTurn.take(shared, patience);
        if (taken.isOfFile()) {
            try {
                giveToReader(shared, file.get());
            } catch (IOException e) {
                // Whoever cannot open it tells so.
                LOG.atDebug().addKeyValue("reason", e.toString()).log("the file of turns keeps the owner root");
            }
        }
        return taken;
    }

    /**
     * Runs what a command does with a PIN while no other process of the node is at the token. Blocks for the patience and as
     * long as the work does.
     *
     * @return empty, with nothing done, when another one is there for longer than the patience
     */
    public <T> Optional<T> inTurn(String token, Duration patience, Supplier<T> work) {
        NodeTurn mine;
        try {
            mine = turn(token, patience);
        } catch (SigningKeyException e) {
            return Optional.empty();
        }
        try {
            return Optional.of(work.get());
        } finally {
            mine.close();
        }
    }

    /** For a process that does not come back by itself. */
    static RefusedPins ofThisProcess() {
        return new RefusedPins(Optional.empty(), Optional.empty());
    }

    /**
     * Allows one more login to each token that has refused a PIN, and to one of which somebody else did: an operator's word.
     *
     * @return how many refused PINs were forgotten
     * @throws IOException when the file cannot be written: nothing is allowed then
     */
    public synchronized int permitRetry() throws IOException {
        int before = (int) lines().stream().filter(RefusedPins::isOfPin).count();
        change(
                lines -> {
                    Set<String> left = new LinkedHashSet<>(lines);
                    left.removeIf(RefusedPins::isOfPin);
                    lines.stream()
                            .filter(line -> line.startsWith(PIN))
                            .forEach(line -> left.add(PERMIT_AT + line.split(" ", -1)[1]));
                    left.add(PERMIT);
                    return left;
                },
                true);
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

    private boolean take(String permit) {
        if (!lines().contains(permit)) {
            return false;
        }
        keep(lines -> {
            Set<String> left = new LinkedHashSet<>(lines);
            left.remove(permit);
            return left;
        });
        return !lines().contains(permit);
    }

    /**
     * Whether the token refused this very PIN.
     *
     * @throws UncheckedIOException when that cannot be known
     */
    public synchronized boolean contains(String token, Optional<Secret> pin) {
        Set<String> lines = lines();
        byte[] key = slowHash(token, pin, ownSalt, 1);
        if (!lines.equals(lastLines) || !MessageDigest.isEqual(key, lastKey)) {
            lastAnswer = hashes(lines, token, PIN, WAS).stream().anyMatch(entry -> isOf(pin, token, entry));
            lastLines = lines;
            lastKey = key;
        }
        return lastAnswer;
    }

    private static boolean isOf(Optional<Secret> pin, String token, List<String> entry) {
        return MessageDigest.isEqual(octets(entry.get(3)), slowHash(token, pin, octets(entry.get(2)), ROUNDS));
    }

    /** Whether the token refused any PIN of this node since the last one that it accepted. */
    synchronized boolean knows(String token) {
        return !hashes(lines(), token, PIN).isEmpty();
    }

    /**
     * Remembers that the token refused this PIN to this node; the entry is on disk when this returns.
     *
     * @return the name by which others hear of it; nothing of the PIN is in it
     */
    synchronized String add(String token, Optional<Secret> pin) {
        byte[] salt = salt();
        String id = HEX.formatHex(salt);
        add(token, pin, salt, id);
        return id;
    }

    private void add(String token, Optional<Secret> pin, byte[] salt, String id) {
        String line =
                PIN + hex(token) + " " + HEX.formatHex(salt) + " " + HEX.formatHex(slowHash(token, pin, salt, ROUNDS));
        keep(lines -> {
            Set<String> more = new LinkedHashSet<>(lines);
            more.add(line);
            more.add(HEARD + hex(token) + " " + hex(id));
            dropOldest(more, HEARD + hex(token) + " ", MOST_HEARD);
            return more;
        });
    }

    /** Remembers that another node met a refusal, and that this node's PIN is as good as refused. */
    synchronized void hear(String token, String id, Optional<Secret> pin) {
        add(token, pin, salt(), id);
    }

    /** Whether a refusal has been acted on: this node's own, or one that another node told of. */
    synchronized boolean heard(String token, String id) {
        return lines().contains(HEARD + hex(token) + " " + hex(id));
    }

    /** The name of the last refusal that this node met itself, and still remembers. */
    synchronized Optional<String> lastOwn(String token) {
        Set<String> lines = lines();
        return hashes(lines, token, PIN).stream()
                .map(words -> words.get(2))
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
        return memory.lines.isEmpty();
    }

    /** The token accepted this very PIN from an operator's command; the node may still have another, which it refused. */
    public synchronized void acceptedByCommand(String token, Optional<Secret> pin) {
        Set<String> known = new LinkedHashSet<>();
        hashes(lines(), token, PIN, WAS).stream()
                .filter(entry -> isOf(pin, token, entry))
                .forEach(entry -> known.add(String.join(" ", entry)));
        if (!known.isEmpty()) {
            keep(lines -> {
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
        if (lines().stream().anyMatch(line -> line.startsWith(own))) {
            keep(lines -> {
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
            if (words.size() != 4) {
                throw damaged();
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

    private Set<String> lines() {
        Set<String> lines = new LinkedHashSet<>(memory.lines);
        try {
            if (file.isPresent()) {
                lines.addAll(Files.readAllLines(file.get()));
            }
        } catch (NoSuchFileException e) {
            // None was refused. Asked beforehand, Files.exists would say no as well where nobody may look.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lines.removeIf(line -> line.isBlank() || line.startsWith("#"));
        return lines;
    }

    private void keep(UnaryOperator<Set<String>> change) {
        try {
            change(change, false);
        } catch (IOException | UncheckedIOException e) {
            LOG.atError().addKeyValue("reason", e.toString()).log("the refused PINs cannot be written");
            synchronized (RefusedPins.class) {
                memory.lines = change.apply(memory.lines);
            }
        }
    }

    private void change(UnaryOperator<Set<String>> change, boolean byCommand) throws IOException {
        if (file.isEmpty()) {
            memory.lines = change.apply(memory.lines);
            return;
        }
        Path path = file.get();
        synchronized (RefusedPins.class) { // a lock on a file is the whole process's
            try (FileChannel lock = FileChannel.open(
                            path.resolveSibling(NAME + ".lock"),
                            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                            OF_ITS_OWNER);
                    FileLock held = lock.lock()) {
                giveToReader(path.resolveSibling(NAME + ".lock"), path, byCommand);
                write(path, change.apply(lines()), byCommand);
                memory.lines = Set.of();
                LOG.atTrace().log("{}", held);
            }
        }
    }

    /** What root writes by command, the signer's user must be able to read; the service itself does without. */
    private static void giveToReader(Path made, Path old, boolean byCommand) throws IOException {
        try {
            giveToReader(made, old);
        } catch (IOException e) {
            if (byCommand) {
                throw e;
            }
            LOG.atWarn().addKeyValue("reason", e.toString()).log("the refused PINs' file keeps the owner root");
        }
    }

    private static void giveToReader(Path made, Path old) throws IOException {
        Path folder = made.toAbsolutePath().getParent();
        OptionalInt before = Files.exists(old) ? OptionalInt.of(owner(old)) : OptionalInt.empty();
        OptionalInt reader = reader(owner(made), owner(folder == null ? made : folder), before);
        if (reader.isPresent()) {
            Path unused = Files.setAttribute(made, OWNER, reader.getAsInt());
        }
    }

    private static int owner(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, OWNER);
    }

    /**
     * Whom a file has to be given to: root's alone may be given away, and need be where somebody else works.
     *
     * @param made the owner of the file just made, as the others a number
     * @param old the owner of the file whose place it takes, if there is one
     */
    static OptionalInt reader(int made, int folder, OptionalInt old) {
        if (made != ROOT) {
            return OptionalInt.empty();
        }
        if (folder != ROOT) {
            return OptionalInt.of(folder);
        }
        return old.isPresent() && old.getAsInt() != ROOT ? old : OptionalInt.empty();
    }

    private static void write(Path path, Set<String> lines, boolean byCommand) throws IOException {
        Path next = path.resolveSibling(NAME + ".next");
        boolean unused = Files.deleteIfExists(next);
        String text = "# PINs that a token refused, as hashes; \"chancery hsm retry\" allows one more login\n"
                + String.join("\n", lines) + "\n";
        try (FileChannel channel =
                FileChannel.open(next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OF_ITS_OWNER)) {
            var bytes = java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                int written = channel.write(bytes);
                LOG.atTrace().log("{} bytes", written);
            }
            channel.force(true);
        }
        giveToReader(next, path, byCommand);
        Path moved = Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(moved.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
