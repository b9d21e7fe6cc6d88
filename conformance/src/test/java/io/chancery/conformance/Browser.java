package io.chancery.conformance;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The unmodified step client with a user at a browser: it prints an address, and whoever sits there goes to it. */
final class Browser {
    private static final long LONGEST_SECONDS = 60;

    private final HttpClient http;
    private final Path trusted;

    /** @param trusted PEM of the CA that vouches for the provider */
    Browser(Path trusted) throws GeneralSecurityException, IOException {
        this.trusted = trusted;
        this.http = HttpClient.newBuilder()
                .sslContext(ApiClient.trusting(trusted))
                .cookieHandler(new CookieManager())
                .followRedirects(HttpClient.Redirect.ALWAYS)
                .build();
    }

    /** Goes to an address as a user does. */
    interface User {
        void visit(URI address) throws IOException, InterruptedException;
    }

    /** Follows where the provider sends, in the end to the client itself; answers the page. */
    String follow(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpRequest asked = request.timeout(Duration.ofSeconds(LONGEST_SECONDS)).build();
        HttpResponse<String> page = http.send(asked, HttpResponse.BodyHandlers.ofString());
        if (page.statusCode() != 200) {
            throw new IOException("status " + page.statusCode() + " at the end of " + asked.uri() + ": " + page.body());
        }
        return page.body();
    }

    /** Runs the client to its end. */
    Commands.Result step(Path folder, User user, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Commands.step()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().put("STEPPATH", folder.resolve("step").toString());
        builder.environment().put("SSL_CERT_FILE", trusted.toString());
        // No browser of this machine is found, whatever it has.
        builder.environment()
                .put(
                        "PATH",
                        Files.createDirectories(folder.resolve("no-programs")).toString());
        Process process = builder.start();
        StringBuilder output = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.append(line).append('\n');
                if (line.strip().startsWith("http")) {
                    user.visit(URI.create(line.strip()));
                }
            }
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("step does not end: " + output);
            }
        } finally {
            process.destroyForcibly();
        }
        return new Commands.Result(process.exitValue(), output.toString());
    }
}
