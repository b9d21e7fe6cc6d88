package io.chancery.conformance;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Somebody who calls the bus port of a node without being a node, and believes that the node is one. */
final class BusCaller {
    static final String STILL_OPEN = "the connection is still open";

    private static final char[] NO_PASSWORD = {};
    private static final int LONGEST_MILLIS = 20_000;
    private static final int PONG = 1;

    private final int port;
    private final SSLContext tls;

    private BusCaller(int port, SSLContext tls) {
        this.port = port;
        this.tls = tls;
    }

    /** One that has no certificate. */
    static BusCaller at(ClusterPki cluster, String node) throws Exception {
        return at(cluster, node, Optional.empty());
    }

    /** One that has a certificate, and the key of the node that is called {@code own}. */
    static BusCaller at(ClusterPki cluster, String node, Path certificate, String own) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        store.setKeyEntry("own", BusCertificates.key(cluster.node(own, "bus.key")), NO_PASSWORD, new Certificate[] {
            ApiClient.certificate(StepPki.text(certificate))
        });
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, NO_PASSWORD);
        return at(cluster, node, Optional.of(keys.getKeyManagers()));
    }

    private static BusCaller at(ClusterPki cluster, String node, Optional<KeyManager[]> shown) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        store.setCertificateEntry("cluster", ApiClient.certificate(StepPki.text(cluster.node(node, "cluster-ca.crt"))));
        TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(store);
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(shown.orElse(new KeyManager[0]), trusted.getTrustManagers(), null);
        return new BusCaller(cluster.busPort(node), tls);
    }

    private SSLSocket connect() throws IOException {
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(LONGEST_MILLIS);
        socket.setEnabledProtocols(new String[] {"TLSv1.3"});
        return socket;
    }

    /** Says hello and no more: the alert that ends it. */
    String hello() throws IOException {
        try (SSLSocket socket = connect()) {
            // In TLS 1.3 this side is done before the other has looked at the certificate.
            socket.startHandshake();
            return "ended with " + socket.getInputStream().read();
        } catch (SSLException e) {
            return String.valueOf(e.getMessage());
        } catch (SocketTimeoutException e) {
            return STILL_OPEN;
        }
    }

    /** Says hello, and what a node of the bus says to see whether another one is there: whether that is answered. */
    boolean isAnswered() throws IOException {
        try (SSLSocket socket = connect()) {
            socket.startHandshake();
            socket.getOutputStream().write(ping());
            socket.getOutputStream().flush();
            return socket.getInputStream().read() == PONG;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("neither answered nor closed within " + LONGEST_MILLIS + " ms", e);
        } catch (IOException e) {
            return false; // closed, by an alert or while this side was still writing
        }
    }

    /** A frame of the wire protocol of Vert.x's event bus. */
    private static byte[] ping() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream message = new DataOutputStream(bytes);
        message.writeByte(2); // version of the protocol
        message.writeByte(1); // codec of pings
        message.writeByte(0); // to one, not to all
        string(message, "__vertx_ping");
        message.writeInt(0); // no address for replies: the answer comes on this connection
        string(message, "caller");
        message.writeInt(4); // headers, none but this length
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        new DataOutputStream(frame).writeInt(bytes.size());
        bytes.writeTo(frame);
        return frame.toByteArray();
    }

    private static void string(DataOutputStream to, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        to.writeInt(bytes.length);
        to.write(bytes);
    }
}
