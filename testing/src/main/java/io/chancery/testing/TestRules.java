package io.chancery.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * What the tests of a module do not do, seen in their compiled code: they do not sleep, and what is asynchronous is waited
 * for by a VertxTestContext, or by {@link Answers}, which makes one; and each Vertx that they make has limits for its event
 * loops. A module's TestRulesTest looks that all keep to it.
 */
public final class TestRules {
    private static final String CONTEXT = "hand the Future to a VertxTestContext, or to Answers";
    private static final String EVENT = "wait for what is to happen";
    private static final String LIMITS = "have one injected, or made by StrictVertx";
    /** By class and method; with the descriptor where a method of the same name may be called. */
    private static final Map<String, String> INSTEAD = Map.of(
            "io/vertx/core/Vertx.vertx()Lio/vertx/core/Vertx;", LIMITS,
            "io/vertx/core/Future.await", CONTEXT,
            "io/vertx/core/Future.toCompletionStage", CONTEXT,
            "java/lang/Thread.sleep", EVENT,
            "java/util/concurrent/TimeUnit.sleep", EVENT);

    private TestRules() {}

    /** Each call that none of the tests compiled together with this one may make, and what to do instead. */
    public static List<String> brokenBesides(Class<?> test) {
        try {
            Path classes = Path.of(
                    test.getProtectionDomain().getCodeSource().getLocation().toURI());
            List<String> broken = new ArrayList<>();
            try (Stream<Path> files = Files.walk(classes)) {
                for (Path file : files.filter(each -> each.toString().endsWith(".class"))
                        .sorted()
                        .toList()) {
                    ClassReader code = new ClassReader(Files.readAllBytes(file));
                    code.accept(new Finder(code.getClassName(), broken), ClassReader.SKIP_FRAMES);
                }
            }
            return broken;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Finder extends ClassVisitor {
        private final String name;
        private final List<String> broken;

        Finder(String name, List<String> broken) {
            super(Opcodes.ASM9);
            this.name = name;
            this.broken = broken;
        }

        @Override
        public MethodVisitor visitMethod(int access, String method, String type, String generic, String[] exceptions) {
            return new MethodVisitor(Opcodes.ASM9) {
                private int line;

                @Override
                public void visitLineNumber(int number, Label start) {
                    line = number;
                }

                @Override
                public void visitMethodInsn(int opcode, String owner, String called, String to, boolean ofInterface) {
                    look(owner + "." + called, to);
                }

                @Override
                public void visitInvokeDynamicInsn(String called, String to, Handle maker, Object... arguments) {
                    for (Object each : arguments) {
                        if (each instanceof Handle reference) {
                            look(reference.getOwner() + "." + reference.getName(), reference.getDesc());
                        }
                    }
                }

                private void look(String call, String to) {
                    String instead = INSTEAD.getOrDefault(call, INSTEAD.get(call + to));
                    if (instead != null) {
                        broken.add(name + ", line " + line + ", calls " + call + ": " + instead);
                    }
                }
            };
        }
    }
}
