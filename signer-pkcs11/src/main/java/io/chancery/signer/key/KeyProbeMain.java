package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.secret.Secret;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A process that opens a key, signs once, and says by its exit code whether it could. Before it logs in it asks whoever has
 * started it for a turn at the token. Why it could not goes out as one line with {@link #MARK}. Ends within twenty seconds.
 */
final class KeyProbeMain {
    static final int SIGNED = 0;
    private static final int NOT_SIGNED = 1;
    /** It had not come to an answer. */
    static final int TOO_LATE = 3;
    /** Before why it could not sign. */
    static final String MARK = "chancery-not-signed ";
    /** A Java that has just started is slow, and slower yet on the machine of a signer that is in trouble. */
    static final long LONGEST_SECONDS = 20;

    private static final int LONGEST_REASON = 500;

    private KeyProbeMain() {}

    public static void main(String[] args) {
        Thread limit = new Thread(KeyProbeMain::endInTime, "limit");
        limit.setDaemon(true);
        limit.start();
        int code = NOT_SIGNED;
        try (SigningKey key = open(new DataInputStream(System.in))) {
            code = key.status().canSign() ? SIGNED : NOT_SIGNED;
        } catch (IOException | CertificateException | RuntimeException e) {
            say(e);
        }
        Runtime.getRuntime().halt(code); // a library that hangs must not hold up the end
    }

    private static void endInTime() {
        try {
            boolean unused = new CountDownLatch(1).await(LONGEST_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(TOO_LATE);
    }

    /** The key's own failures are worded for logs; of others the kind must do, as their words may be of anything. */
    private static void say(Exception failure) {
        String reason = failure instanceof SigningKeyException
                ? String.valueOf(failure.getMessage())
                : failure.getClass().getName();
        String line =
                reason.substring(0, Math.min(reason.length(), LONGEST_REASON)).replaceAll("[^ -~]", "?");
        System.out.print("\n" + MARK + line + "\n");
        System.out.flush();
    }

    private static SigningKey open(DataInputStream in) throws IOException, CertificateException {
        Question question = read(in);
        RefusedPins refused = RefusedPins.in(question.folder(), new SecureRandom());
        return SigningKeys.openOnce(question.settings(), PinGate.ofService(refused, new AskedTurns(in, System.out)));
    }

    /** Which key is to be opened, and where it stands which PINs were refused. */
    record Question(KeySettings settings, Path folder) {}

    /** What {@link #request} has written. */
    static Question read(DataInputStream in) throws IOException, CertificateException {
        String reference = in.readUTF();
        Optional<String> kmsUri = text(in);
        Path folder = Path.of(in.readUTF());
        IssuerCertificate issuer = IssuerCertificate.of((X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(in.readNBytes(in.readInt()))))
                .withScheme(SignatureScheme.valueOf(in.readUTF()));
        return new Question(new KeySettings(reference, kmsUri, pin(in), Optional.empty(), issuer, 1), folder);
    }

    private static Optional<Secret> pin(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return Optional.empty();
        }
        byte[] octets = new byte[length];
        in.readFully(octets);
        return Optional.of(Secret.ofUtf8(octets));
    }

    private static Optional<String> text(DataInputStream in) throws IOException {
        return in.readBoolean() ? Optional.of(in.readUTF()) : Optional.empty();
    }

    /** What {@link #main} reads from its input; the PIN is in it, at its end, and the caller wipes it. */
    static byte[] request(KeySettings settings, Path folder) {
        byte[] pin = settings.kmsPin().map(Secret::utf8).orElseGet(() -> new byte[0]);
        byte[] rest = withoutPin(settings, folder);
        // In an array of its own: a stream leaves copies behind as it grows.
        ByteBuffer request = ByteBuffer.allocate(rest.length + Integer.BYTES + pin.length);
        request.put(rest)
                .putInt(settings.kmsPin().isPresent() ? pin.length : -1)
                .put(pin);
        Arrays.fill(pin, (byte) 0);
        return request.array();
    }

    private static byte[] withoutPin(KeySettings settings, Path folder) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeUTF(settings.reference());
            write(out, settings.kmsUri());
            out.writeUTF(folder.toAbsolutePath().toString());
            byte[] certificate = settings.issuer().certificate().getEncoded();
            out.writeInt(certificate.length);
            out.write(certificate);
            out.writeUTF(settings.issuer().scheme().name());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Optional<String> text) throws IOException {
        out.writeBoolean(text.isPresent());
        if (text.isPresent()) {
            out.writeUTF(text.get());
        }
    }
}
