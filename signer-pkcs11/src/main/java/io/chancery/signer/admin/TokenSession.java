package io.chancery.signer.admin;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import sun.security.pkcs11.wrapper.CK_ATTRIBUTE;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/**
 * An open session with one token, logged in when a PIN was given. Unlike a key store it shows keys that have no
 * certificate. One thread at a time; every call blocks, and fails with HsmException in words for the operator.
 */
public final class TokenSession implements AutoCloseable {
    private final HsmModule module;
    private final TokenState token;
    private final CryptokiSession session;
    private final boolean loggedIn;

    private TokenSession(HsmModule module, TokenState token, CryptokiSession session, boolean loggedIn) {
        this.module = module;
        this.token = token;
        this.session = session;
        this.loggedIn = loggedIn;
    }

    /**
     * Opens the URI's token for reading and writing. A PIN is tried once.
     *
     * @throws HsmException PIN_REFUSED, or one try is left; MISCONFIGURED; LOST
     */
    public static TokenSession open(Pkcs11Uri uri, Optional<Secret> pin) {
        return open(uri, pin, true);
    }

    /** As above, in a process that goes on signing: the login, which belongs to the whole process, stays. */
    static TokenSession openBesideSigner(Pkcs11Uri uri, Optional<Secret> pin) {
        return open(uri, pin, false);
    }

