package io.chancery.cluster.bus;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.vertx.core.buffer.Buffer;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * The bytes of the signer's messages: a version octet, a type octet, then the fields. Nodes of neighbouring versions
 * must understand each other, so a change here is a new version; golden bytes in the tests hold it still.
 */
final class SignerWire {
    static final int VERSION = 1;
    /** Largest to-be-signed certificate, in octets. */
    static final int MAX_TBS = 128 * 1024;

    private static final int MAX_SHORT = 512;
    private static final int MAX_SIGNATURE = 4 * 1024;

    private static final int SIGN_CERTIFICATE = 1;
    private static final int PROBE = 2;
    private static final int SIGN_CRL = 3;
    private static final int SIGNED = 16;
    private static final int DECLINED = 17;
    private static final int REFUSED = 18;
    private static final int STATE = 19;

    private SignerWire() {}

    static void write(Buffer to, SignerMessage message) {
        WireWriter out = new WireWriter(to).octet(VERSION);
        if (message instanceof SignCertificate sign) {
            out.octet(SIGN_CERTIFICATE)
                    .octets(sign.serial().value().toByteArray())
                    .text(sign.keyId().value())
                    .number(sign.millisLeft())
                    .octets(sign.tbs().bytes())
                    .octets(sign.issuerHash().value())
                    .octets(sign.rulesHash().value())
                    .text(sign.callerNode().value());
        } else if (message instanceof SignCrl list) {
            out.octet(SIGN_CRL)
                    .octets(list.number().toByteArray())
                    .text(list.keyId().value())
                    .number(list.millisLeft())
                    .octets(list.tbs().bytes())
                    .octets(list.issuerHash().value())
                    .text(list.callerNode().value());
        } else if (message instanceof SignerProbe probe) {
            out.octet(PROBE)
                    .text(probe.keyId().value())
                    .number(probe.maxAgeMillis())
                    .text(probe.callerNode().value());
        }
    }

    /** IllegalArgumentException when the bytes are no such message, whole and alone. */
    static SignerMessage readMessage(Buffer from, int start, int end) {
        WireReader in = versioned(from, start, end);
        int type = in.octet();
        SignerMessage message;
        if (type == SIGN_CERTIFICATE) {
            message = new SignCertificate(
                    new SerialNumber(new BigInteger(nonEmpty(in.octets(32)))),
                    new KeyId(in.text(MAX_SHORT)),
                    in.number(),
                    Der.of(in.octets(MAX_TBS)),
                    Sha256.ofValue(in.octets(32)),
                    Sha256.ofValue(in.octets(32)),
                    new NodeId(in.text(MAX_SHORT)));
        } else if (type == SIGN_CRL) {
            message = new SignCrl(
                    new BigInteger(nonEmpty(in.octets(32))),
                    new KeyId(in.text(MAX_SHORT)),
                    in.number(),
                    Der.of(in.octets(SignCrl.MAX_TBS)),
                    Sha256.ofValue(in.octets(32)),
                    new NodeId(in.text(MAX_SHORT)));
        } else if (type == PROBE) {
            message = new SignerProbe(new KeyId(in.text(MAX_SHORT)), in.number(), new NodeId(in.text(MAX_SHORT)));
        } else {
            throw new IllegalArgumentException("a request of unknown type " + type);
        }
        in.end();
        return message;
    }

    static void write(Buffer to, SignReply reply) {
        WireWriter out = new WireWriter(to).octet(VERSION);
        if (reply instanceof SignReply.Signed signed) {
            out.octet(SIGNED)
                    .octets(signed.signature().bytes())
                    .octets(signed.rulesHash().value());
        } else if (reply instanceof SignReply.Declined declined) {
            out.octet(DECLINED).octet(declined.reason().wireCode()).text(shortened(declined.detail()));
        } else if (reply instanceof SignReply.Refused refused) {
            out.octet(REFUSED).text(shortened(refused.rule())).text(shortened(refused.detail()));
        } else if (reply instanceof SignReply.State state) {
            out.octet(STATE)
                    .octet(state.canSign() ? 1 : 0)
                    .octets(state.issuerHash().value())
                    .octets(state.rulesHash().value())
                    .text(shortened(state.detail()));
        }
    }

    /** IllegalArgumentException when the bytes are no such reply, whole and alone. */
    static SignReply readReply(Buffer from, int start, int end) {
        WireReader in = versioned(from, start, end);
        int type = in.octet();
        SignReply reply = switch (type) {
            case SIGNED -> new SignReply.Signed(Der.of(in.octets(MAX_SIGNATURE)), Sha256.ofValue(in.octets(32)));
            case DECLINED -> new SignReply.Declined(reason(in.octet()), in.text(MAX_SHORT));
            case REFUSED -> new SignReply.Refused(in.text(MAX_SHORT), in.text(MAX_SHORT));
            case STATE ->
                new SignReply.State(
                        flag(in.octet()),
                        Sha256.ofValue(in.octets(32)),
                        Sha256.ofValue(in.octets(32)),
                        in.text(MAX_SHORT));
            default -> throw new IllegalArgumentException("a reply of unknown type " + type);
        };
        in.end();
        return reply;
    }

    private static WireReader versioned(Buffer from, int start, int end) {
        WireReader in = new WireReader(from, start, end);
        int version = in.octet();
        if (version != VERSION) {
            throw new IllegalArgumentException("a message of version " + version + "; this node speaks " + VERSION);
        }
        return in;
    }

    private static SignReply.Reason reason(int code) {
        return Arrays.stream(SignReply.Reason.values())
                .filter(r -> r.wireCode() == code)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("an unknown reason " + code));
    }

    private static boolean flag(int octet) {
        if (octet > 1) {
            throw new IllegalArgumentException("a flag that is neither 0 nor 1");
        }
        return octet == 1;
    }

    private static byte[] nonEmpty(byte[] octets) {
        if (octets.length == 0) {
            throw new IllegalArgumentException("an empty number");
        }
        return octets;
    }

    /** Details are for logs; they never make a message too long to read. */
    private static String shortened(String text) {
        return text.length() > 120 ? text.substring(0, 119) + "…" : text;
    }
}
