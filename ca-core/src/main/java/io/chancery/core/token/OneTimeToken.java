package io.chancery.core.token;

import com.nimbusds.jose.JOSEException;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A one-time token as it came: a JWS in compact serialisation (RFC 7515 s. 7.1), read but not yet believed. Only
 * canonical base64url is read: two spellings of one token would be two ids.
 */
public final class OneTimeToken {
    /** Longest token that is read, in characters; real ones have under 2,000. */
    public static final int MAX_LENGTH = 48 * 1024;

    private static final int LONG = 4_096;

    /** Certificates that a header may hold; real chains have two. */
    static final int LONGEST_CHAIN = 10;

    private final String signingInput;
    private final byte[] signature;
    private final TokenAlgorithm algorithm;
    private final String keyId;
    private final TokenClaims claims;
    private final Map<String, @Nullable Object> payload;
    private final Map<String, @Nullable Object> header;

    private OneTimeToken(
            String signingInput,
            byte[] signature,
            TokenAlgorithm algorithm,
            Map<String, @Nullable Object> header,
            Map<String, @Nullable Object> payload) {
        this.signingInput = signingInput;
        this.signature = signature;
        this.algorithm = algorithm;
        this.header = header;
        this.keyId = string(header, "kid");
        this.claims = TokenClaims.of(payload);
        this.payload = payload;
    }

    /**
     * Whether reading one, its audiences and names included, may take over half a millisecond, and belongs on a worker thread:
     * so it is before anything in it is verified. One without certificates in its header is shorter.
     */
    public static boolean mayTakeLong(String text) {
        return text.length() > LONG;
    }

    /** CaException TOKEN_INVALID, hidden, when the text is no such token. */
    public static OneTimeToken parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw invalid("longer than " + MAX_LENGTH + " characters");
        }
        int first = text.indexOf('.');
        int last = text.lastIndexOf('.');
        if (first < 0 || first == last || text.indexOf('.', first + 1) != last) {
            throw invalid("not three parts");
        }
        Map<String, @Nullable Object> header = json(text.substring(0, first));
        Map<String, @Nullable Object> payload = json(text.substring(first + 1, last));
        byte[] signature = decode(text.substring(last + 1));
        if (header.containsKey("crit") || header.containsKey("b64")) {
            throw invalid("a critical header that is not understood"); // RFC 7515 s. 4.1.11
        }
        TokenAlgorithm algorithm = TokenAlgorithm.named(string(header, "alg"))
                .orElseThrow(() -> invalid("an algorithm that is not allowed"));
        return new OneTimeToken(text.substring(0, last), signature, algorithm, header, payload);
    }

    public TokenClaims claims() {
        return claims;
    }

    /** All claims as they came, for templates. */
    public Map<String, @Nullable Object> payload() {
        return Collections.unmodifiableMap(payload);
    }

    /** A claim that is a text, or empty when there is none; CaException TOKEN_INVALID, hidden, when it is something else. */
    public String text(String claim) {
        return string(payload, claim);
    }

    /** The header's {@code kid}, or empty. */
    public String keyId() {
        return keyId;
    }

    /** A header that holds certificates. */
    public enum Chain {
        /** RFC 7515 s. 4.1.6. */
        X5C("x5c"),
        /** step's own, of renew tokens. */
        INSECURE("x5cInsecure");

        private final String header;

        Chain(String header) {
            this.header = header;
        }
    }

    /**
     * The certificates in a header, as DER, the signer's first; not looked at yet.
     *
     * @throws CaException TOKEN_INVALID, hidden, when there are none, or it is no list of at most {@value #LONGEST_CHAIN}
     */
    public List<Der> chain(Chain where) {
        if (!(header.get(where.header) instanceof List<?> list) || list.size() > LONGEST_CHAIN) {
            throw invalid(where.header + " is not a list of at most " + LONGEST_CHAIN + " certificates");
        }
        List<Der> certificates = new ArrayList<>();
        for (Object one : list) {
            if (!(one instanceof String text)) {
                throw invalid(where.header + " holds something that is not a string");
            }
            try {
                certificates.add(Der.of(Base64.getDecoder().decode(text))); // RFC 7515 s. 4.1.6: not base64url
            } catch (IllegalArgumentException e) {
                throw invalid(where.header + " holds something that is not base64");
            }
        }
        return certificates;
    }

    /**
     * SHA-256 of the token's id: its {@code jti} as it is, else the hash of header and payload as received. The signature
     * is left out, as an ECDSA signature has a twin (s → n−s).
     */
    public Sha256 useKey() {
        return useKey(claims.tokenId());
    }

    /** As {@link #useKey()}, where another claim than {@code jti} is the id; empty for none. */
    public Sha256 useKey(String id) {
        String known = id.isEmpty()
                ? Sha256.digest(signingInput.getBytes(StandardCharsets.US_ASCII))
                        .hex()
                : id;
        return Sha256.digest(known.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the key made the signature. The key decides which algorithms it may be used with. */
    public boolean signedBy(PublicKey key, PublicKeys keys) {
        if (!algorithm.fits(key)) {
            return false;
        }
        try {
            return keys.verify(
                    algorithm.check(),
                    key,
                    signingInput.getBytes(StandardCharsets.US_ASCII),
                    algorithm.jcaSignature(signature));
        } catch (JOSEException e) {
            return false;
        }
    }

    private static Map<String, @Nullable Object> json(String part) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decode(part)))
                    .toString();
            if (Json.parse(text) instanceof Map<?, ?> map) {
                @SuppressWarnings("unchecked") // JSON objects have string keys
                Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) map;
                return members;
            }
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw invalid("a part that is not JSON");
        }
        throw invalid("a part that is not a JSON object");
    }

    private static byte[] decode(String part) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
                throw invalid("base64url that is not canonical");
            }
            return bytes;
        } catch (IllegalArgumentException e) {
            throw invalid("a part that is not base64url");
        }
    }

    private static String string(Map<String, @Nullable Object> object, String name) {
        Object value = object.get(name);
        if (value == null || value instanceof String) {
            return value == null ? "" : (String) value;
        }
        throw invalid(name + " is not a string");
    }

    static CaException invalid(String reason) {
        return CaException.hidden(ErrorCode.TOKEN_INVALID, "token: " + reason);
    }

    /** Never the token. */
    @Override
    public String toString() {
        return "OneTimeToken[use=" + useKey() + "]";
    }
}