    private static TokenSession open(Pkcs11Uri uri, Optional<Secret> pin, boolean ownLogin) {
        HsmModule module = HsmModule.open(uri.modulePath());
        TokenState token = module.token(uri);
        CryptokiSession session =
                CryptokiSession.open(module.library(), token.slot().id(), !token.writeProtected());
        try {
            boolean loggedIn = false;
            if (pin.isPresent()) {
                token.refuseWhenPinIsAtStake();
                loggedIn = !session.login(CryptokiSession.USER, pin.get()) && ownLogin;
            }
            return new TokenSession(module, token, session, loggedIn);
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** As it was when the session was opened. */
    public TokenState token() {
        return token;
    }

    public HsmModule module() {
        return module;
    }

    CryptokiSession session() {
        return session;
    }

    /** HsmException MISCONFIGURED when the token has no mechanism for such signatures, whatever the key. */
    public void refuseUnable(SignatureScheme scheme) {
        List<String> signing = module.mechanismsTo("sign", token.slot().id());
        for (NeededMechanism needed : NeededMechanism.values()) {
            if (needed.isFor(scheme) && !needed.isAmong(signing)) {
                throw HsmException.misconfigured("the token " + token.slot().label() + " cannot sign with "
                        + scheme.text() + ": it lacks " + needed.mechanism()
                        + ". Choose another signature algorithm, or enable the mechanism");
            }
        }
    }

    /** Changes the user's PIN; the old one is tried once. */
    public void changePin(Secret oldPin, Secret newPin) {
        token.refuseWhenPinIsAtStake();
        PinRules.check(newPin);
        session.setPin(oldPin, newPin);
    }

    /** All objects that the login shows. */
    public List<TokenObject> objects() {
        List<TokenObject> objects = new ArrayList<>();
        for (long handle : session.find(new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, true))) {
            objects.add(object(handle));
        }
        return objects;
    }

    private TokenObject object(long handle) {
        TokenObject.Kind kind = kind(handle);
        return new TokenObject(
                handle,
                kind,
                session.octets(handle, PKCS11Constants.CKA_LABEL)
                        .map(octets -> new String(octets, StandardCharsets.UTF_8))
                        .orElse(""),
                id(handle),
                detail(handle, kind),
                kind == TokenObject.Kind.PRIVATE_KEY
                        ? Optional.of(KeyAttributes.of(type -> session.flag(handle, type)))
                        : Optional.empty());
    }

    private TokenObject.Kind kind(long handle) {
        long kind = session.number(handle, PKCS11Constants.CKA_CLASS).orElse(-1L);
        if (kind == PKCS11Constants.CKO_PRIVATE_KEY) {
            return TokenObject.Kind.PRIVATE_KEY;
        }
        if (kind == PKCS11Constants.CKO_PUBLIC_KEY) {
            return TokenObject.Kind.PUBLIC_KEY;
        }
        if (kind == PKCS11Constants.CKO_CERTIFICATE) {
            return TokenObject.Kind.CERTIFICATE;
        }
        return kind == PKCS11Constants.CKO_SECRET_KEY ? TokenObject.Kind.SECRET_KEY : TokenObject.Kind.OTHER;
    }

    private Der id(long handle) {
        return Der.of(session.octets(handle, PKCS11Constants.CKA_ID).orElse(new byte[0]));
    }

    private String detail(long handle, TokenObject.Kind kind) {
        return switch (kind) {
            case CERTIFICATE ->
                CertificateObjects.read(session, handle)
                        .map(certificate ->
                                certificate.getSubjectX500Principal().getName())
                        .orElse("not an X.509 certificate");
            case PUBLIC_KEY ->
                PublicKeyObjects.read(session, handle)
                        .map(PublicKeyObjects::describe)
                        .orElse("of a type not known here");
            case PRIVATE_KEY ->
                publicKey(handle).map(PublicKeyObjects::describe).orElse("without its public key");
            case SECRET_KEY, OTHER -> "";
        };
    }

    /** Of a private key: from itself, from the public key with its id, or from the certificate with its id. */
    Optional<PublicKey> publicKey(long privateKey) {
        Optional<PublicKey> own = PublicKeyObjects.read(session, privateKey);
        if (own.isPresent()) {
            return own;
        }
        Der id = id(privateKey);
        for (long other : find(PKCS11Constants.CKO_PUBLIC_KEY, id)) {
            Optional<PublicKey> found = PublicKeyObjects.read(session, other);
            if (found.isPresent()) {
                return found;
            }
        }
        return certificates(id).stream().findFirst().map(X509Certificate::getPublicKey);
    }

    long[] find(long objectClass, Der id) {
        return session.find(
                new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, true),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_CLASS, objectClass),
                new CK_ATTRIBUTE(PKCS11Constants.CKA_ID, id.bytes()));
    }

    /** The certificates with a key's CKA_ID. */
    public List<X509Certificate> certificates(Der id) {
        List<X509Certificate> found = new ArrayList<>();
        for (long handle : find(PKCS11Constants.CKO_CERTIFICATE, id)) {
            CertificateObjects.read(session, handle).ifPresent(found::add);
        }
        return found;
    }

    /** Every private key that the URI's object and id fit; all of them when it names neither. */
    public List<ManagedKey> keys(Pkcs11Uri uri) {
        List<CK_ATTRIBUTE> wanted = new ArrayList<>();
        wanted.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_TOKEN, true));
        wanted.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_CLASS, PKCS11Constants.CKO_PRIVATE_KEY));
        uri.object()
                .ifPresent(label -> wanted.add(
                        new CK_ATTRIBUTE(PKCS11Constants.CKA_LABEL, label.getBytes(StandardCharsets.UTF_8))));
        uri.id().ifPresent(id -> wanted.add(new CK_ATTRIBUTE(PKCS11Constants.CKA_ID, id.bytes())));
        return Arrays.stream(session.find(wanted.toArray(CK_ATTRIBUTE[]::new)))
                .mapToObj(handle -> new ManagedKey(this, object(handle), publicKey(handle)))
                .toList();
    }

    /** The one private key that the URI means; HsmException MISCONFIGURED says which there are. */
    public ManagedKey key(Pkcs11Uri uri) {
        if (uri.object().isEmpty() && uri.id().isEmpty()) {
            throw HsmException.misconfigured("which key? Name it in the URI by object, id or both; " + present());
        }
        List<ManagedKey> fitting = keys(uri);
        if (fitting.isEmpty()) {
            throw HsmException.misconfigured("no private key fits " + uri + "; " + present());
        }
        if (fitting.size() > 1) {
            throw HsmException.misconfigured(
                    fitting.size() + " private keys fit " + uri + "; name one by object and id: " + named(fitting));
        }
        return fitting.get(0);
    }

    private String present() {
        List<ManagedKey> all = keys(Pkcs11Uri.parse("pkcs11:"));
        return "token " + token.slot().label() + " has " + (all.isEmpty() ? "no private key" : named(all));
    }

    private static String named(List<ManagedKey> keys) {
        return keys.stream()
                .map(key -> "object=" + key.label() + ";id=" + key.idHex())
                .collect(Collectors.joining(", "));
    }

    /** Ends the login too, if it is this session's: some tokens keep what was not ended. */
    @Override
    public void close() {
        if (loggedIn) {
            session.logout();
        }
        session.close();
    }
}
