package io.chancery.signer.key;

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
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines in a file that its owner alone reads, changed as a whole and on disk when a change returns; what cannot be written
 * this process remembers. Lines that begin with # are for people. Blocks; any thread, and any number of processes.
 */
final class OwnersFile {
    static final FileAttribute<Set<PosixFilePermission>> OF_ITS_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Logger LOG = LoggerFactory.getLogger(OwnersFile.class);
    private static final String OWNER = "unix:uid";
    private static final int ROOT = 0;
    private static final Map<Path, Memory> NOT_WRITTEN = new ConcurrentHashMap<>();

    private final Optional<Path> file;
    private final String header;
    private final Memory memory;

    /** What could not be written, for all of this process that have the file: each line is in one of both. */
    private static final class Memory {
        private volatile Set<String> lines = Set.of();
    }

    private OwnersFile(Optional<Path> file, String header, Memory memory) {
        this.file = file;
        this.header = header;
        this.memory = memory;
    }

    /** @param header begins with #, for who opens the file */
    static OwnersFile at(Path file, String header) {
        return new OwnersFile(
                Optional.of(file), header, NOT_WRITTEN.computeIfAbsent(file.toAbsolutePath(), made -> new Memory()));
    }

    /** Without a file: for this process, and for whoever has this object. */
    static OwnersFile inMemory() {
        return new OwnersFile(Optional.empty(), "", new Memory());
    }

    /** A file of the same name with that behind it, if there is a file. */
    Optional<Path> beside(String suffix) {
        return file.map(path -> path.resolveSibling(path.getFileName() + suffix));
    }

    /** How many lines stand in no file. Never waits. */
    int unwritten() {
        return memory.lines.size();
    }

    /** UncheckedIOException when the file is there and cannot be read, or it cannot be seen whether it is. */
    Set<String> lines() {
        Set<String> lines = new LinkedHashSet<>(memory.lines);
        try {
            if (file.isPresent()) {
                lines.addAll(Files.readAllLines(file.get()));
            }
        } catch (NoSuchFileException e) {
            // It has none. Asked beforehand, Files.exists would say no as well where nobody may look.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lines.removeIf(line -> line.isBlank() || line.startsWith("#"));
        return lines;
    }

    /** Changes them, here at least where the file cannot be written. */
    void keep(UnaryOperator<Set<String>> change) {
        try {
            change(change, false);
        } catch (IOException | UncheckedIOException e) {
            LOG.atError()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", e.toString())
                    .log("a file of this node cannot be written");
            synchronized (OwnersFile.class) {
                memory.lines = change.apply(memory.lines);
            }
        }
    }

    /** Changes them by an operator's command; IOException, and nothing is changed, when the file cannot be written. */
    void change(UnaryOperator<Set<String>> change) throws IOException {
        change(change, true);
    }

    private void change(UnaryOperator<Set<String>> change, boolean byCommand) throws IOException {
        if (file.isEmpty()) {
            memory.lines = change.apply(memory.lines);
            return;
        }
        Path path = file.get();
        synchronized (OwnersFile.class) { // a lock on a file is the whole process's
            Path locked = path.resolveSibling(path.getFileName() + ".lock");
            try (FileChannel lock = FileChannel.open(
                            locked, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OF_ITS_OWNER);
                    FileLock held = lock.lock()) {
                giveToReader(locked, path, byCommand);
                write(path, change.apply(lines()), byCommand);
                memory.lines = Set.of();
                LOG.atTrace().log("{}", held);
            }
        }
    }

    /** Gives a file beside this one, which root may have made, to whom this one belongs; where that fails, whoever cannot open it tells so. */
    void giveToReader(Path beside) {
        if (file.isPresent()) {
            try {
                giveToReader(beside, file.get(), true);
            } catch (IOException e) {
                LOG.atDebug().addKeyValue("reason", e.toString()).log("a file of this node keeps the owner root");
            }
        }
    }

    /** What root writes by command, the signer's user must be able to read; the service itself does without. */
    private static void giveToReader(Path made, Path old, boolean byCommand) throws IOException {
        try {
            Path folder = made.toAbsolutePath().getParent();
            OptionalInt before = Files.exists(old) ? OptionalInt.of(owner(old)) : OptionalInt.empty();
            OptionalInt reader = reader(owner(made), owner(folder == null ? made : folder), before);
            if (reader.isPresent()) {
                Path unused = Files.setAttribute(made, OWNER, reader.getAsInt());
            }
        } catch (IOException e) {
            if (byCommand) {
                throw e;
            }
            LOG.atWarn().addKeyValue("reason", e.toString()).log("a file of this node keeps the owner root");
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

    private void write(Path path, Set<String> lines, boolean byCommand) throws IOException {
        Path next = path.resolveSibling(path.getFileName() + ".next");
        boolean unused = Files.deleteIfExists(next);
        String text = header + "\n" + String.join("\n", lines) + "\n";
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
