package io.chancery.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads a signer's own log: what it has signed, whether or not anybody heard of it. */
final class SignatureLines {
    private SignatureLines() {}

    /** Serial → SHA-256 of every content that was signed under it, in hex. */
    static Map<String, Set<String>> bySerial(Path log) throws IOException {
        Map<String, Set<String>> signed = new TreeMap<>();
        for (String line : lines(log)) {
            String[] words = line.split(" ");
            if (words[1].startsWith("crl:")) {
                continue; // a list of revoked certificates has a number of its own kind
            }
            signed.computeIfAbsent(words[1], serial -> new TreeSet<>()).add(words[2]);
        }
        return signed;
    }

    static List<String> lines(Path log) throws IOException {
        return Files.readAllLines(log, StandardCharsets.US_ASCII);
    }
}
