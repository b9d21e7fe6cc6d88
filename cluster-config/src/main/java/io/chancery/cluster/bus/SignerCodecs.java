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
            int start = position + Integer.BYTES;
            return SignerWire.readMessage(buffer, start, start + buffer.getInt(position));
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
            int start = position + Integer.BYTES;
            return SignerWire.readReply(buffer, start, start + buffer.getInt(position));
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
