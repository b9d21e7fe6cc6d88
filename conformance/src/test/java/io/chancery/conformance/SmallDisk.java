package io.chancery.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file system of a test's own, in memory, that can be made full. Its name holds this process's id, so that what a
 * killed test has left is known as such and removed by the next.
 */
final class SmallDisk implements AutoCloseable {
    private static final Pattern MOUNTED = Pattern.compile("(?m) (/\\S*/chancery-disk-(\\d+)) ");
    private static final String SIZE = "size=4g";
    private static final int MOST_TRIES = 20;

    private final Path commands;
    private final Path folder;
    private final Thread closing = new Thread(this::remove, "disk-removal");

    private SmallDisk(Path commands, Path folder) {
        this.commands = commands;
        this.folder = folder;
    }

    /**
     * @param commands a folder for what commands print
     * @return empty where this process may not mount
     */
    static Optional<SmallDisk> mount(Path commands) throws IOException, InterruptedException {
        removeLeftovers(commands);
        Path folder = Files.createDirectory(Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("chancery-disk-" + ProcessHandle.current().pid()));
        SmallDisk disk = new SmallDisk(commands, folder);
        Commands.Result mounted = Commands.run(
                commands, Map.of(), "mount", "-t", "tmpfs", "-o", SIZE + ",mode=755", "chancery", folder.toString());
        if (mounted.exitCode() != 0) {
            Files.delete(folder);
            return Optional.empty();
        }
        Runtime.getRuntime().addShutdownHook(disk.closing);
        return Optional.of(disk);
    }

    Path folder() {
        return folder;
    }

    /** From now on it has room for what is there and nothing more; a server may write while that is looked up. */
    void fill() throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            Commands.Result made = remount("size=" + used());
            if (made.exitCode() == 0 || tries == MOST_TRIES) {
                Commands.Result unused = made.succeeded();
                return;
            }
        }
    }

    private String used() throws IOException, InterruptedException {
        return Commands.run(commands, Map.of(), "df", "--block-size=1", "--output=used", folder.toString())
                .succeeded()
                .output()
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow()
                .strip();
    }

    void makeRoom() throws IOException, InterruptedException {
        Commands.Result unused = remount(SIZE).succeeded();
    }

    private Commands.Result remount(String size) throws IOException, InterruptedException {
        return Commands.run(commands, Map.of(), "mount", "-o", "remount," + size, folder.toString());
    }

    @Override
    public void close() {
        remove();
        boolean unused = Runtime.getRuntime().removeShutdownHook(closing);
    }

    private void remove() {
        try {
            unmount(folder);
        } catch (IOException e) {
            System.out.println("not removed: " + folder + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void unmount(Path folder) throws IOException, InterruptedException {
        // Lazily: a server that is being killed may be there still.
        int unused = new ProcessBuilder("umount", "--lazy", folder.toString())
                .inheritIO()
                .start()
                .waitFor();
        boolean unusedThere = Files.deleteIfExists(folder);
    }

    private static void removeLeftovers(Path commands) throws IOException, InterruptedException {
        Matcher mounted = MOUNTED.matcher(
                Commands.run(commands, Map.of(), "cat", "/proc/mounts").output());
        while (mounted.find()) {
            if (ProcessHandle.of(Long.parseLong(mounted.group(2))).isEmpty()) {
                unmount(Path.of(mounted.group(1)));
            }
        }
    }
}
