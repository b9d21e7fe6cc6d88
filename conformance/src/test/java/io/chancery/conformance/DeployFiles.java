package io.chancery.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The files of {@code cluster-config/deploy}, and copies of them that fit this machine. */
final class DeployFiles {
    private DeployFiles() {}

    static Path folder() {
        return Path.of(System.getProperty("chancery.home"), "cluster-config/deploy");
    }

    static String text(String file) throws IOException {
        return StepPki.text(folder().resolve(file));
    }

    /**
     * Writes a copy with texts replaced. Each must be there: or the test would run something else than what is shipped.
     */
    static Path copy(String file, Path to, Map<String, String> replaced) throws IOException {
        String text = text(file);
        for (Map.Entry<String, String> each : replaced.entrySet()) {
            if (!text.contains(each.getKey())) {
                throw new AssertionError(file + " does not contain " + each.getKey());
            }
            text = text.replace(each.getKey(), each.getValue());
        }
        return Files.writeString(to, text, StandardCharsets.UTF_8);
    }

    /** Ports that are free on every address of this machine. */
    static int[] freePorts(int count) {
        int[] ports = new int[count];
        Set<ServerSocket> sockets = new HashSet<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0);
                sockets.add(socket);
                ports[i] = socket.getLocalPort();
            }
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ports;
    }
}
