package io.chancery.node.http;

import io.netty.channel.Channel;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's TLS, which hangs up on clients that have shaken hands and do not begin to speak HTTP. Vert.x tells of an HTTP/2
 * connection when the first frame of its client is whole (RFC 9113 s. 3.4), so until then the connection watch cannot know it.
 */
final class PromptTls extends JdkSSLEngineOptions {
    private static final AttributeKey<Beginning> BEGINNING = AttributeKey.valueOf(PromptTls.class, "beginning");

    private final Duration patience;

    /** @param patience from the end of the handshake to {@link #begun} */
    PromptTls(Duration patience) {
        this.patience = patience;
    }

    private PromptTls(PromptTls other) {
        super(other);
        this.patience = other.patience;
    }

    @Override
    public PromptTls copy() {
        return new PromptTls(this);
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new DefaultSslContextFactory(SslProvider.JDK, false) {
            @Override
            public SslContext create() throws SSLException {
                return new Timed(super.create(), patience);
            }
        };
    }

    /** From here on somebody else looks after this connection. On its event loop. */
    static void begun(Channel channel) {
        of(channel).over();
    }

    private static Beginning of(Channel channel) {
        Beginning fresh = new Beginning();
        Beginning known = channel.attr(BEGINNING).setIfAbsent(fresh);
        return known == null ? fresh : known;
    }

    private static final class Timed extends DelegatingSslContext {
        private final Duration patience;

        Timed(SslContext context, Duration patience) {
            super(context);
            this.patience = patience;
        }

        @Override
        protected void initEngine(SSLEngine engine) {}

        @Override
        protected void initHandler(SslHandler tls) {
            var unused = tls.handshakeFuture().addListener(done -> {
                if (done.isSuccess()) {
                    Channel channel = (Channel) done.getNow();
                    of(channel).within(patience, channel);
                }
            });
        }
    }

    /** Of one connection, on its event loop. Which of the two comes first is Netty's affair. */
    private static final class Beginning {
        private boolean over;
        private @Nullable ScheduledFuture<?> end;

        void within(Duration patience, Channel channel) {
            if (!over) {
                end = channel.eventLoop()
                        .schedule(
                                () -> {
                                    var unused = channel.close();
                                },
                                patience.toMillis(),
                                TimeUnit.MILLISECONDS);
                // A timer would keep what belongs to a connection that is gone.
                var unused = channel.closeFuture().addListener(gone -> over());
            }
        }

        void over() {
            over = true;
            if (end != null) {
                boolean unused = end.cancel(false);
            }
        }
    }
}
