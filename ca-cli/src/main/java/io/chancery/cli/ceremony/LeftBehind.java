package io.chancery.cli.ceremony;

import io.chancery.cli.Surroundings;
import io.chancery.cli.WholeFiles;
import io.chancery.cli.ceremony.CeremonyPlan.Authority;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a ceremony leaves if it breaks off now, and how that is removed. It stands in a file of the results from before the
 * first key is made until the ceremony is closed, as nobody can say it after the power has gone; and it is said when the
 * ceremony fails, or the process is told to end. Any thread.
 */
final class LeftBehind implements AutoCloseable {
    static final String FILE = "begin-again.txt";

    private final Path folder;
    private final Surroundings surroundings;
    private final List<Removal> removals = new ArrayList<>();
    private boolean open;

    /** What may be there, and how it goes. */
    private record Removal(String what, String how) {}

    LeftBehind(Path folder, Surroundings surroundings) {
        this.folder = folder.toAbsolutePath();
        this.surroundings = surroundings;
    }

    /** From now on something may be left. */
    synchronized void begin() throws IOException {
        open = true;
        surroundings.end().stopBefore(this);
        write();
    }

    /**
     * A key is about to be made. By its id, too: a key of the same name may be made by a later ceremony, and must not be
     * deleted for this one.
     *
     * @param uri with the new key's object and id
     */
    synchronized void key(String uri) throws IOException {
        String object = Pkcs11Uri.parse(uri).object().orElseThrow();
        removals.add(new Removal(
                "the key " + object,
                "chancery hsm delete --kms " + quoted(uri) + " --confirm " + quoted(object) + " --force"));
        write();
    }

    /** A program is about to copy a token. */
    synchronized void copy(Authority authority, Path tool) throws IOException {
        removals.add(new Removal(
                "the token that " + tool.getFileName() + " has made of that of " + authority.name(),
                "erase it with its maker's tool"));
        write();
    }

    /**
     * Nothing is left any more that should not be; the transcript's end is on the disk, whatever a power cut undoes. Whoever
     * followed the file now would delete the keys of a good ceremony: where it stays all the same, that is said.
     */
    synchronized void closed() {
        open = false;
        try {
            boolean unused = Files.deleteIfExists(folder.resolve(FILE));
            WholeFiles.toDisk(folder);
        } catch (IOException e) {
            if (Files.exists(folder.resolve(FILE))) {
                surroundings.err().println(outlived(folder) + " (" + e + ")");
            }
        }
    }

    /** To be said of a ceremony that was closed, when the file is there: it broke off between that and the file's end. */
    static String outlived(Path folder) {
        return folder.resolve(FILE) + " is of a time before the ceremony was closed: do not follow it, delete it";
    }

    /** Says it, once; nothing when the ceremony was closed, or has not begun. */
    synchronized void tell() {
        if (open) {
            open = false;
            surroundings.err().println();
            lines().forEach(surroundings.err()::println);
            surroundings.err().flush();
        }
    }

    /** The process ends. */
    @Override
    public void close() {
        tell();
    }

    /** As a shell takes it. */
    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private void write() throws IOException {
        WholeFiles.replace(folder.resolve(FILE), String.join("\n", lines()) + "\n");
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("the ceremony broke off, and cannot be resumed; to begin again with the same plan, remove what it has"
                + " made,");
        lines.add("unless the last step in " + Transcript.FILE + " is \"" + Transcript.CLOSING
                + "\": then all was done, and " + FILE + " has outlived it:");
        for (int i = 0; i < removals.size(); i++) {
            Removal removal = removals.get(i);
            boolean last = i == removals.size() - 1; // nobody has seen whether it came to be
            lines.add("  " + removal.what() + (last ? ", if it is there: " : ": ") + removal.how());
        }
        lines.add("  " + (removals.isEmpty() ? "no key was made; " : "") + "shares and copies of tokens in " + folder
                + " are of no more use: destroy the folders NAME-shares and NAME-clone there");
        lines.add(
                "  keep transcript.json there, if there is one: it shows how far the ceremony came. These lines are in "
                        + FILE + " beside it");
        lines.add("then name another folder with --out");
        return lines;
    }
}
