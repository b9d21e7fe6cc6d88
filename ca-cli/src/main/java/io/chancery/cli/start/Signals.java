package io.chancery.cli.start;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SIGHUP and SIGTERM. The JDK's class for signals is not part of what {@code --release} shows, so it is reached by reflection. */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /** From now on SIGHUP runs this, on a thread of its own each time, and no longer ends the process. */
    static void onHangUp(Runnable reaction) {
        on("HUP", reaction);
    }

    /**
     * From now on SIGTERM ends the process with exit code 0, once everything has stopped: who asked for the end gets what
     * was asked for. By itself a JVM says 143, which container platforms show as a failure.
     */
    static void endWellOnTerm() {
        on("TERM", () -> System.exit(0));
    }

    private static void on(String name, Runnable reaction) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            reaction.run();
                        }
                        return null;
                    });
            Object unused = signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException e) {
            LOG.atWarn()
                    .addKeyValue("signal", "SIG" + name)
                    .addKeyValue("reason", e.toString())
                    .log("this JVM does not tell of a signal; it ends the process");
        }
    }
}
