package io.chancery.softhsm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class a {@link SoftHsmToken} of its own, as a parameter of its methods, and a {@link Pkcs11Shim} around it:
 * one for the class where a method of the class has asked for it first, else one for each test. A missing SoftHSM fails the
 * class. Where SOFTHSM2_CONF is set, the JVM is for one such class alone (surefire: reuseForks false), because a
 * loaded library keeps the token directory it began with.
 */
public final class SoftHsmExtension implements BeforeAllCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(SoftHsmExtension.class);
    private static final AtomicReference<@Nullable Class<?>> OWNER = new AtomicReference<>();

    @Override
    public void beforeAll(ExtensionContext context) {
        // Nested classes share the token of the class around them.
        if (context.getStore(NAMESPACE).get(SoftHsmToken.class) != null) {
            return;
        }
        Class<?> testClass = context.getRequiredTestClass();
        if (System.getenv("SOFTHSM2_CONF") != null
                && !OWNER.compareAndSet(null, testClass)
                && OWNER.get() != testClass) {
            throw new IllegalStateException("this JVM's SoftHSM belongs to " + OWNER.get()
                    + ": give each class that uses it a JVM of its own (reuseForks=false)");
        }
        context.getStore(NAMESPACE).put(SoftHsmToken.class, new Owned(SoftHsmToken.create(label(testClass))));
    }

    /** A label has at most 32 octets. */
    private static String label(Class<?> testClass) {
        String name = "test-" + testClass.getSimpleName();
        return name.substring(0, Math.min(32, name.length()));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == SoftHsmToken.class || type == Pkcs11Shim.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        SoftHsmToken token = Objects.requireNonNull(
                        store.get(SoftHsmToken.class, Owned.class), "beforeAll makes the token")
                .token();
        // Closed when what asked is over, the class or the test.
        return parameter.getParameter().getType() == SoftHsmToken.class
                ? token
                : store.getOrComputeIfAbsent(Pkcs11Shim.class, type -> shim(token), Pkcs11Shim.class);
    }

    private static Pkcs11Shim shim(SoftHsmToken token) {
        try {
            return Pkcs11Shim.around(token.modulePath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes the token when the class is done. */
    private record Owned(SoftHsmToken token) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            token.close();
        }
    }
}
