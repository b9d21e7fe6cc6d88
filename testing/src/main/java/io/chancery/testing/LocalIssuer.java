package io.chancery.testing;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * A small OpenID provider on loopback: discovery, keys, and the two endpoints of the authorization code
 * flow, where the user agrees at once. It misbehaves when it is told to.
 */
public final class LocalIssuer implements AutoCloseable {
    /** How it answers for its keys and for itself. */
    public enum Mood {
        WELL,
        /** Says nothing until it is in another mood. */
        SILENT,
        /** Begins an answer, and never ends it. */
        ENDLESS,
        FAILING,
        GARBAGE,
        HUGE,
        /** Sends whoever asks to where they are. */
        ROUND_AND_ROUND
    }

    private static final String DISCOVERY = "/.well-known/openid-configuration";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "local-issuer");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, String> nonces = new ConcurrentHashMap<>();
    private final AtomicInteger discoveries = new AtomicInteger();
    private final AtomicInteger keySets = new AtomicInteger();
    private volatile List<IssuerKey> keys;
    private volatile Mood mood = Mood.WELL;
    private volatile CountDownLatch moodChanged = new CountDownLatch(1);
    private volatile String cacheControl = "";
    private volatile Map<String, Object> user = Map.of();
    private volatile Map<String, Object> metadata = Map.of();

    private LocalIssuer(HttpServer server, List<IssuerKey> keys) {
        this.server = server;
        this.keys = keys;
    }

    /** Serves when it returns; signs with the first of these keys. */
    public static LocalIssuer start(IssuerKey... keys) throws IOException {
        return start(Optional.empty(), keys);
    }

    /** As above, over HTTPS where there is a context for it. */
    public static LocalIssuer start(Optional<SSLContext> tls, IssuerKey... keys) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer server;
        if (tls.isPresent()) {
            HttpsServer secure = HttpsServer.create(address, 0);
            secure.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
            server = secure;
        } else {
            server = HttpServer.create(address, 0);
        }
        LocalIssuer issuer = new LocalIssuer(server, List.of(keys));
        server.createContext("/", issuer::serve);
        server.setExecutor(issuer.threads);
        server.start();
        return issuer;
    }

    /** {@code iss} of its tokens. */
    public String url() {
        return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:"
                + server.getAddress().getPort();
    }

    /** From now on; the first one signs. */
    public void keys(IssuerKey... now) {
        keys = List.of(now);
    }

    public List<IssuerKey> keys() {
        return keys;
    }

    public IssuerKey key() {
        return keys.get(0);
    }

    public void mood(Mood now) {
        mood = now;
        moodChanged.countDown();
        moodChanged = new CountDownLatch(1);
    }

    /** What comes with the keys. */
    public void cacheControl(String header) {
        cacheControl = header;
    }

    /** What its tokens say of the user that logs in by the authorization code flow. */
    public void user(Map<String, Object> claims) {
        user = Map.copyOf(claims);
    }

    /** What it says of itself besides or instead. */
    public void metadata(Map<String, Object> members) {
        metadata = Map.copyOf(members);
    }

    /** How often it was asked for what it is. */
    public int discoveries() {
        return discoveries.get();
    }

    /** How often it was asked for its keys. */
    public int keySets() {
        return keySets.get();
    }

    /** Claims of a good token, to be changed. */
    public Map<String, Object> claims(String clientId, String subject, long now) {
        return new LinkedHashMap<>(
                Map.of("iss", url(), "aud", clientId, "sub", subject, "iat", now, "exp", now + 600, "azp", clientId));
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.endsWith("/authorize")) {
                authorize(exchange);
            } else if (path.endsWith("/token")) {
                token(exchange);
            } else if (path.endsWith(DISCOVERY)) {
                int unused = discoveries.incrementAndGet();
                moody(exchange, discovery());
            } else if (path.endsWith("/keys")) {
                int unused = keySets.incrementAndGet();
                if (!cacheControl.isEmpty()) {
                    exchange.getResponseHeaders().set("Cache-Control", cacheControl);
                }
                moody(exchange, Map.of("keys", keys.stream().map(IssuerKey::jwk).toList()));
            } else {
                answer(exchange, 404, "{}");
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private Map<String, Object> discovery() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("issuer", url());
        all.put("jwks_uri", url() + "/keys");
        all.put("authorization_endpoint", url() + "/authorize");
        all.put("token_endpoint", url() + "/token");
        all.put("response_types_supported", List.of("code"));
        all.putAll(metadata);
        return all;
    }

    private void moody(HttpExchange exchange, Map<String, Object> wellMeant) throws IOException {
        CountDownLatch change = moodChanged;
        switch (mood) {
            case WELL -> answer(exchange, 200, JSONObjectUtils.toJSONString(wellMeant));
            case FAILING -> answer(exchange, 503, "{}");
            case GARBAGE -> answer(exchange, 200, "<html>not what you want</html>");
            case HUGE -> answer(exchange, 200, "{\"x\":\"" + "x".repeat(4 << 20) + "\"}");
            case ROUND_AND_ROUND -> {
                exchange.getResponseHeaders()
                        .set("Location", exchange.getRequestURI().getPath());
                answer(exchange, 302, "");
            }
            case SILENT -> await(change);
            case ENDLESS -> {
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write("{".getBytes(StandardCharsets.US_ASCII));
                exchange.getResponseBody().flush();
                await(change);
            }
        }
    }

    private static void await(CountDownLatch change) {
        try {
            change.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The user agrees before being asked. */
    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> query = form(exchange.getRequestURI().getRawQuery());
        String code = "code-" + nonces.size();
        nonces.put(code, query.getOrDefault("nonce", "") + " " + query.getOrDefault("client_id", ""));
        exchange.getResponseHeaders()
                .set("Location", query.get("redirect_uri") + "?code=" + code + "&state=" + query.get("state"));
        answer(exchange, 302, "");
    }

    private void token(HttpExchange exchange) throws IOException, GeneralSecurityException {
        Map<String, String> form = form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String[] asked = nonces.getOrDefault(form.get("code"), " ").split(" ", 2);
        Map<String, Object> claims = claims(asked[1], "somebody", System.currentTimeMillis() / 1000);
        claims.put("nonce", asked[0]);
        claims.putAll(user);
        answer(
                exchange,
                200,
                JSONObjectUtils.toJSONString(Map.of(
                        "access_token",
                        "none",
                        "token_type",
                        "Bearer",
                        "expires_in",
                        600,
                        "id_token",
                        key().token(claims))));
    }

    private static Map<String, String> form(String text) {
        Map<String, String> members = new HashMap<>();
        for (String each : text.split("&")) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                members.put(
                        each.substring(0, equals),
                        URLDecoder.decode(each.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return members;
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        moodChanged.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
