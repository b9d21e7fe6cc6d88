package io.chancery.conformance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Sends requests byte for byte as they are written, also such as a well-behaved HTTP client would not send. */
final class StepCaPeerClient {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int LONG_BODY = 60_000;
    private static final int TRIES = 5;

    private final TrustManager[] trusted;

    StepCaPeerClient(Path root) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(root)) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        trusted = trust.getTrustManagers();
    }

    private SSLContext context(Optional<StepCaPeerIdentity> shown) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManager[] own =
                shown.map(identity -> new KeyManager[] {identity.keyManager()}).orElse(null);
        context.init(own, trusted, null);
        return context;
    }

    /** A server that refuses a body for its length may hang up while it is still being written: then it is asked again. */
    StepCaPeerAnswer send(int port, StepCaPeerRequest request) throws IOException, GeneralSecurityException {
        for (int left = request.body().length() > LONG_BODY ? TRIES : 1; ; left--) {
            try {
                return sendOnce(port, request);
            } catch (SocketException e) {
                if (left == 1) {
                    throw e;
                }
            }
        }
    }

    private StepCaPeerAnswer sendOnce(int port, StepCaPeerRequest request)
            throws IOException, GeneralSecurityException {
        byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder();
        head.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\n");
        head.append("Host: localhost\r\nConnection: close\r\n");
        if ((body.length > 0 || request.method().equals("POST"))
                && !request.headers().containsKey("Transfer-Encoding")) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        request.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        head.append("\r\n");
        try (SSLSocket socket =
                (SSLSocket) context(request.shown()).getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            // Else the request waits for the acknowledgement of the handshake's end, which may be 40 ms away.
            socket.setTcpNoDelay(true);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(head.toString().getBytes(StandardCharsets.UTF_8));
            all.write(body);
            socket.getOutputStream().write(all.toByteArray());
            socket.getOutputStream().flush();
            return answer(socket.getInputStream().readAllBytes());
        } catch (SSLException | SocketException e) {
            // One that cannot be reached, or is silent for too long, has refused nothing.
            if (request.shown().isEmpty() || e instanceof ConnectException) {
                throw e;
            }
            // By TLS, each implementation in its own words and at its own moment, so that the connection may be gone
            // first.
            return new StepCaPeerAnswer(0, Map.of(), "the certificate is refused in the handshake");
        }
    }

    /** The one that the server shows in its handshake. */
    X509Certificate serverCertificate(int port) throws IOException, GeneralSecurityException {
        try (SSLSocket socket =
                (SSLSocket) context(Optional.empty()).getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static StepCaPeerAnswer answer(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return new StepCaPeerAnswer(0, Map.of(), "no answer: " + text);
        }
        String[] lines = text.substring(0, end).split("\r\n");
        Map<String, String> headers = new LinkedHashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.put(
                    lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip());
        }
        String body = text.substring(end + 4);
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            body = dechunked(body);
        }
        return new StepCaPeerAnswer(
                Integer.parseInt(lines[0].split(" ")[1]),
                headers,
                new String(body.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }

    private static String dechunked(String body) {
        StringBuilder whole = new StringBuilder();
        int at = 0;
        while (at < body.length()) {
            int line = body.indexOf("\r\n", at);
            int length = Integer.parseInt(body.substring(at, line), 16);
            if (length == 0) {
                break;
            }
            whole.append(body, line + 2, line + 2 + length);
            at = line + 2 + length + 2;
        }
        return whole.toString();
    }
}
