package io.chancery.cluster.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;

/** Registers the codecs of the signer's messages. Between verticles of one process the immutable message itself is passed. */
public final class SignerCodecs {
    private SignerCodecs() {}

    /** To be called once for each event bus, before the first message. */
    public static void register(EventBus bus) {
        bus.registerDefaultCodec(SignCertificate.class, new MessageOf<SignCertificate>("chancery.sign-certificate"));
        bus.registerDefaultCodec(SignCrl.class, new MessageOf<SignCrl>("chancery.sign-crl"));
        bus.registerDefaultCodec(SignerProbe.class, new MessageOf<SignerProbe>("chancery.signer-probe"));
        bus.registerDefaultCodec(SignReply.Signed.class, new ReplyOf<SignReply.Signed>("chancery.signed"));
        bus.registerDefaultCodec(SignReply.Declined.class, new ReplyOf<SignReply.Declined>("chancery.declined"));
        bus.registerDefaultCodec(SignReply.Refused.class, new ReplyOf<SignReply.Refused>("chancery.refused"));
        bus.registerDefaultCodec(SignReply.State.class, new ReplyOf<SignReply.State>("chancery.state"));
    }

    /** IllegalArgumentException when what stands there is not a length and, so long, a message, whole and alone. */
    static SignerMessage readMessage(int position, Buffer buffer) {
        return SignerWire.readMessage(buffer, position + Integer.BYTES, end(position, buffer));
    }

    /** As {@link #readMessage}, of a reply. */
    static SignReply readReply(int position, Buffer buffer) {
        return SignerWire.readReply(buffer, position + Integer.BYTES, end(position, buffer));
    }

    private static int end(int position, Buffer buffer) {
        if (buffer.length() - position < Integer.BYTES) {
            throw new IllegalArgumentException("a message that is cut off");
        }
        return position + Integer.BYTES + buffer.getInt(position);
    }

    private static final class MessageOf<T extends SignerMessage> implements MessageCodec<T, SignerMessage> {
        private final String name;

        MessageOf(String name) {
            this.name = name;
        }

        @Override
        public void encodeToWire(Buffer buffer, T message) {
            Buffer body = Buffer.buffer();
            SignerWire.write(body, message);
            buffer.appendInt(body.length()).appendBuffer(body);
        }

        @Override
        public SignerMessage decodeFromWire(int position, Buffer buffer) {
            return readMessage(position, buffer);
        }

        @Override
        public SignerMessage transform(T message) {
            return message;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }

    private static final class ReplyOf<T extends SignReply> implements MessageCodec<T, SignReply> {
        private final String name;

        ReplyOf(String name) {
            this.name = name;
        }

        @Override
        public void encodeToWire(Buffer buffer, T reply) {
            Buffer body = Buffer.buffer();
            SignerWire.write(body, reply);
            buffer.appendInt(body.length()).appendBuffer(body);
        }

        @Override
        public SignReply decodeFromWire(int position, Buffer buffer) {
            return readReply(position, buffer);
        }

        @Override
        public SignReply transform(T reply) {
            return reply;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }
}
